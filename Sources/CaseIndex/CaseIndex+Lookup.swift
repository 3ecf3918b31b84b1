public import CasusCases
public import CasusEvents
import CasusLedger
import SQLite

extension CaseIndex: CaseLookup {
  public func rows(of topic: Topic, in window: CaseSlice.Window) throws -> [CaseSlice.Row] {
    let query = """
      SELECT f.sequence, f.kind, f.topic, f.revision, f.source, f.id, f.tlp, f.counted, f.named, f.body,
        e.digest, e.recorded, s.name, e.flags
      FROM topics t JOIN facts f ON f.sequence = t.sequence JOIN events e ON e.sequence = t.sequence
        JOIN senders s ON s.number = e.sender
      WHERE t.topic = ? AND t.sequence > ? AND t.sequence <= ? ORDER BY t.sequence
      """
    let through = min(window.through, UInt64(Int64.max))
    return try database.statement(query).begin().bind(topic.key).bind(window.after).bind(through).all(Self.row)
  }

  private static func row(_ row: Statement) throws -> CaseSlice.Row {
    guard let kind = EventFacts.Kind(rawValue: row.int(1)), let topic = Topic(key: row.text(2)),
      let digest = SHA256Digest(bytes: row.bytes(10)), let tlp = TLP(rawValue: row.text(6))
    else { throw IndexError(.damaged, "what it says of event \(row.unsigned(0)) cannot be read") }
    let flags = row.int(13)
    let stamp = stamp(row.unsigned(0), row.int(11), row.text(12), flags)
    var facts = EventFacts(kind: kind, topics: [topic], revision: row.int(3), incident: nil)
    if kind == .incident, case .incident(let id) = topic {
      facts.incident = IncidentFacts(
        incident: id, revision: row.int(3), events: row.int(7), named: IndexState.digests(row.bytes(8)))
    }
    return CaseSlice.Row(
      facts, Citation(stamp, digest, source: row.text(4), id: row.text(5), tlp: tlp),
      EvidenceEntry(
        sequence: stamp.sequence, digest: digest, flags: stamp.flags, saysExercise: flags & EventBits.exercise != 0),
      row.isNull(9) ? nil : try Self.event(stamp, Array(row.bytes(9))))
  }

  private static func stamp(_ sequence: UInt64, _ recorded: Int, _ sender: String, _ flags: Int) -> Stamp {
    Stamp(
      sequence: sequence, recorded: Timestamp(nanoseconds: Int64(recorded)), sender: sender,
      flags: StampFlags(rawValue: UInt16(truncatingIfNeeded: flags)))
  }

  public func entries(of digest: SHA256Digest) throws -> [EvidenceEntry] {
    let query = """
      SELECT e.sequence, e.flags FROM digests d JOIN events e ON e.sequence = d.sequence
      WHERE d.key = ? AND e.digest = ? ORDER BY e.sequence
      """
    let statement = try database.statement(query).begin().bind(digest.key)
    digest.withUnsafeBytes { _ = statement.bind($0) }
    return try statement.all { row in
      let flags = row.int(1)
      return EvidenceEntry(
        sequence: row.unsigned(0), digest: digest, flags: StampFlags(rawValue: UInt16(truncatingIfNeeded: flags)),
        saysExercise: flags & EventBits.exercise != 0)
    }
  }

  /// From the last edge before it, and at most some thousand leaves.
  public func root(at size: UInt64) throws -> SHA256Digest? {
    guard !state.isBroken, size <= state.tree.size, size < state.tree.missing.first?.lowerBound ?? .max,
      !state.unknown.contains(where: { $0.contains(size) })
    else { return nil }
    if size == state.tree.size { return state.tree.root }
    let edge = try database.statement(
      "SELECT sequence, leaves, edge FROM edges WHERE sequence <= ? ORDER BY sequence DESC LIMIT 1"
    )
    .begin().bind(size).first { row in
      (last: row.unsigned(0), tree: MerkleTree(count: row.unsigned(1), edge: IndexState.digests(row.bytes(2))))
    }
    var last = edge?.last ?? 0
    guard var tree = edge == nil ? MerkleTree() : edge?.tree else { throw IndexError(.damaged, "an edge is none") }
    let query = """
      SELECT e.sequence, e.digest, e.recorded, s.name, e.flags FROM events e JOIN senders s ON s.number = e.sender
      WHERE e.sequence > ? AND e.sequence <= ? ORDER BY e.sequence
      """
    let leaves = try database.statement(query).begin().bind(last).bind(size).all {
      row throws -> (Stamp, SHA256Digest) in
      guard let digest = SHA256Digest(bytes: row.bytes(1)) else { throw IndexError(.damaged, "a digest is none") }
      return (Self.stamp(row.unsigned(0), row.int(2), row.text(3), row.int(4)), digest)
    }
    for (stamp, digest) in leaves {
      if stamp.sequence > last + 1 { tree.append(JournalTree.leaf(lost: (last + 1)...(stamp.sequence - 1))) }
      tree.append(JournalTree.leaf(stamp, digest))
      last = stamp.sequence
    }
    return tree.root
  }

  // MARK: Whole events

  /// An event as it is kept. The journal has none that cannot be read.
  private static func event(_ stamp: Stamp, _ bytes: [UInt8]) throws -> RecordedEvent {
    do { return try RecordedEvent(stamp: stamp, bytes: bytes) } catch {
      throw IndexError(.damaged, "event \(stamp.sequence) is kept with other bytes: \(error)")
    }
  }

  /// Those of some events that were kept, by sequence.
  public func kept(_ sequences: Set<UInt64>) throws -> [UInt64: RecordedEvent] {
    let query = """
      SELECT b.body, e.recorded, s.name, e.flags FROM bodies b JOIN events e ON e.sequence = b.sequence
        JOIN senders s ON s.number = e.sender WHERE b.sequence = ?
      """
    var found: [UInt64: RecordedEvent] = [:]
    for sequence in sequences {
      found[sequence] = try database.statement(query).begin().bind(sequence).first { row in
        try Self.event(Self.stamp(sequence, row.int(1), row.text(2), row.int(3)), Array(row.bytes(0)))
      }
    }
    return found
  }

  /// Keeps events that were read from the journal to be shown.
  public func keep(_ events: some Sequence<RecordedEvent>) throws {
    try database.transaction {
      for event in events {
        let statement = try database.statement("INSERT OR REPLACE INTO bodies VALUES(?, ?)").begin()
        statement.bind(event.stamp.sequence)
        event.withUnsafeBytes { _ = statement.bind($0) }
        try statement.run()
      }
    }
  }
}

extension Topic {
  init?(key: String) {
    let id = String(key.dropFirst())
    switch key.first {
    case "i": self = .incident(id)
    case "c": self = .case(id)
    case "e": self = .event(id)
    default: return nil
    }
  }
}
