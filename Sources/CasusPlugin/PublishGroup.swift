import Synchronization

/// What became of some events of a call in a row.
package struct PublishRun: Sendable {
  package enum Fate: Sendable {
    /// All are kept, from this sequence on without a gap.
    case accepted(first: UInt64, durability: String)
    /// Of a single one.
    case outcome(PublishOutcome)
  }

  /// Their places in the call.
  package var places: Range<Int>
  package var fate: Fate
}

/// The events of one `publish` call on their way, and the task that waits for what becomes of them. Thread-safe.
package final class PublishGroup: Sendable {
  private struct State {
    var runs: [PublishRun] = []
    var missing: Int
    /// Numbers in the outbox file, in runs without a gap, in order of their places.
    var numbers: [(places: Range<Int>, first: UInt64)] = []

    func numbers(of places: Range<Int>) -> [Range<UInt64>] {
      var low = 0
      var high = numbers.count
      while low < high {
        let middle = (low + high) / 2
        if numbers[middle].places.upperBound <= places.lowerBound { low = middle + 1 } else { high = middle }
      }
      return numbers[low...].prefix { $0.places.lowerBound < places.upperBound }.map { run in
        let part = run.places.clamped(to: places)
        let first = run.first + UInt64(part.lowerBound - run.places.lowerBound)
        return first..<first + UInt64(part.count)
      }
    }
  }

  private let count: Int
  private let state: Mutex<State>
  private let promise = Promise<[PublishRun]>()
  private let file: OutboxFile?
  private let whenSettled: (@Sendable () -> Void)?

  /// - Parameters:
  ///   - file: where the events stand until they are settled; nil: in memory alone.
  ///   - whenSettled: called once `result` is there, on the connection's thread; it must not block.
  init(count: Int, file: OutboxFile? = nil, whenSettled: (@Sendable () -> Void)? = nil) {
    self.count = count
    self.file = file
    self.whenSettled = whenSettled
    state = Mutex(State(missing: count))
    if count == 0 { promise.fulfill([]) }
  }

  /// The events from `index` on stand in the file under these numbers; called in order of the places.
  func keep(from index: Int, _ numbers: Range<UInt64>) {
    state.withLock { state in
      let end = index + numbers.count
      if let last = state.numbers.last, last.first + UInt64(last.places.count) == numbers.lowerBound {
        state.numbers[state.numbers.count - 1].places = last.places.lowerBound..<end
      } else {
        state.numbers.append((index..<end, numbers.lowerBound))
      }
    }
  }

  /// The connection's thread says what became of some; it says so once of each.
  func settle(_ places: Range<Int>, _ fate: PublishRun.Fate) {
    let (numbers, runs) = state.withLock { state -> ([Range<UInt64>], [PublishRun]?) in
      state.missing -= places.count
      precondition(state.missing >= 0, "an event was settled twice")
      state.runs.append(PublishRun(places: places, fate: fate))
      let numbers = state.numbers(of: places)
      guard state.missing == 0 else { return (numbers, nil) }
      return (numbers, state.runs.sorted { $0.places.lowerBound < $1.places.lowerBound })
    }
    for numbers in numbers { file?.settle(numbers) }
    if let runs {
      promise.fulfill(runs)
      whenSettled?()
    }
  }

  /// Nothing more will be heard.
  func fail(_ error: BusError) {
    promise.fail(error)
    whenSettled?()
  }

  /// Waits until every event was accepted or refused. A cancelled task goes on at once with `CancellationError`; the
  /// events stay on their way.
  package func outcomes() async throws -> [PublishOutcome] {
    var outcomes: [PublishOutcome] = []
    outcomes.reserveCapacity(count)
    for run in try await fates() {
      switch run.fate {
      case .outcome(let outcome): outcomes.append(outcome)
      case .accepted(let first, let durability):
        for place in 0..<UInt64(run.places.count) {
          outcomes.append(.accepted(sequence: first + place, duplicate: false, durability: durability))
        }
      }
    }
    return outcomes
  }

  /// What became of all, without waiting; nil as long as something is missing.
  package var result: Result<[PublishRun], BusError>? { promise.result }

  /// The same without an entry for each event.
  package func fates() async throws -> [PublishRun] { try await promise.value() }
}
