public import CasusEvents

/// A journal's tree and, for its last events, what the tree's root was then: to check a snapshot that was taken a while
/// ago. A plain value; appending costs about four hashes, memory 32 bytes for each event of the window (twice that at
/// most).
public struct JournalHistory: Sendable {
  /// The tree now.
  public private(set) var tree = JournalTree()
  /// The tree before the first of `leaves`.
  private var base = JournalTree()
  private var leaves: [SHA256Digest] = []
  private let window: Int

  /// Roots are known for at least the last `window` sizes.
  public init(window: Int = 65_536) { self.window = max(1, window) }

  /// Throws `gap` unless the event's sequence follows the last one's.
  public mutating func append(_ event: RecordedEvent) throws(LedgerError) {
    leaves.append(try tree.append(event))
    guard leaves.count >= 2 * window else { return }
    for leaf in leaves.prefix(window) { base.append(leaf: leaf) }
    leaves.removeFirst(window)
  }

  /// The root when the journal had `size` events; nil when that was never, or too long ago. Costs up to two hashes for
  /// each event of the window.
  public func root(at size: UInt64) -> SHA256Digest? {
    if size == tree.size { return tree.root }
    guard size < tree.size, size >= base.size else { return nil }
    var then = base
    for leaf in leaves.prefix(Int(size - base.size)) { then.append(leaf: leaf) }
    return then.root
  }
}
