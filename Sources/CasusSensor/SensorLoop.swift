public import CasusEvents

/// What the broker said to one detection.
public enum SensorAnswer: Equatable, Sendable {
  case accepted
  case duplicate
  case refused(String)
  /// Not yet: it is safe in the outbox file.
  case kept
}

/// Reads, maps, publishes, and only then remembers how far it came; knows the broker by one closure. Published is what the
/// broker has answered, or what an outbox file keeps until it has.
///
/// So after a crash at any point nothing is lost: what was published but not yet remembered is read again, gives the same
/// events, and the broker answers "duplicate". For one task.
public struct SensorLoop {
  public var source: LineSource
  public let detector: any LineDetector
  public let store: PositionStore?
  public let name: String
  public var batch = 128
  public private(set) var summary: Summary

  /// `summary`: what an earlier run that this one goes on from had counted. Throws when the state cannot be kept.
  public init(
    source: LineSource, detector: any LineDetector, store: PositionStore?, name: String, batch: Int = 128,
    summary: Summary = Summary()
  ) throws {
    self.summary = summary
    self.source = source
    self.detector = detector
    self.store = store
    self.name = name
    self.batch = batch
    // Before the first line is read, so that a file that is rotated away before its first line is acknowledged is found.
    try store?.save(source.positions, summary)
  }

  public enum Progress: Equatable, Sendable { case lines, idle, closed }

  /// One portion of the log: what it holds is published and the position saved before this returns.
  public mutating func step(
    now: Double, publish: ([Draft]) async throws -> [SensorAnswer], log: (SensorNote) -> Void
  ) async throws -> Progress {
    let (portion, isClosed) = try source.read(now: now)
    for note in portion.notes {
      if note != "appeared" { summary.rotations += 1 }
      log(SensorNote("the log \(note == "appeared" ? "appeared" : "was \(note)")", ["file": name], isWarning: false))
    }
    try await handle(portion.lines, publish, log)
    if isClosed { return .closed }
    return portion.isAtEnd ? .idle : .lines
  }

  /// The unfinished last line of a log that ends.
  public mutating func finish(publish: ([Draft]) async throws -> [SensorAnswer], log: (SensorNote) -> Void)
    async throws
  {
    try await handle(source.finish(), publish, log)
  }

  private mutating func handle(
    _ lines: [LogLine], _ publish: ([Draft]) async throws -> [SensorAnswer], _ log: (SensorNote) -> Void
  ) async throws {
    guard !lines.isEmpty else { return }
    var drafts: [Draft] = []
    for line in lines {
      summary.lines += 1
      switch detector.examine(line) {
      case .detection(let draft, let kind):
        summary.detections += 1
        summary.detectionsByKind[kind, default: 0] += 1
        drafts.append(draft)
      case .other(let kind):
        summary.other[kind, default: 0] += 1
      case .broken(let reason):
        summary.broken += 1
        log(SensorNote("a broken line is skipped", ["at": "\(name):\(line.number)", "reason": reason]))
      }
      if drafts.count == batch { try await send(&drafts, publish, log) }
    }
    if !drafts.isEmpty { try await send(&drafts, publish, log) }
    try store?.save(source.positions, summary)
  }

  /// How many an earlier run left in the outbox.
  public mutating func recovered(_ count: Int) { summary.kept = count }

  /// The broker's answers to what was kept, of this run or one before it.
  public mutating func settle(_ answers: [(id: String?, answer: SensorAnswer)], log: (SensorNote) -> Void) throws {
    guard !answers.isEmpty else { return }
    for (id, answer) in answers {
      summary.kept = max(0, summary.kept - 1)
      count(answer, id, log)
    }
    // Between two portions: every line that was read is dealt with.
    try store?.save(source.positions, summary)
  }

  private mutating func count(_ answer: SensorAnswer, _ id: String?, _ log: (SensorNote) -> Void) {
    switch answer {
    case .accepted: summary.accepted += 1
    case .duplicate: summary.duplicates += 1
    case .kept: summary.kept += 1
    case .refused(let reason):
      summary.refused += 1
      log(SensorNote("a detection was refused", ["id": id ?? "?", "reason": reason]))
    }
  }

  private mutating func send(
    _ drafts: inout [Draft], _ publish: ([Draft]) async throws -> [SensorAnswer], _ log: (SensorNote) -> Void
  ) async throws {
    let answers = try await publish(drafts)
    for (draft, answer) in zip(drafts, answers) {
      switch answer {
      case .kept: summary.kept += 1
      default: count(answer, draft.id, log)
      }
    }
    drafts.removeAll(keepingCapacity: true)
  }
}
