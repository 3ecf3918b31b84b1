internal import Synchronization
internal import SystemFiles

/// Asks the journal's disk how much room it has, on a thread of its own: a file server or a disk that hangs answers when it likes, and
/// nobody is served while the socket's thread waits for it. That thread asks for a look each second, and says what was found last.
/// Thread-safe.
final class DiskWatch: Sendable {
  /// What is known; times are steady.
  struct State: Sendable, Equatable {
    var space: Files.Space?
    /// When that was found.
    var found: Int64
    /// Since when the disk is asked and has not answered; nil while nobody waits for it.
    var askedSince: Int64?
  }

  private let shared: Mutex<State>
  private let probe: @Sendable () -> Files.Space?
  private let clock: @Sendable () -> Int64
  private let worker: Worker

  /// Asks once and waits for the answer: before anybody is served.
  ///
  /// - Parameter probe: asks the disk; it may block.
  init(
    clock: @escaping @Sendable () -> Int64 = { SystemClock.steady() }, _ probe: @escaping @Sendable () -> Files.Space?
  ) throws(SystemError) {
    shared = Mutex(State(space: probe(), found: clock()))
    self.probe = probe
    self.clock = clock
    worker = try Worker(name: "disk")
  }

  var state: State { shared.withLock { $0 } }

  /// Has the disk asked, unless it has still to answer.
  func look() {
    let now = clock()
    let begins = shared.withLock { state in
      guard state.askedSince == nil else { return false }
      state.askedSince = now
      return true
    }
    guard begins else { return }
    worker.add { [self] in
      let space = probe()
      let now = clock()
      shared.withLock { $0 = State(space: space, found: now) }
    }
  }

  /// Nothing is asked any more. A disk that does not answer is not waited for: the process may end beside it.
  func stop() { if state.askedSince == nil { worker.stop() } }
}
