import Synchronization

/// A value that a thread will give and tasks wait for. The first word counts. Thread-safe.
final class Promise<Value: Sendable>: Sendable {
  private struct State {
    var result: Result<Value, BusError>?
    var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
    var nextWaiter: UInt64 = 0
  }

  private let state = Mutex(State())

  func fulfill(_ value: Value) { settle(.success(value)) }

  func fail(_ error: BusError) { settle(.failure(error)) }

  private func settle(_ result: Result<Value, BusError>) {
    let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
      guard state.result == nil else { return [] }
      state.result = result
      defer { state.waiters = [:] }
      return Array(state.waiters.values)
    }
    for waiter in waiters { waiter.resume() }
  }

  /// What was given; nil as long as nothing was.
  var result: Result<Value, BusError>? { state.withLock { $0.result } }

  /// Waits for the value. A cancelled task goes on at once with `CancellationError`.
  func value() async throws -> Value {
    let ticket = state.withLock { state in
      state.nextWaiter += 1
      return state.nextWaiter
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { waiter in
        let isReady = state.withLock { state in
          guard state.result == nil, !Task.isCancelled else { return true }
          state.waiters[ticket] = waiter
          return false
        }
        if isReady { waiter.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiters.removeValue(forKey: ticket) }?.resume()
    }
    guard let result else { throw CancellationError() }
    return try result.get()
  }
}
