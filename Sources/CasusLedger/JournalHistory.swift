public import CasusEvents

/// A journal's tree and, for its last events, what the tree's root was then: to check a snapshot that was taken a while
/// ago. A plain value; appending costs about four hashes, memory 40 bytes for each event of the window (twice that at
/// most).
public struct JournalHistory: Sendable {
  private struct Leaf {
    var hash: SHA256Digest
    /// The last sequence that it stands for.
    var last: UInt64
  }

  /// The tree now.
  public private(set) var tree = JournalTree()
  /// The tree before the first of `leaves`, and its last sequence.
  private var base = MerkleTree()
  private var baseSize: UInt64 = 0
  private var leaves: [Leaf] = []
  /// Sizes whose root nobody knows any more: from a lost stretch's first sequence to before the event that told of it. What stood
  /// there then was part of it.
  private var unknown: [ClosedRange<UInt64>] = []
  private let window: Int
  /// Roots that are known from elsewhere, by size.
  private var known: [UInt64: SHA256Digest] = [:]

  /// Roots are known for at least the last `window` sizes.
  public init(window: Int = 65_536) { self.window = max(1, window) }

  /// Goes on behind a tree that was kept, with roots of sizes before it.
  package init(_ tree: JournalTree, roots: [UInt64: SHA256Digest], window: Int = 65_536) {
    self.init(window: window)
    self.tree = tree
    base = tree.merkle
    baseSize = tree.size
    known = roots
  }

  /// Throws `gap` when the event does not come behind the last one, or when too much is missing.
  public mutating func append(_ event: RecordedEvent) throws(LedgerError) { try append(event, event.digest) }

  /// - Parameter digest: the event's.
  package mutating func append(_ event: RecordedEvent, _ digest: SHA256Digest) throws(LedgerError) {
    let added = try tree.add(event, digest)
    let sequence = event.stamp.sequence
    if let stretch = added.stretch { leaves.append(Leaf(hash: stretch, last: sequence - 1)) }
    leaves.append(Leaf(hash: added.event, last: sequence))
    for stretch in added.told { unknown.append(stretch.lowerBound...(sequence - 1)) }
    guard leaves.count >= 2 * window else { return }
    for leaf in leaves.prefix(window) {
      base.append(leaf.hash)
      baseSize = leaf.last
    }
    leaves.removeFirst(window)
    unknown.removeAll { $0.upperBound < baseSize }
  }

  /// The root when `size` was the last sequence; nil when that was never, too long ago, or when some of what was there then is
  /// lost. Costs up to two hashes for each event of the window.
  public func root(at size: UInt64) -> SHA256Digest? {
    if size == tree.size { return tree.root }
    if let root = known[size] { return root }
    guard size < tree.size, size >= baseSize, size < tree.missing.first?.lowerBound ?? .max,
      !unknown.contains(where: { $0.contains(size) })
    else { return nil }
    var then = base
    for leaf in leaves {
      guard leaf.last <= size else { break }
      then.append(leaf.hash)
    }
    return then.root
  }
}
