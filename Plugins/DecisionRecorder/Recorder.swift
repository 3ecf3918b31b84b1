import CasusCases
import CasusEvents
import CasusLedger

/// The recorder's logic: a fold over the journal that answers with consultations and with cases that are decided.
///
/// Pure: ids follow from the case and a count, times from the events of the case.
struct Recorder: Sendable {
  /// What was published of a case, and what it inherits from the case's events.
  private struct Entry: Sendable {
    var time: Timestamp?
    var tlp = TLP.clear
    var consultation: Consultation?
    var published: EventReference?
    /// The signed bytes that the last revision called decided rests on.
    var decided: String?
  }

  private(set) var projection: CaseProjection
  private let source: String
  private var entries: [String: Entry] = [:]
  /// So that a consultation keeps within its schema and an event within its size.
  private static let maximumNotes = 64

  init(policies: [CasePolicy], identity: String) {
    var limits = CaseProjection.Limits()
    limits.observations = 1  // what was detected is the dossier's matter, not the record's
    projection = CaseProjection(policies: policies, limits: limits)
    source = "//" + identity
  }

  mutating func handle(_ event: RecordedEvent) throws -> [Draft] {
    projection.apply(event)
    return try answer(event)
  }

  /// The same over what an index picked of the journal for one case; what the last of it leads to.
  mutating func take(_ items: [CaseSlice.Item], on history: JournalHistory?, last: Stamp?) throws -> [Draft] {
    projection.stand(on: history, last: last)
    var drafts: [Draft] = []
    for item in items {
      projection.take(item)
      drafts = if case .event(let event, _) = item { try answer(event) } else { [] }
    }
    return drafts
  }

  private mutating func answer(_ event: RecordedEvent) throws -> [Draft] {
    guard let caseID = try Self.caseID(of: event), let record = projection.cases[caseID] else { return [] }
    // A live case takes nothing marked, not even the time of it; that it was there is told with the next that counts.
    if record.mode == .live, !event.stamp.flags.marks.isEmpty { return [] }
    var entry = entries[caseID] ?? Entry()
    // Its own events come back and say nothing new.
    if event.envelope.source != source {
      entry.time = [entry.time, event.envelope.time].compactMap { $0 }.max()
      entry.tlp = max(entry.tlp, event.envelope.tlp)
    }
    let drafts = try consultation(record, &entry, event) + decision(record, &entry, event)
    entries[caseID] = entry
    return drafts
  }

  static func caseID(of event: RecordedEvent) throws -> String? {
    switch event.envelope.type {
    case .caseFile: try event.data(as: CaseFile.self).caseID
    case .position: try event.data(as: Position.self).caseID
    case .decision: try event.data(as: Decision.self).caseID
    default: nil
    }
  }

  /// A new revision where anything but its number changed.
  private func consultation(_ record: CaseRecord, _ entry: inout Entry, _ event: RecordedEvent) throws -> [Draft] {
    let notes = record.findings.map {
      ConsultationNote(code: $0.code.rawValue, message: $0.message, about: $0.about.reference)
    }
    let caseID = record.opened.data.caseID
    var consultation = Consultation(
      caseID: caseID, revision: entry.consultation?.revision ?? 0,
      state: record.consultationIsComplete ? .complete : .awaited, consultees: record.consultees,
      notes: notes.suffix(Self.maximumNotes), omittedNotes: max(0, notes.count - Self.maximumNotes),
      policy: record.opened.data.policy, refs: [record.opened.citation.reference],
      supersedes: entry.consultation?.supersedes)
    guard consultation != entry.consultation else { return [] }
    consultation.revision += 1
    consultation.supersedes = entry.published
    let draft = Draft(
      consultation, id: derivedID("consultation", caseID) + "-r\(consultation.revision)", subject: caseID,
      time: entry.time, tlp: entry.tlp, exercise: record.mode == .exercise, correlationid: caseID,
      causationid: event.envelope.id)
    let bytes = try draft.encoded(source: source)
    entry.consultation = consultation
    entry.published = EventReference(source: source, id: draft.id ?? "", sha256: sha256Hex(bytes))
    return [draft]
  }

  /// The case's next revision, when a text stands that the last one didn't rest on.
  private func decision(_ record: CaseRecord, _ entry: inout Entry, _ event: RecordedEvent) -> [Draft] {
    let verdict = record.verdict
    guard verdict.stands, let ballot = verdict.ballot, ballot.payloadSHA256 != entry.decided else { return [] }
    entry.decided = ballot.payloadSHA256
    var decisions: [EventReference] = []
    for signature in verdict.tallies.flatMap({ $0.signatures.prefix($0.needed) }) {
      let reference = signature.citation.reference
      if !decisions.contains(reference) { decisions.append(reference) }
    }
    var file = record.current.data
    file.revision += 1
    file.state = .decided
    file.outcome = ballot.statement.outcome
    file.decisions = decisions
    file.notes = ["Recorded, not decided, by a program: every party's quorum signed the same bytes."]
    file.refs = [record.opened.citation.reference]
    file.supersedes = record.current.citation.reference
    return [
      Draft(
        file, id: derivedID("case", file.caseID, ballot.payloadSHA256) + "-r\(file.revision)", subject: file.caseID,
        time: entry.time, tlp: entry.tlp, exercise: record.mode == .exercise, correlationid: file.caseID,
        causationid: event.envelope.id)
    ]
  }
}
