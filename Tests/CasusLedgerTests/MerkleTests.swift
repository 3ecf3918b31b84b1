import CasusEvents
import CasusLedger
import Testing

@Suite struct MerkleTests {
  // The leaves and roots that the reference implementations of RFC 6962 test with.
  static let leaves = [
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
  ].map { MerkleHash.leaf(hexBytes($0)!) }
  static let roots = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
  ]

  static func root(_ leaves: some Sequence<SHA256Digest>) -> SHA256Digest {
    var tree = MerkleTree()
    for leaf in leaves { tree.append(leaf) }
    return tree.root
  }

  static func proof(_ prover: MerkleProver, _ leaves: some Sequence<SHA256Digest>) throws
    -> [SHA256Digest]
  {
    var prover = prover
    for leaf in leaves { prover.feed(leaf) }
    return try prover.proof()
  }

  @Test(arguments: roots.indices)
  func `roots are those of the reference implementations`(size: Int) {
    #expect(Self.root(Self.leaves.prefix(size)).hex == Self.roots[size])
  }

  @Test
  func `a known inclusion proof comes out`() throws {
    let proof = try Self.proof(.inclusion(of: 0, in: 8), Self.leaves)
    #expect(
      proof.map(\.hex) == [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
      ])
  }

  static let many = (0..<70).map { MerkleHash.leaf([UInt8($0)]) }

  @Test
  func `every leaf of every tree up to 70 is proved, and no other place, size, leaf or proof passes`() throws {
    for size in 1...70 {
      let leaves = Self.many.prefix(size)
      let root = Self.root(leaves)
      for index in 0..<size {
        let proof = try Self.proof(.inclusion(of: UInt64(index), in: UInt64(size)), leaves)
        func check(
          _ leaf: SHA256Digest, _ index: Int, _ size: Int, _ root: SHA256Digest,
          _ proof: [SHA256Digest]
        ) -> Bool {
          MerkleProof.includes(
            leaf, index: UInt64(index), size: UInt64(size), root: root, proof: proof)
        }
        #expect(check(leaves[index], index, size, root, proof))
        #expect(!check(leaves[(index + 1) % size], index, size, root, proof) || size == 1)
        #expect(!check(leaves[index], index, size, MerkleHash.empty, proof))
        #expect(!check(leaves[index], index, size, root, proof + [root]))
        #expect(!check(leaves[index], index, index, root, proof))
        if !proof.isEmpty {
          #expect(!check(leaves[index], (index + 1) % size, size, root, proof))
          #expect(!check(leaves[index], index, size, root, Array(proof.dropLast())))
          #expect(!check(leaves[index], index, size, root, Array(proof.dropFirst())))
        }
      }
    }
  }

  @Test
  func `every tree up to 70 is shown to begin with every older one, and with no other`() throws {
    for new in 1...70 {
      let newRoot = Self.root(Self.many.prefix(new))
      for old in 1...new {
        let oldRoot = Self.root(Self.many.prefix(old))
        let proof = try Self.proof(
          .consistency(of: UInt64(old), with: UInt64(new)), Self.many.prefix(new))
        func check(
          _ old: Int, _ oldRoot: SHA256Digest, _ new: Int, _ newRoot: SHA256Digest,
          _ proof: [SHA256Digest]
        ) -> Bool {
          MerkleProof.isConsistent(
            old: UInt64(old), oldRoot: oldRoot, new: UInt64(new), newRoot: newRoot, proof: proof)
        }
        #expect(check(old, oldRoot, new, newRoot, proof))
        #expect(!check(old, MerkleHash.empty, new, newRoot, proof))
        #expect(!check(old, oldRoot, new, MerkleHash.empty, proof))
        #expect(!check(old, oldRoot, new, newRoot, proof + [newRoot]))
        #expect(!check(0, oldRoot, new, newRoot, proof))
        #expect(!check(new + 1, oldRoot, new, newRoot, proof))
        if !proof.isEmpty { #expect(!check(old, oldRoot, new, newRoot, Array(proof.dropLast()))) }
      }
    }
  }

  @Test
  func `a leaf changed after the fact changes the root, and consistency fails`() throws {
    var forged = Self.many
    forged[3] = MerkleHash.leaf([99])
    let proof = try Self.proof(.consistency(of: 10, with: 20), forged.prefix(20))
    #expect(
      !MerkleProof.isConsistent(
        old: 10, oldRoot: Self.root(Self.many.prefix(10)), new: 20,
        newRoot: Self.root(forged.prefix(20)),
        proof: proof))
  }

  @Test
  func `a proof about a place outside the tree is refused`() {
    #expect(throws: LedgerError.self) { try MerkleProver.inclusion(of: 8, in: 8) }
    #expect(throws: LedgerError.self) { try MerkleProver.consistency(of: 0, with: 8) }
    #expect(throws: LedgerError.self) { try MerkleProver.consistency(of: 9, with: 8) }
    #expect(throws: LedgerError.self) { try MerkleProver.inclusion(of: 0, in: 8).proof() }
    #expect(throws: LedgerError.self) { try Self.proof(.inclusion(of: 0, in: 2), Self.leaves) }
  }

  @Test
  func `a kept edge goes on where it was, and its memory stays small`() {
    var tree = MerkleTree()
    for leaf in Self.many.prefix(37) { tree.append(leaf) }
    var resumed = MerkleTree(count: tree.count, edge: tree.edge)
    for leaf in Self.many.dropFirst(37) {
      tree.append(leaf)
      resumed?.append(leaf)
    }
    #expect(resumed?.root == tree.root)
    #expect(MerkleTree(count: 3, edge: [MerkleHash.empty]) == nil)
    var large = MerkleTree()
    for _ in 0..<100_000 { large.append(Self.many[0]) }
    #expect(large.edge.count == 100_000.nonzeroBitCount)
  }
}
