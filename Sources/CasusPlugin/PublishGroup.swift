import Synchronization

/// The events of one `publish` call on their way, and the task that waits for what becomes of them. Thread-safe.
package final class PublishGroup: Sendable {
  private struct State {
    var outcomes: [PublishOutcome?]
    var missing: Int
    /// Places in the outbox file, by index.
    var numbers: [Int: UInt64] = [:]
  }

  private let state: Mutex<State>
  private let promise = Promise<[PublishOutcome]>()
  private let file: OutboxFile?

  /// - Parameter file: where the events stand until they are settled; nil: in memory alone.
  init(count: Int, file: OutboxFile? = nil) {
    self.file = file
    state = Mutex(State(outcomes: Array(repeating: nil, count: count), missing: count))
    if count == 0 { promise.fulfill([]) }
  }

  /// The events from `index` on stand in the file under these numbers.
  func keep(from index: Int, _ numbers: some Collection<UInt64>) {
    state.withLock { state in
      for (place, number) in numbers.enumerated() { state.numbers[index + place] = number }
    }
  }

  /// The connection's thread says what became of one; a second word on the same event is passed over.
  func settle(_ index: Int, _ outcome: PublishOutcome) {
    let (number, all) = state.withLock { state -> (UInt64?, [PublishOutcome]?) in
      guard state.outcomes[index] == nil else { return (nil, nil) }
      state.outcomes[index] = outcome
      state.missing -= 1
      return (state.numbers[index], state.missing == 0 ? state.outcomes.compactMap { $0 } : nil)
    }
    if let number { file?.settle(number) }
    if let all { promise.fulfill(all) }
  }

  /// Nothing more will be heard.
  func fail(_ error: BusError) { promise.fail(error) }

  /// Waits until every event was accepted or refused. A cancelled task goes on at once with `CancellationError`; the
  /// events stay on their way.
  package func outcomes() async throws -> [PublishOutcome] { try await promise.value() }
}
