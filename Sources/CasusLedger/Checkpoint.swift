public import CasusEvents

/// What a journal held at one time, in few bytes: to prove later that nothing of it was changed. One root for each segment of that time,
/// over the leaves of its events (`JournalTree.leaf`), so that what retention has removed since does not hide the rest. A plain value.
public struct Checkpoint: Hashable, Sendable {
  public struct Stretch: Hashable, Sendable {
    let range: ClosedRange<UInt64>
    /// In hexadecimal digits.
    public let root: String

    public var first: UInt64 { range.lowerBound }
    public var last: UInt64 { range.upperBound }
    /// No sequence is 0, so it is a number even of all that there are.
    var count: UInt64 { last - first + 1 }

    /// Nil for what is no range of sequences.
    init?(_ first: UInt64, _ last: UInt64, root: String) {
      guard first > 0, first <= last else { return nil }
      range = first...last
      self.root = root
    }
  }

  public static let format = "casus-checkpoint/1"

  /// The journal's id.
  public let journal: String
  /// Rising, without what the journal did not have.
  public let stretches: [Stretch]

  /// Throws `checkpoint` for a text that is none.
  public static func read(_ text: [UInt8]) throws(LedgerError) -> Checkpoint {
    guard let checkpoint = try? readJSON(Checkpoint.self, text) else {
      throw LedgerError(.checkpoint, "it is no checkpoint of casus verify")
    }
    return checkpoint
  }
}

extension Checkpoint: Codable {
  private enum CodingKeys: String, CodingKey { case format, journal, stretches }

  public init(from decoder: any Decoder) throws {
    let members = try decoder.container(keyedBy: CodingKeys.self)
    journal = try members.decode(String.self, forKey: .journal)
    stretches = try members.decode([Stretch].self, forKey: .stretches)
    let isRising = zip(stretches, stretches.dropFirst()).allSatisfy { $0.last < $1.first }
    guard try members.decode(String.self, forKey: .format) == Self.format, isRising else {
      throw DecodingError.dataCorruptedError(forKey: .stretches, in: members, debugDescription: "it is no checkpoint")
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var members = encoder.container(keyedBy: CodingKeys.self)
    try members.encode(Self.format, forKey: .format)
    try members.encode(journal, forKey: .journal)
    try members.encode(stretches, forKey: .stretches)
  }
}

/// Its sequences are decimal digits: a JSON number would lose some over 2^53.
extension Checkpoint.Stretch: Codable {
  private enum CodingKeys: String, CodingKey { case first, last, root }

  public init(from decoder: any Decoder) throws {
    let members = try decoder.container(keyedBy: CodingKeys.self)
    let ends = try [CodingKeys.first, .last].map { UInt64(try members.decode(String.self, forKey: $0)) ?? 0 }
    guard let read = Self(ends[0], ends[1], root: try members.decode(String.self, forKey: .root)) else {
      throw DecodingError.dataCorruptedError(
        forKey: .first, in: members, debugDescription: "it is no range of sequences")
    }
    self = read
  }

  public func encode(to encoder: any Encoder) throws {
    var members = encoder.container(keyedBy: CodingKeys.self)
    try members.encode(String(first), forKey: .first)
    try members.encode(String(last), forKey: .last)
    try members.encode(root, forKey: .root)
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
    if last == 0 || stamp.sequence <= last || stamp.sequence - last > 1 || starts.contains(stamp.sequence) {
      seal()
      first = stamp.sequence
    }
    tree.append(JournalTree.leaf(stamp, SHA256Digest(of: event)))
    last = stamp.sequence
  }

  private mutating func seal() {
    if let stretch = Checkpoint.Stretch(first, last, root: tree.root.hex) { stretches.append(stretch) }
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
  private let journal: String
  private var rest: ArraySlice<Checkpoint.Stretch>
  private var tree = MerkleTree()
  /// Events that are as they were.
  public private(set) var proved: UInt64 = 0
  /// Of the checkpoint, and before the journal's beginning now: retention has removed them.
  public private(set) var removed: UInt64 = 0
  /// What is not as it was, a sentence each.
  public private(set) var problems: [String] = []

  /// - Parameter first: what the journal begins with now.
  public init(_ checkpoint: Checkpoint, first: UInt64) {
    journal = checkpoint.journal
    let gone = checkpoint.stretches.prefix { $0.last < first }
    removed = gone.reduce(0) { $0 + $1.count }
    rest = checkpoint.stretches[gone.count...]
  }

  public mutating func feed(_ stamp: Stamp, _ event: UnsafeRawBufferPointer) {
    while let next = rest.first, next.last < stamp.sequence { giveUp() }
    guard let next = rest.first, next.range.contains(stamp.sequence) else { return }
    tree.append(JournalTree.leaf(stamp, SHA256Digest(of: event)))
    guard stamp.sequence == next.last else { return }
    if tree.count == next.count, tree.root.hex == next.root {
      proved += next.count
      rest.removeFirst()
      tree = MerkleTree()
    } else {
      giveUp()
    }
  }

  private mutating func giveUp() {
    guard let next = rest.popFirst() else { return }
    let range = "events \(next.first) to \(next.last)"
    problems.append(
      tree.count == next.count ? "\(range) are not what they were" : "\(range) are not all there any more")
    tree = MerkleTree()
  }

  /// After the last event.
  ///
  /// - Parameter journal: which journal it was; of another one nothing was compared.
  public mutating func finish(_ journal: String?) {
    guard journal == self.journal else {
      (rest, proved, removed) = ([], 0, 0)
      problems = ["it is of the journal \(self.journal), not of this one"]
      return
    }
    while !rest.isEmpty { giveUp() }
  }
}
