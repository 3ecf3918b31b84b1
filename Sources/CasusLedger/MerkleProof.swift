public import CasusEvents

/// Checks proofs of RFC 6962 trees, by the algorithms of RFC 9162, 2.1.3.2 and 2.1.4.2. Costs O(log n) hashes.
public enum MerkleProof {
  /// Whether `proof` shows that the leaf with this hash is leaf `index` of the tree with `size` leaves and this root.
  public static func includes(
    _ leaf: SHA256Digest, index: UInt64, size: UInt64, root: SHA256Digest, proof: [SHA256Digest]
  ) -> Bool {
    guard index < size else { return false }
    var place = index
    var last = size - 1
    var hash = leaf
    for sibling in proof {
      guard last != 0 else { return false }
      if place & 1 == 1 || place == last {
        hash = MerkleHash.node(sibling, hash)
        // The right edge has no sibling on some levels: go up to where this node is a right child.
        while place & 1 == 0, place != 0 {
          place >>= 1
          last >>= 1
        }
      } else {
        hash = MerkleHash.node(hash, sibling)
      }
      place >>= 1
      last >>= 1
    }
    return last == 0 && hash == root
  }

  /// Whether `proof` shows that the tree of `new` leaves and root `newRoot` begins with that of `old` leaves and `oldRoot`.
  public static func isConsistent(
    old: UInt64, oldRoot: SHA256Digest, new: UInt64, newRoot: SHA256Digest, proof: [SHA256Digest]
  ) -> Bool {
    guard old > 0, old <= new else { return false }
    guard old < new else { return proof.isEmpty && oldRoot == newRoot }
    var rest = proof[...]
    // A full old tree is itself the first hash of the way up, and the proof leaves it out.
    let first: SHA256Digest
    if old.nonzeroBitCount == 1 {
      first = oldRoot
    } else {
      guard let hash = rest.popFirst() else { return false }
      first = hash
    }
    var place = old - 1
    var last = new - 1
    while place & 1 == 1 {
      place >>= 1
      last >>= 1
    }
    var oldHash = first
    var newHash = first
    for sibling in rest {
      guard last != 0 else { return false }
      if place & 1 == 1 || place == last {
        oldHash = MerkleHash.node(sibling, oldHash)
        newHash = MerkleHash.node(sibling, newHash)
        while place & 1 == 0, place != 0 {
          place >>= 1
          last >>= 1
        }
      } else {
        newHash = MerkleHash.node(newHash, sibling)
      }
      place >>= 1
      last >>= 1
    }
    return last == 0 && oldHash == oldRoot && newHash == newRoot
  }
}
