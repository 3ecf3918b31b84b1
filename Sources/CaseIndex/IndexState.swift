import CasusEvents
import CasusLedger
import SQLite

/// How far an index goes: the row of its table `state`.
struct IndexState {
  /// Of the last event that was taken.
  var last: Stamp?
  var digest = MerkleHash.empty
  var tree = JournalTree()
  /// Sizes whose root nobody knows, from a lost stretch's first sequence to before the event that told of it.
  var unknown: [ClosedRange<UInt64>] = []
  /// More was missing than is remembered.
  var isBroken = false
  /// Which making of the tables this is of.
  var generation = 0
  /// Leaves at the last edge that was kept.
  var edged: UInt64 = 0

  init() {}

  init?(_ database: Database) throws {
    let query = """
      SELECT sequence, recorded, sender, flags, digest, leaves, edge, missing, unknown, broken, edged,
      generation FROM state
      """
    let found = try database.statement(query).begin().first { row throws -> IndexState? in
      var state = IndexState()
      guard let tree = MerkleTree(count: row.unsigned(5), edge: Self.digests(row.bytes(6))),
        let digest = SHA256Digest(bytes: row.bytes(4))
      else { return nil }
      let size = row.unsigned(0)
      state.tree = JournalTree(tree, size: size, missing: Self.ranges(row.bytes(7)))
      state.unknown = Self.ranges(row.bytes(8))
      state.isBroken = row.int(9) != 0
      state.edged = row.unsigned(10)
      state.generation = row.int(11)
      state.digest = digest
      if size > 0 {
        state.last = Stamp(
          sequence: size, recorded: Timestamp(nanoseconds: Int64(row.int(1))), sender: row.text(2),
          flags: StampFlags(rawValue: UInt16(truncatingIfNeeded: row.int(3))))
      }
      return state
    }
    guard let found = found ?? nil else { return nil }
    self = found
  }

  static func owner(_ database: Database) throws -> IndexOwner? {
    try database.statement("SELECT journal, place, reader, rights FROM state").begin().first { row in
      IndexOwner(stored: row.text(0), row.text(1), row.text(2), row.text(3))
    }
  }

  func insert(_ database: Database, _ owner: IndexOwner) throws {
    let insertion = """
      INSERT INTO state(journal, place, reader, rights, generation, sequence, recorded, sender, flags, digest, leaves, edge, missing, unknown,
      broken, edged) VALUES(?, ?, ?, ?, ?, 0, 0, '', 0, ?, 0, x'', x'', x'', 0, 0)
      """
    let statement = try database.statement(insertion).begin()
    statement.bind(owner.journal).bind(owner.place).bind(owner.reader).bind(owner.rights).bind(
      Int.random(in: 1...(.max))
    ).bind(digest.bytes)
    try statement.run()
  }

  func save(_ database: Database) throws {
    let update = """
      UPDATE state SET sequence = ?, recorded = ?, sender = ?, flags = ?, digest = ?, leaves = ?, edge = ?, missing = ?,
      unknown = ?, broken = ?, edged = ?
      """
    let statement = try database.statement(update).begin()
    statement.bind(last?.sequence ?? 0).bind(last?.recorded.nanoseconds ?? 0).bind(last?.sender ?? "")
    statement.bind(Int(last?.flags.kept.rawValue ?? 0)).bind(digest.bytes).bind(tree.merkle.count)
    statement.bind(Self.bytes(tree.merkle.edge)).bind(Self.bytes(tree.missing)).bind(Self.bytes(unknown))
    statement.bind(isBroken ? 1 : 0).bind(edged)
    try statement.run()
  }

  // MARK: Lists as bytes

  static func bytes(_ digests: [SHA256Digest]) -> [UInt8] { digests.flatMap(\.bytes) }

  static func digests(_ bytes: UnsafeRawBufferPointer) -> [SHA256Digest] {
    stride(from: 0, to: bytes.count - 31, by: 32).compactMap { SHA256Digest(bytes: bytes[$0..<$0 + 32]) }
  }

  private static func bytes(_ ranges: [ClosedRange<UInt64>]) -> [UInt8] {
    ranges.flatMap { range in
      [range.lowerBound, range.upperBound].flatMap { number in withUnsafeBytes(of: number.littleEndian) { Array($0) } }
    }
  }

  private static func ranges(_ bytes: UnsafeRawBufferPointer) -> [ClosedRange<UInt64>] {
    stride(from: 0, to: bytes.count - 15, by: 16).compactMap { place in
      let low = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
      let high = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place + 8, as: UInt64.self))
      return low <= high ? low...high : nil
    }
  }
}
