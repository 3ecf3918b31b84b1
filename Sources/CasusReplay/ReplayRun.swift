import CasusEvents
public import CasusPlugin

/// What became of a replay.
public struct ReplayReport: Hashable, Sendable {
  public struct Example: Hashable, Sendable {
    public var sequence: UInt64
    public var refusal: Refusal
  }

  /// Events read from the capture and not played, by the plan.
  public var skipped: UInt64 = 0
  public var accepted: UInt64 = 0
  /// The broker had them already, byte for byte.
  public var duplicates: UInt64 = 0
  /// By the name of the error.
  public var refused: [String: UInt64] = [:]
  /// By the number of the error.
  public var refusals: [Int: UInt64] = [:]
  /// The first refusals, with the sequence in the capture.
  public var examples: [Example] = []
  public var cuts: [CaptureReader.Cut] = []
  /// Largest time by which a batch was late.
  public var late: Duration = .zero

  public init() {}

  public var played: UInt64 { accepted + duplicates + refused.values.reduce(0, +) }

  mutating func add(_ outcome: PublishOutcome, of event: CapturedEvent) {
    switch outcome {
    case .accepted(_, duplicate: false, _): accepted += 1
    case .accepted(_, duplicate: true, _): duplicates += 1
    case .refused(let refusal):
      refused[refusal.name, default: 0] += 1
      refusals[refusal.code, default: 0] += 1
      if examples.count < 20 { examples.append(Example(sequence: event.stamp.sequence, refusal: refusal)) }
    }
  }
}

extension ReplayPlan {
  /// Plays a capture into a broker, each event marked `replayed`, in order and at the plan's pace.
  ///
  /// The bus needs the role `replay`. A batch is sent when the one before is acknowledged and its moment has come; what is
  /// late is sent at once. Returns when everything is acknowledged; cancelling the task ends it between two batches.
  /// - Parameter progress: is told after each batch how many events were played so far.
  /// - Throws: `CaptureError`, `BusError`, `CancellationError`.
  public func run(
    _ capture: sending CaptureReader, on bus: Bus, progress: @Sendable (UInt64) -> Void = { _ in }
  ) async throws -> ReplayReport {
    try await run(capture, progress: progress) { try await bus.publish(encoded: $0, replay: true) }
  }

  /// The same over any way to publish: the outcomes come in the events' order.
  public func run(
    _ capture: sending CaptureReader, progress: @Sendable (UInt64) -> Void = { _ in },
    publish: ([[UInt8]]) async throws -> [PublishOutcome]
  ) async throws -> ReplayReport {
    var report = ReplayReport()
    var schedule = ReplaySchedule(self)
    let clock = ContinuousClock()
    let start = clock.now
    func play(_ batch: ReplayBatch) async throws {
      try Task.checkCancellation()
      let due = start + batch.due
      if due > clock.now {
        try await clock.sleep(until: due)
      } else if rate != .max {
        report.late = max(report.late, clock.now - due)
      }
      let outcomes = try await publish(batch.events.map(\.bytes))
      for (outcome, event) in zip(outcomes, batch.events) { report.add(outcome, of: event) }
      progress(report.played)
    }
    while let event = try capture.next() {
      if event.stamp.sequence > sequences.upperBound { break }
      if let batch = schedule.add(event) { try await play(batch) }
    }
    if let batch = schedule.finish() { try await play(batch) }
    report.skipped = schedule.skipped
    report.cuts = capture.cuts
    return report
  }
}
