public import CasusEvents

/// The hashes of a Merkle tree after RFC 6962, section 2.1 (RFC 9162's are the same).
public enum MerkleHash {
  /// The root of a tree without leaves: SHA-256 of nothing.
  public static let empty = SHA256Digest(of: [UInt8]())

  /// A leaf's hash: SHA-256(0x00 ‖ data).
  public static func leaf(_ data: [UInt8]) -> SHA256Digest { SHA256Digest(of: [0] + data) }

  /// An inner node's hash: SHA-256(0x01 ‖ left ‖ right).
  public static func node(_ left: SHA256Digest, _ right: SHA256Digest) -> SHA256Digest {
    withUnsafeTemporaryAllocation(byteCount: 65, alignment: 8) { buffer in
      buffer[0] = 1
      left.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: buffer[1..<33]).copyMemory(from: $0) }
      right.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: buffer[33..<65]).copyMemory(from: $0) }
      return SHA256Digest(of: UnsafeRawBufferPointer(buffer))
    }
  }
}

/// A growing Merkle tree of which only its edge is kept: one hash for each full subtree, so at most 64 for any number of
/// leaves. Appending costs two hashes on average; `root` O(log n). A plain value: a copy is a snapshot.
public struct MerkleTree: Hashable, Sendable {
  /// Leaves so far.
  public private(set) var count: UInt64 = 0
  /// The roots of the full subtrees, the largest (oldest) first: one for each bit that is set in `count`.
  public private(set) var edge: [SHA256Digest] = []

  public init() {}

  /// Goes on from an edge that was kept. Nil unless it has one hash for each bit that is set in `count`.
  public init?(count: UInt64, edge: [SHA256Digest]) {
    guard edge.count == count.nonzeroBitCount else { return nil }
    self.count = count
    self.edge = edge
  }

  /// Appends a leaf by its hash (`MerkleHash.leaf`).
  public mutating func append(_ leaf: SHA256Digest) {
    var hash = leaf
    // As in adding one to a binary number: each full subtree of the same size is joined and carried.
    for _ in 0..<count.trailingOneBits { hash = MerkleHash.node(edge.removeLast(), hash) }
    edge.append(hash)
    count += 1
  }

  /// The tree's root hash; that of no leaves is SHA-256 of nothing.
  public var root: SHA256Digest {
    guard var hash = edge.last else { return MerkleHash.empty }
    for subtree in edge.dropLast().reversed() { hash = MerkleHash.node(subtree, hash) }
    return hash
  }
}

extension UInt64 {
  fileprivate var trailingOneBits: Int { (~self).trailingZeroBitCount }
}
