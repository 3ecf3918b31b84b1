internal import Synchronization
internal import ZeroMQ

/// What the worker threads tell the loop; each message rings the loop's bell.
final class Mailbox<Message: Sendable>: Sendable {
  private let messages = Mutex<[Message]>([])
  private let isFilled = Atomic(false)
  private let bell: WakeUp

  init(bell: WakeUp) { self.bell = bell }

  func post(_ message: Message) {
    messages.withLock {
      $0.append(message)
      isFilled.store(true, ordering: .releasing)
    }
    bell.ring()
  }

  /// Whether there is something to take; costs one load.
  var hasNews: Bool { isFilled.load(ordering: .acquiring) }

  /// Waits until there is something to take.
  func wait() {
    var poller = Poller()
    poller.add(fileDescriptor: bell.fileDescriptor)
    while messages.withLock({ $0.isEmpty }) {
      // Only a broken poll fails, and then the bound is short.
      _ = try? poller.wait(for: .milliseconds(100))
      bell.clear()
    }
  }

  func take() -> [Message] {
    messages.withLock { messages in
      guard !messages.isEmpty else { return [] }
      defer { messages = [] }
      isFilled.store(false, ordering: .releasing)
      return messages
    }
  }
}

/// One thread that does jobs in the order given; jobs must not wait for the loop.
final class Worker: Sendable {
  private struct State {
    var jobs: [@Sendable () -> Void] = []
    var isStopping = false
  }

  private let state = Mutex(State())
  private let bell: Semaphore
  private let thread: OwnedThread

  init(name: String) throws(ZeroMQError) {
    let bell = Semaphore()
    self.bell = bell
    let box = WorkerBox()
    thread = try OwnedThread(name: name) {
      while true {
        bell.wait()
        guard let worker = box.worker.withLock({ $0 }) else { return }
        let (jobs, stop) = worker.state.withLock { state in
          defer { state.jobs = [] }
          return (state.jobs, state.isStopping)
        }
        for job in jobs { job() }
        if stop { return }
      }
    }
    box.worker.withLock { $0 = self }
  }

  func add(_ job: @escaping @Sendable () -> Void) {
    state.withLock { $0.jobs.append(job) }
    bell.signal()
  }

  /// Waits until every job is done and the thread has ended.
  func stop() {
    state.withLock { $0.isStopping = true }
    bell.signal()
    thread.join()
  }
}

/// Lets the thread find its worker, which does not exist yet when the thread is made.
private final class WorkerBox: Sendable {
  let worker = Mutex<Worker?>(nil)
}
