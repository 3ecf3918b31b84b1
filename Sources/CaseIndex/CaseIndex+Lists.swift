public import CasusCases
import CasusEvents
import IJSON
import SQLite

/// What a list of incidents shows of one.
public struct IncidentLine: Sendable {
  public var incident: String
  public var heading: IncidentHeading
  public var attributions: Int
  public var purposes: Int
  public var damages: Int
  public var marks: EvidenceMarks
  /// A case was opened on it.
  public var hasCase: Bool
}

/// Some of a list, and what comes behind them.
public struct Page<Line: Sendable>: Sendable {
  public var lines: [Line]
  /// Further lines.
  public var left: Int
}

extension CaseIndex {
  /// Cases in the order in which they were opened.
  ///
  /// - Parameter after: the case that the page comes behind; throws `IndexError.unknown` for one that is not there.
  public func cases(after: String?, limit: Int) throws -> Page<String> {
    var opened: UInt64 = 0
    if let after {
      let query = "SELECT opened FROM cases WHERE name = ?"
      guard let found = try database.statement(query).begin().bind(after).first({ $0.unsigned(0) }) else {
        throw IndexError(.unknown, "there is no case \(after)")
      }
      opened = found
    }
    let lines = try database.statement("SELECT name FROM cases WHERE opened > ? ORDER BY opened LIMIT ?").begin().bind(
      opened
    )
    .bind(limit).all { $0.text(0) }
    let all = try database.statement("SELECT count(*) FROM cases WHERE opened > ?").begin().bind(opened).first {
      $0.int(0)
    }
    return Page(lines: lines, left: (all ?? 0) - lines.count)
  }

  /// Incidents that are not retracted, the gravest first: the furthest phase, then the most events.
  ///
  /// - Parameter after: the incident that the page comes behind; throws `IndexError.unknown` for one that is not there.
  public func incidents(after: String?, limit: Int) throws -> Page<IncidentLine> {
    try database.reading { try page(after: after, limit: limit) }
  }

  private func page(after: String?, limit: Int) throws -> Page<IncidentLine> {
    var place = (phase: Int.max, weight: Int.max, name: "")
    if let after {
      let query = "SELECT phase, weight FROM incidents WHERE name = ?"
      let found = try database.statement(query).begin().bind(after).first { ($0.int(0), $0.int(1)) }
      guard let found else { throw IndexError(.unknown, "there is no incident \(after)") }
      place = (found.0, found.1, after)
    }
    let behind =
      "FROM incidents WHERE retracted = 0 AND (phase < ?1 OR phase = ?1 AND (weight < ?2 OR weight = ?2 AND name > ?3))"
    func ask(_ what: String) throws -> Statement {
      try database.statement(what).begin().bind(place.phase).bind(place.weight).bind(place.name)
    }
    let found = try ask("SELECT name, first, newest, heading \(behind) ORDER BY phase DESC, weight DESC, name LIMIT ?4")
      .bind(limit).all { row in
        (name: row.text(0), first: row.unsigned(1), newest: row.unsigned(2), heading: Array(row.bytes(3)))
      }
    let all = try ask("SELECT count(*) \(behind)").first { $0.int(0) } ?? 0
    let lines = try found.map { row in
      let counts = try assessments(of: row.name, since: row.first)
      return IncidentLine(
        incident: row.name, heading: try JSONDocument(row.heading).decode(IncidentHeading.self),
        attributions: counts[.attribution] ?? 0, purposes: counts[.purpose] ?? 0, damages: counts[.damage] ?? 0,
        marks: try marks(ofRevision: row.newest), hasCase: try hasCase(row.name))
    }
    return Page(lines: lines, left: all - lines.count)
  }

  /// How many sources, each in each world, have assessed it. What came before the incident counts for nothing.
  private func assessments(of incident: String, since first: UInt64) throws -> [EventFacts.Kind: Int] {
    let query = """
      SELECT f.kind, count(DISTINCT f.source || char(10) || (e.flags & 11)) FROM topics t
        JOIN facts f ON f.sequence = t.sequence JOIN events e ON e.sequence = t.sequence
      WHERE t.topic = ? AND t.sequence > ? GROUP BY f.kind
      """
    var counts: [EventFacts.Kind: Int] = [:]
    let statement = try database.statement(query).begin().bind(Topic.incident(incident).key).bind(first)
    for (kind, count) in try statement.all({ ($0.int(0), $0.int(1)) }) {
      if let kind = EventFacts.Kind(rawValue: kind) { counts[kind] = count }
    }
    return counts
  }

  /// What an incident rests on now; nothing marked where it is not there.
  func marks(of incident: String) throws -> EvidenceMarks {
    let newest = try database.statement("SELECT newest FROM incidents WHERE name = ?").begin().bind(incident)
      .first { $0.unsigned(0) }
    return try newest.map { try marks(ofRevision: $0) } ?? EvidenceMarks()
  }

  private func marks(ofRevision sequence: UInt64) throws -> EvidenceMarks {
    let query = "SELECT f.named, e.digest FROM facts f JOIN events e ON e.sequence = f.sequence WHERE f.sequence = ?"
    let digests = try database.statement(query).begin().bind(sequence).first { row in
      Set(IndexState.digests(row.bytes(0)) + IndexState.digests(row.bytes(1)))
    }
    var marks = EvidenceMarks()
    for digest in digests ?? [] { if let entry = try entries(of: digest).last { marks.count(entry) } }
    return marks
  }

  private func hasCase(_ incident: String) throws -> Bool {
    try database.statement("SELECT 1 FROM cases WHERE incident = ? LIMIT 1").begin().bind(incident).first { _ in true }
      ?? false
  }

  public func incident(of caseID: String) throws -> String? {
    try database.statement("SELECT incident FROM cases WHERE name = ?").begin().bind(caseID).first { $0.text(0) }
  }
}
