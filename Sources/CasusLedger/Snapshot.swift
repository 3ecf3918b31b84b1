public import CasusEvents

extension EvidenceSnapshot {
  /// What a schema lets one snapshot list.
  public static let maximumEvents = 256

  /// A snapshot of these events, which are in the journal whose tree this is. Order and repetition don't matter.
  ///
  /// Throws `snapshot` when there is none, when there are too many, or when one lies beyond the tree, and `gap` when the tree has
  /// no root.
  public init(of events: some Sequence<RecordedEvent>, in tree: JournalTree) throws(LedgerError) {
    var digests: [UInt64: String] = [:]
    for event in events { digests[event.stamp.sequence] = event.sha256 }
    try self.init(digests: digests, in: tree)
  }

  /// As above, from the events' digests (64 hexadecimal digits) by their sequences.
  ///
  /// - Parameter total: how much evidence there is, where these are not all.
  public init(digests: [UInt64: String], of total: Int? = nil, in tree: JournalTree) throws(LedgerError) {
    let items = digests.sorted { $0.key < $1.key }
    guard let last = items.last?.key, items.count <= Self.maximumEvents else {
      throw LedgerError(.snapshot, "a snapshot of \(items.count) events; it holds 1 to \(Self.maximumEvents)")
    }
    guard last <= tree.size else {
      throw LedgerError(.snapshot, "event \(last) lies beyond the journal's \(tree.size)")
    }
    guard let root = tree.root else {
      throw LedgerError(.gap, "sequences of the journal are missing, and no event names them as lost")
    }
    self.init(
      treeSize: String(tree.size), root: root.hex,
      events: items.map { EvidenceItem(sequence: String($0.key), sha256: $0.value) },
      evidenceCount: total ?? items.count)
  }
}

/// Checks in one pass over a journal that a snapshot is true of it. Feed every event from the first in order, then ask.
public struct SnapshotCheck: Sendable {
  public let snapshot: EvidenceSnapshot
  /// What is wrong, one sentence each; empty as long as nothing is.
  public private(set) var problems: [String] = []
  private var tree = JournalTree()
  private let size: UInt64?
  private var wanted: [UInt64: String] = [:]

  public init(_ snapshot: EvidenceSnapshot) {
    self.snapshot = snapshot
    size = UInt64(snapshot.treeSize)
    if size == nil { problems.append("tree size \(snapshot.treeSize) is no number") }
    for item in snapshot.events {
      guard let sequence = UInt64(item.sequence), sequence >= 1, sequence <= size ?? 0 else {
        problems.append("event \(item.sequence) is not in a tree of \(snapshot.treeSize)")
        continue
      }
      if wanted.updateValue(item.sha256, forKey: sequence) != nil { problems.append("event \(sequence) stands twice") }
    }
  }

  /// The journal's next event; those beyond the snapshot's tree are passed over. Throws `gap` when it does not
  /// come behind the last one.
  public mutating func feed(_ event: RecordedEvent) throws(LedgerError) {
    guard let size, tree.size < size else { return }
    try tree.append(event)
    if let digest = wanted.removeValue(forKey: event.stamp.sequence), digest != event.sha256 {
      problems.append("event \(event.stamp.sequence) has another digest than the snapshot says")
    }
    guard tree.size >= size else { return }
    guard tree.size == size, let root = tree.root else {
      return problems.append("the journal's root at \(size) is not known: some of what was there then is missing")
    }
    guard root.hex != snapshot.root else { return }
    problems.append("the journal's root at \(size) is \(root.hex), not \(snapshot.root)")
  }

  /// Whether the snapshot is true of what was fed: all of its tree was seen and nothing differs.
  public var holds: Bool { problems.isEmpty && wanted.isEmpty && size != nil && tree.size == size }
}
