public import CasusEvents

/// What `verifyJournal` found in a folder.
public struct JournalVerification: Hashable, Sendable {
  public struct SegmentState: Hashable, Sendable {
    public var file: String
    public var first: UInt64
    /// Last whole event; one less than `first` when there is none.
    public var last: UInt64
    public var commits: Int
    public var bytes: UInt64
    /// Has its summary; the last segment of a running or killed broker has none.
    public var isClosed: Bool
    public var broker: String
  }

  public struct Problem: Hashable, Sendable, CustomStringConvertible {
    public var file: String
    public var offset: UInt64?
    public var sequence: UInt64?
    public var message: String
    /// It is damage inside a file, which `repairJournal` writes off; otherwise `message` says what a person can do.
    public var isDamage = true

    public var description: String {
      var text = file
      if let offset { text += ", byte \(offset)" }
      if let sequence { text += ", sequence \(sequence)" }
      return "\(text): \(message)"
    }
  }

  public var path: String
  /// Which journal it is; nil when nothing tells.
  public var journal: JournalID?
  /// It is a backup.
  public var isCopy = false
  public var segments: [SegmentState] = []
  public var events: UInt64 = 0
  /// First and last sequence; 0 when there is none.
  public var first: UInt64 = 0
  public var last: UInt64 = 0
  /// What is not as it was written. The journal is sound when there is none.
  public var problems: [Problem] = []
  /// What is no damage: an unfinished commit that the next start cuts off, sequences a repair has written off.
  public var notes: [String] = []

  public var isSound: Bool { problems.isEmpty }
}

/// Checks everything in a journal that can be checked without keys: that nothing of it is missing or another journal's, each CRC, the
/// sequences without a gap, the channels, the indexes against the commits, that each event's `type` is its channel's, and the logs of
/// positions and schemas beside the segments.
///
/// Changes nothing and may run beside the broker, whose last commit may then be noted as unfinished. Goes on in
/// the next segment behind damage. Cost: about as fast as the journal is read and parsed, one unpacked commit of memory.
/// - Parameters:
///   - envelopes: also reads each event's envelope (microseconds each).
///   - visit: is given every event that can be read, in order; the bytes are valid during the call.
///   - begin: before these, is given what the segments that are going to be read begin with, oldest first; empty when there are none.
/// - Throws: `.absent` when there is no journal, `.unsupported`, `.io` when the folder or a file cannot be read at all.
public func verifyJournal(
  _ path: String, envelopes: Bool = true,
  visit: (_ stamp: Stamp, _ event: UnsafeRawBufferPointer) -> Void = { _, _ in },
  begin: (_ starts: [UInt64]) -> Void = { _ in }
) throws(JournalError) -> JournalVerification {
  var check = JournalCheck(path, envelopes: envelopes)
  let names = try check.begin()
  begin(names.compactMap(segmentFirst))
  // Before the segments: beside a broker these have everything by then that the logs speak of.
  for name in JournalCard.logs { try check.valueLog(name) }
  for (place, name) in names.enumerated() {
    try check.segment(name, isLast: place == names.count - 1, visit: visit)
  }
  check.end()
  return check.finish()
}

/// What the journal's segments begin with, oldest first; empty when there are none, or no journal.
public func segmentStarts(_ path: String) -> [UInt64] {
  ((try? segmentNames(in: path)) ?? []).compactMap(segmentFirst)
}
