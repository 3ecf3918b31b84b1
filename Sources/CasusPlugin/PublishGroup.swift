import Synchronization

/// The events of one `publish` call on their way, and the task that waits for what becomes of them. Thread-safe.
package final class PublishGroup: Sendable {
  private struct State {
    var outcomes: [PublishOutcome?]
    var missing: Int
  }

  private let state: Mutex<State>
  private let promise = Promise<[PublishOutcome]>()

  init(count: Int) {
    state = Mutex(State(outcomes: Array(repeating: nil, count: count), missing: count))
    if count == 0 { promise.fulfill([]) }
  }

  /// The connection's thread says what became of one; a second word on the same event is passed over.
  func settle(_ index: Int, _ outcome: PublishOutcome) {
    let all = state.withLock { state -> [PublishOutcome]? in
      guard state.outcomes[index] == nil else { return nil }
      state.outcomes[index] = outcome
      state.missing -= 1
      return state.missing == 0 ? state.outcomes.compactMap { $0 } : nil
    }
    if let all { promise.fulfill(all) }
  }

  /// Nothing more will be heard.
  func fail(_ error: BusError) { promise.fail(error) }

  /// Waits until every event was accepted or refused. A cancelled task goes on at once with `CancellationError`; the
  /// events stay on their way.
  package func outcomes() async throws -> [PublishOutcome] { try await promise.value() }
}
