internal import Synchronization

/// One thread that does jobs in the order given, for what blocks; a job must not wait for who gave it. Thread-safe.
public final class Worker: Sendable {
  private final class Queue: Sendable {
    struct State {
      var jobs: [@Sendable () -> Void] = []
      var isStopping = false
    }

    let state = Mutex(State())
    let bell = Semaphore()

    func run() {
      while true {
        bell.wait()
        let (jobs, stop) = state.withLock { state in
          defer { state.jobs = [] }
          return (state.jobs, state.isStopping)
        }
        for job in jobs { job() }
        if stop { return }
      }
    }
  }

  private let queue: Queue
  private let thread: OwnedThread

  /// - Parameter name: as `OwnedThread` shows it.
  public init(name: String) throws(SystemError) {
    let queue = Queue()
    self.queue = queue
    thread = try OwnedThread(name: name) { queue.run() }
  }

  public func add(_ job: @escaping @Sendable () -> Void) {
    queue.state.withLock { $0.jobs.append(job) }
    queue.bell.signal()
  }

  /// Waits until every job is done and the thread has ended.
  public func stop() {
    queue.state.withLock { $0.isStopping = true }
    queue.bell.signal()
    thread.join()
  }
}
