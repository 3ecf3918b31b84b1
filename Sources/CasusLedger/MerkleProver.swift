public import CasusEvents

/// Makes a proof in one pass over a tree's leaf hashes, with O(log n) memory: a journal of any size can be proved.
///
/// A proof's hashes are the roots of some subtrees; each leaf belongs to at most one of them. Feed every leaf hash from
/// the first to the tree's last in order, then take `proof`.
public struct MerkleProver: Sendable {
  /// Leaves of the tree proved about.
  public let size: UInt64
  private var ranges: [(place: Int, range: Range<UInt64>)]
  private var current = 0
  private var fed: UInt64 = 0
  private var tree = MerkleTree()
  private var hashes: [SHA256Digest?]

  /// Proves that a leaf stands in a tree (RFC 6962, 2.1.1: PATH). Throws `range` unless `index < size`.
  public static func inclusion(of index: UInt64, in size: UInt64) throws(LedgerError) -> MerkleProver {
    guard index < size else { throw LedgerError(.range, "leaf \(index) is not in a tree of \(size)") }
    return MerkleProver(size: size, path(index, 0..<size))
  }

  /// Proves that a tree begins with an older one (RFC 6962, 2.1.2: PROOF). Throws `range` unless `0 < old <= size`.
  public static func consistency(of old: UInt64, with size: UInt64) throws(LedgerError) -> MerkleProver {
    guard old > 0, old <= size else { throw LedgerError(.range, "a tree of \(size) does not begin with \(old) leaves") }
    return MerkleProver(size: size, subproof(old, 0..<size, whole: true))
  }

  private init(size: UInt64, _ wanted: [Range<UInt64>]) {
    self.size = size
    ranges = wanted.enumerated().map { (place: $0.offset, range: $0.element) }
      .sorted { $0.range.lowerBound < $1.range.lowerBound }
    hashes = Array(repeating: nil, count: wanted.count)
  }

  /// The next leaf's hash.
  public mutating func feed(_ leaf: SHA256Digest) {
    defer { fed += 1 }
    guard current < ranges.count, ranges[current].range.contains(fed) else { return }
    tree.append(leaf)
    if fed + 1 == ranges[current].range.upperBound {
      hashes[ranges[current].place] = tree.root
      tree = MerkleTree()
      current += 1
    }
  }

  /// The proof, from the leaves' end to the root's. Throws `range` unless exactly `size` leaves were fed.
  public func proof() throws(LedgerError) -> [SHA256Digest] {
    guard fed == size else { throw LedgerError(.range, "\(fed) leaves were fed, not \(size)") }
    return hashes.compactMap { $0 }
  }

  /// Where a tree of more than one leaf divides: the largest power of two below its size.
  private static func split(_ range: Range<UInt64>) -> UInt64 {
    let count = range.upperBound - range.lowerBound
    return range.lowerBound + 1 << (63 - (count - 1).leadingZeroBitCount)
  }

  private static func path(_ index: UInt64, _ range: Range<UInt64>) -> [Range<UInt64>] {
    guard range.upperBound - range.lowerBound > 1 else { return [] }
    let middle = split(range)
    return index < middle
      ? path(index, range.lowerBound..<middle) + [middle..<range.upperBound]
      : path(index, middle..<range.upperBound) + [range.lowerBound..<middle]
  }

  /// `whole`: the old tree is a prefix of everything so far, so that the verifier knows its root.
  private static func subproof(_ old: UInt64, _ range: Range<UInt64>, whole: Bool) -> [Range<UInt64>] {
    if old == range.upperBound { return whole ? [] : [range] }
    let middle = split(range)
    return old <= middle
      ? subproof(old, range.lowerBound..<middle, whole: whole) + [middle..<range.upperBound]
      : subproof(old, middle..<range.upperBound, whole: false) + [range.lowerBound..<middle]
  }
}
