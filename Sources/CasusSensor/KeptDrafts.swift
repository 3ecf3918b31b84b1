public import CasusEvents
public import CasusPlugin
import Synchronization

/// Drafts that stand in the outbox file: gathers the broker's answers as they come, for the sensor to count. Thread-safe.
public final class KeptDrafts: Sendable {
  private struct State {
    var answers: [(id: String?, answer: SensorAnswer)] = []
    var waiting = 0
  }

  private let state = Mutex(State())

  public init() {}

  /// What an earlier run left in the outbox.
  public func recover(on bus: Bus) {
    let ids = bus.leftIDs
    state.withLock { $0.waiting += 1 }
    Task {
      let outcomes = try? await bus.recovered()
      settle(outcomes.map { zip(ids, $0.map { SensorAnswer($0) }).map { ($0, $1) } } ?? [])
    }
  }

  /// Hands drafts over; returns when they are in the file.
  public func publish(_ drafts: [Draft], on bus: Bus) async throws -> [SensorAnswer] {
    let kept = try await bus.keep(drafts)
    let ids = drafts.map(\.id)
    state.withLock { $0.waiting += 1 }
    Task {
      // Without an answer they stay in the file, for the next run.
      let outcomes = try? await kept.outcomes()
      settle(outcomes.map { zip(ids, $0.map { SensorAnswer($0) }).map { ($0, $1) } } ?? [])
    }
    return drafts.map { _ in .kept }
  }

  private func settle(_ answers: [(String?, SensorAnswer)]) {
    state.withLock { state in
      state.answers += answers.map { (id: $0.0, answer: $0.1) }
      state.waiting -= 1
    }
  }

  /// The answers since the last call.
  public func take() -> [(id: String?, answer: SensorAnswer)] {
    state.withLock { state in
      defer { state.answers = [] }
      return state.answers
    }
  }

  public var isWaiting: Bool { state.withLock { $0.waiting > 0 } }
}

extension SensorAnswer {
  public init(_ outcome: PublishOutcome) {
    switch outcome {
    case .accepted(_, let duplicate, _): self = duplicate ? .duplicate : .accepted
    case .refused(let refusal): self = .refused("\(refusal)")
    }
  }
}
