public import CasusEvents

/// What a journal held at one time, in few bytes: to prove later that nothing of it was changed. One root for each segment of that time,
/// over the leaves of its events (`JournalTree.leaf`), so that what retention has removed since does not hide the rest. A plain value.
public struct Checkpoint: Hashable, Codable, Sendable {
  public struct Stretch: Hashable, Codable, Sendable {
    public var first: String
    public var last: String
    /// In hexadecimal digits.
    public var root: String
  }

  public static let format = "casus-checkpoint/1"

  public var format = Self.format
  /// The journal's id.
  public var journal: String
  /// Rising, without what the journal did not have.
  public var stretches: [Stretch]

  public init(journal: String, stretches: [Stretch]) {
    self.journal = journal
    self.stretches = stretches
  }

  /// Throws `checkpoint` for a text that is none.
  public static func read(_ text: [UInt8]) throws(LedgerError) -> Checkpoint {
    guard let checkpoint = try? readJSON(Checkpoint.self, text), checkpoint.format == format,
      checkpoint.stretches.allSatisfy({ (UInt64($0.first) ?? 0) > 0 && UInt64($0.first) ?? 0 <= UInt64($0.last) ?? 0 })
    else { throw LedgerError(.checkpoint, "it is no checkpoint of casus verify") }
    return checkpoint
  }
}

/// Makes a checkpoint in one pass over a journal. Feed every event in order.
public struct CheckpointMaker: Sendable {
  private let starts: Set<UInt64>
  private var stretches: [Checkpoint.Stretch] = []
  private var tree = MerkleTree()
  private var first: UInt64 = 0
  private var last: UInt64 = 0

  /// - Parameter starts: the first sequences of the journal's segments.
  public init(starts: [UInt64]) { self.starts = Set(starts) }

  public mutating func feed(_ stamp: Stamp, _ event: UnsafeRawBufferPointer) {
    if last == 0 || stamp.sequence != last + 1 || starts.contains(stamp.sequence) {
      seal()
      first = stamp.sequence
    }
    tree.append(JournalTree.leaf(stamp, SHA256Digest(of: event)))
    last = stamp.sequence
  }

  private mutating func seal() {
    if last > 0 { stretches.append(.init(first: String(first), last: String(last), root: tree.root.hex)) }
    tree = MerkleTree()
  }

  public mutating func checkpoint(of journal: String) -> Checkpoint {
    seal()
    last = 0
    return Checkpoint(journal: journal, stretches: stretches)
  }
}

/// Checks in one pass over a journal that it begins as a checkpoint says. Feed every event in order, then ask.
public struct CheckpointCheck: Sendable {
  private var rest: ArraySlice<(range: ClosedRange<UInt64>, root: String)>
  private var tree = MerkleTree()
  /// Events that are as they were.
  public private(set) var proved: UInt64 = 0
  /// Of the checkpoint, and before the journal's beginning now: retention has removed them.
  public private(set) var removed: UInt64 = 0
  /// What is not as it was, a sentence each.
  public private(set) var problems: [String] = []

  /// - Parameter first: what the journal begins with now.
  public init(_ checkpoint: Checkpoint, first: UInt64) {
    let all = checkpoint.stretches.compactMap { stretch -> (range: ClosedRange<UInt64>, root: String)? in
      guard let first = UInt64(stretch.first), let last = UInt64(stretch.last), first <= last else { return nil }
      return (first...last, stretch.root)
    }
    let gone = all.prefix { $0.range.upperBound < first }
    removed = gone.reduce(0) { $0 + UInt64($1.range.count) }
    rest = all[gone.count...]
  }

  public mutating func feed(_ stamp: Stamp, _ event: UnsafeRawBufferPointer) {
    while let next = rest.first, next.range.upperBound < stamp.sequence { giveUp() }
    guard let next = rest.first, next.range.contains(stamp.sequence) else { return }
    tree.append(JournalTree.leaf(stamp, SHA256Digest(of: event)))
    guard stamp.sequence == next.range.upperBound else { return }
    let count = UInt64(next.range.count)
    if tree.count == count, tree.root.hex == next.root {
      proved += count
      rest.removeFirst()
      tree = MerkleTree()
    } else {
      giveUp()
    }
  }

  private mutating func giveUp() {
    guard let next = rest.popFirst() else { return }
    let range = "events \(next.range.lowerBound) to \(next.range.upperBound)"
    problems.append(
      tree.count == UInt64(next.range.count) ? "\(range) are not what they were" : "\(range) are not all there any more"
    )
    tree = MerkleTree()
  }

  /// After the last event.
  public mutating func finish() { while !rest.isEmpty { giveUp() } }
}
