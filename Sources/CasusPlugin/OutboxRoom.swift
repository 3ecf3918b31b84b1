import DequeModule
import Synchronization

/// The bound of what may wait for the broker's acknowledgement. Publishers take room in the order they came. Thread-safe.
final class OutboxRoom: Sendable {
  private struct Waiter {
    var ticket: UInt64
    var events: Int
    var bytes: Int
    var continuation: CheckedContinuation<Void, any Error>
  }

  private struct State {
    var events = 0
    var bytes = 0
    var waiters: Deque<Waiter> = []
    var nextTicket: UInt64 = 0
    var closed: BusError?
  }

  let mostEvents: Int
  let mostBytes: Int
  private let state = Mutex(State())

  init(events: Int, bytes: Int) {
    mostEvents = max(1, events)
    mostBytes = max(1, bytes)
  }

  /// Waits for room. More than the whole outbox gets in when it is empty, or it never would.
  func take(events: Int, bytes: Int) async throws {
    let ticket = state.withLock { state in
      state.nextTicket += 1
      return state.nextTicket
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        let result: Result<Void, any Error>? = state.withLock { state in
          if let error = state.closed { return .failure(error) }
          if Task.isCancelled { return .failure(CancellationError()) }
          if state.waiters.isEmpty, fits(state, events, bytes) {
            state.events += events
            state.bytes += bytes
            return .success(())
          }
          state.waiters.append(Waiter(ticket: ticket, events: events, bytes: bytes, continuation: continuation))
          return nil
        }
        if let result { continuation.resume(with: result) }
      }
    } onCancel: {
      let waiter = state.withLock { state in
        state.waiters.firstIndex { $0.ticket == ticket }.map { state.waiters.remove(at: $0) }
      }
      waiter?.continuation.resume(throwing: CancellationError())
      // Whoever stood behind it may fit where it did not.
      give(events: 0, bytes: 0)
    }
  }

  /// Takes room for what is in the outbox already, whether there is any or not.
  func occupy(events: Int, bytes: Int) {
    state.withLock { state in
      state.events += events
      state.bytes += bytes
    }
  }

  /// Gives room back, and lets in who fits now.
  func give(events: Int, bytes: Int) {
    var entering: [Waiter] = []
    state.withLock { state in
      state.events -= events
      state.bytes -= bytes
      while let first = state.waiters.first, fits(state, first.events, first.bytes) {
        state.events += first.events
        state.bytes += first.bytes
        entering.append(state.waiters.removeFirst())
      }
    }
    for waiter in entering { waiter.continuation.resume() }
  }

  /// Lets nobody in any more.
  func close(_ error: BusError) {
    let waiters = state.withLock { state in
      state.closed = error
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.continuation.resume(throwing: error) }
  }

  private func fits(_ state: borrowing State, _ events: Int, _ bytes: Int) -> Bool {
    state.events == 0 || state.events + events <= mostEvents && state.bytes + bytes <= mostBytes
  }
}
