import CasusCases
public import CasusEvents
import CasusLedger
import SQLite

/// What the index notes of an event beside its stamp's flags.
enum EventBits {
  /// The event itself says that it is an exercise's.
  static let exercise = 1 << 16
  /// The bus's own: no evidence.
  static let bus = 1 << 17
}

extension CaseIndex {
  /// Leaves between two edges that are kept.
  private static let edgeEvery: UInt64 = 1024

  /// Takes the journal's next events, in rising order and all or none. What was taken before, by whomever, is passed over.
  public func add(_ events: some Sequence<RecordedEvent>) throws {
    let before = state
    do {
      try database.transaction {
        try catchUp()
        for event in events where event.stamp.sequence > state.last?.sequence ?? 0 { try add(event) }
        try state.save(database)
      }
    } catch {
      state = before
      senders = [:]
      throw error
    }
  }

  /// Another process may have gone on meanwhile.
  private func catchUp() throws {
    let now = try database.statement("SELECT sequence, generation FROM state").begin().first { row in
      (sequence: row.unsigned(0), generation: row.int(1))
    }
    // What was read for the one of before does not go on from this one.
    guard now?.generation == state.generation else { throw IndexError(.remade, "another command has made it again") }
    guard now?.sequence != state.last?.sequence ?? 0 else { return }
    guard let read = try IndexState(database) else { throw IndexError(.damaged, "it does not say how far it goes") }
    state = read
    senders = [:]
  }

  private func add(_ event: RecordedEvent) throws {
    let digest = event.digest
    let isBus = event.isBusEvent
    if isBus { try refuseLost(event) }
    if !state.isBroken {
      do throws(LedgerError) {
        let told = try state.tree.add(event, digest).told
        for stretch in told { state.unknown.append(stretch.lowerBound...(event.stamp.sequence - 1)) }
      } catch {
        state.isBroken = true
      }
      if state.tree.merkle.count >= state.edged + Self.edgeEvery { try keepEdge() }
    }
    state.last = event.stamp
    state.digest = digest
    try insert(event, digest, isBus)
    guard !isBus else { return }
    try insertKey(digest, event.stamp.sequence)
    // What cannot be read belongs to nothing: the broker lets no such event in.
    guard !event.isObservation, let facts = try? EventFacts(of: event) else { return }
    try insert(facts, event)
    if let incident = facts.incident { try note(incident, event) }
    if facts.kind == .caseFile, let file = try? event.data(as: CaseFile.self) { try note(file, event.stamp.sequence) }
  }

  /// A loss of what was read here when it was still there: whoever reads the journal now finds a lost stretch instead.
  private func refuseLost(_ event: RecordedEvent) throws {
    guard event.envelope.type == BusLoss.type, event.stamp.sender == BusLoss.sender,
      !event.stamp.flags.contains(.replayed), let loss = try? event.data(as: BusLoss.self)
    else { return }
    for stretch in loss.lost.compactMap(\.range) {
      let known = try database.statement("SELECT 1 FROM events WHERE sequence BETWEEN ? AND ? LIMIT 1").begin()
        .bind(stretch.lowerBound).bind(min(stretch.upperBound, UInt64(Int64.max))).first { _ in true }
      if known == true { throw IndexError(.damaged, "the journal has lost events that it speaks of") }
    }
  }

  private func keepEdge() throws {
    state.edged = state.tree.merkle.count
    let statement = try database.statement("INSERT OR REPLACE INTO edges VALUES(?, ?, ?)").begin()
    statement.bind(state.tree.size).bind(state.edged).bind(IndexState.bytes(state.tree.merkle.edge))
    try statement.run()
  }

  private func insert(_ event: RecordedEvent, _ digest: SHA256Digest, _ isBus: Bool) throws {
    var flags = Int(event.stamp.flags.kept.rawValue)
    if event.saysExercise { flags |= EventBits.exercise }
    if isBus { flags |= EventBits.bus }
    let sender = try number(of: event.stamp.sender)
    let statement = try database.statement("INSERT INTO events VALUES(?, ?, ?, ?, ?)").begin()
    statement.bind(event.stamp.sequence)
    digest.withUnsafeBytes { _ = statement.bind($0) }
    statement.bind(event.stamp.recorded.nanoseconds).bind(sender).bind(flags)
    try statement.run()
  }

  private func insertKey(_ digest: SHA256Digest, _ sequence: UInt64) throws {
    try database.statement("INSERT INTO digests VALUES(?, ?)").begin().bind(digest.key).bind(sequence).run()
  }

  private func number(of sender: String) throws -> Int {
    if let number = senders[sender] { return number }
    try database.statement("INSERT OR IGNORE INTO senders(name) VALUES(?)").begin().bind(sender).run()
    let number = try database.statement("SELECT number FROM senders WHERE name = ?").begin().bind(sender).first {
      $0.int(0)
    }
    guard let number else { throw IndexError(.damaged, "a sender is not where it was put") }
    senders[sender] = number
    return number
  }

  private func insert(_ facts: EventFacts, _ event: RecordedEvent) throws {
    guard let topic = facts.topics.first else { return }
    let envelope = event.envelope
    let statement = try database.statement("INSERT INTO facts VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)").begin()
    statement.bind(event.stamp.sequence).bind(facts.kind.rawValue).bind(topic.key).bind(facts.revision)
    statement.bind(envelope.source).bind(envelope.id).bind(envelope.tlp.rawValue).bind(facts.incident?.events ?? 0)
    statement.bind(facts.incident.map { IndexState.bytes($0.named) })
    statement.bind(facts.kind.isStatement ? event.bytes : nil)
    try statement.run()
    for topic in facts.topics {
      try database.statement("INSERT OR IGNORE INTO topics VALUES(?, ?)").begin().bind(topic.key)
        .bind(event.stamp.sequence).run()
    }
  }

  /// As the fold does it: who may not replace the newest revision replaces nothing, and an older one that comes late neither.
  private func note(_ incident: IncidentFacts, _ event: RecordedEvent) throws {
    guard let heading = incident.heading else { return }
    let query = "SELECT source, revision, first FROM incidents WHERE name = ?"
    let known = try database.statement(query).begin().bind(incident.incident).first { row in
      (source: row.text(0), revision: row.int(1), first: row.unsigned(2))
    }
    let source = event.envelope.source
    if let known {
      guard Succession.allows(source, toReplace: known.source), incident.revision >= known.revision else { return }
    }
    let sequence = event.stamp.sequence
    let statement = try database.statement("INSERT OR REPLACE INTO incidents VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)").begin()
    statement.bind(incident.incident).bind(known?.first ?? sequence).bind(sequence).bind(incident.revision).bind(source)
    statement.bind(heading.state == .retracted ? 1 : 0).bind(Phase.allCases.firstIndex(of: heading.phase) ?? 0)
    statement.bind(heading.detectionCount + heading.effectCount).bind(try canonicalJSON(heading))
    try statement.run()
  }

  private func note(_ file: CaseFile, _ sequence: UInt64) throws {
    try database.statement("INSERT OR IGNORE INTO cases VALUES(?, ?, ?)").begin().bind(file.caseID).bind(file.incident)
      .bind(sequence).run()
  }
}

extension SHA256Digest {
  /// Its first eight bytes: enough to find it by.
  var key: Int64 { withUnsafeBytes { $0.loadUnaligned(as: Int64.self) } }
}
