public import CasusEvents
public import CasusLedger

/// Incidents and cases as they follow from a journal's events: a pure fold, so that every reader of the same journal
/// sees the same. Apply every event in order; one that was applied before (a redelivery) changes nothing.
///
/// Give it *all* events from the first, or it cannot make or check snapshots' Merkle roots; the rest works with gaps. What the
/// journal itself has lost is no gap (`JournalTree`).
/// A plain value. Cost: some microseconds an event, about a hundred for an assessment or a statement; memory by `Limits`.
public struct CaseProjection: Sendable {
  /// How much is remembered.
  public struct Limits: Sendable {
    /// Detections and effects that an incident may still name: the newest, and each publisher's own share of them
    /// (`SourceShelf`). Their bytes are kept.
    public var observations = 50_000
    /// Events whose digests are known, so that a snapshot can list them.
    public var evidence = 1_000_000
    /// Journal sizes, counted from the newest, whose root can be checked.
    public var roots = 65_536
    /// Findings kept for a case; more are only counted.
    public var findings = 1000
    /// Disputes, likewise.
    public var disputes = 10_000

    public init() {}
  }

  public let policies: [CasePolicy]
  public let limits: Limits
  /// The stamp of the last event that was applied.
  public private(set) var last: Stamp?
  public internal(set) var incidents: [String: IncidentRecord] = [:]
  public internal(set) var cases: [String: CaseRecord] = [:]
  /// Findings that belong to no case, at most `limits.findings`.
  public internal(set) var findings: [CaseFinding] = []
  /// Nil once more was missing than is remembered.
  public private(set) var history: JournalHistory?

  var evidence: EvidenceIndex
  private var shelf: ObservationShelf
  private(set) var disputes: DisputeShelf

  /// What is said of disputes that were forgotten; nil where none was.
  public var forgottenDisputes: String? { disputes.fallen.note(of: "disputes") }

  public init(policies: [CasePolicy], limits: Limits = Limits()) {
    self.policies = policies
    self.limits = limits
    history = JournalHistory(window: limits.roots)
    evidence = EvidenceIndex(limit: limits.evidence)
    shelf = ObservationShelf(limit: limits.observations)
    disputes = DisputeShelf(limit: limits.disputes)
  }

  /// The next event of the journal.
  public mutating func apply(_ event: RecordedEvent) {
    if let last, event.stamp.sequence <= last.sequence { return }
    last = event.stamp
    let digest = event.digest
    do { try history?.append(event, digest) } catch { history = nil }
    // The bus's own events say nothing of a case and are no evidence in one.
    guard !event.envelope.type.rawValue.hasPrefix("casus.bus.") else { return }
    take(event, digest)
  }

  private mutating func take(_ event: RecordedEvent, _ digest: SHA256Digest) {
    evidence.insert(
      EvidenceEntry(
        sequence: event.stamp.sequence, digest: digest, flags: event.stamp.flags,
        saysExercise: event.envelope.exercise))
    do {
      try read(event, digest)
    } catch {
      note(CaseFinding(.unreadable, "\(event.envelope.type): \(error.message)", Citation(event, digest)))
    }
  }

  // MARK: A slice in place of the whole journal

  /// Goes on over what an index picked, `take` by `take`: only what the slice was made for may be asked then.
  ///
  /// - Parameters:
  ///   - history: of the whole journal, with the roots that the slice's statements name.
  ///   - last: the journal's last event.
  public mutating func stand(on history: JournalHistory?, last: Stamp?) {
    self.history = history
    self.last = last
  }

  /// The next item of a slice. What is only named may come late.
  public mutating func take(_ item: CaseSlice.Item) {
    switch item {
    case .entry(let entry): evidence.insert(entry)
    case .facts(let facts, let citation, let entry):
      evidence.insert(entry)
      take(facts, citation)
    case .event(let event, let entry): take(event, entry.digest)
    }
  }

  /// Without the content.
  private mutating func take(_ facts: EventFacts, _ citation: Citation) {
    guard let topic = facts.topics.first else { return }
    switch (facts.kind, topic) {
    case (.incident, _): if let incident = facts.incident { add(incident, nil, citation) }
    case (.attribution, .incident(let id)), (.purpose, .incident(let id)), (.damage, .incident(let id)):
      incidents[id]?.add(facts.kind, nil, citation, revision: facts.revision)
    case (.consultation, .case(let id)): cases[id]?.consultations.add(nil, citation, revision: facts.revision)
    default: break
    }
  }

  private mutating func read(_ event: RecordedEvent, _ digest: SHA256Digest) throws(EventError) {
    if event.envelope.type == .detection || event.envelope.type == .effect { return shelf.insert(event, digest) }
    let citation = Citation(event, digest)
    switch event.envelope.type {
    case .incident:
      let incident = try event.data(as: Incident.self)
      add(IncidentFacts(incident), incident, citation)
    case .attribution:
      let it = try event.data(as: Attribution.self)
      incidents[it.incident]?.add(.attribution, .attribution(it), citation, revision: it.revision)
    case .purpose:
      let it = try event.data(as: Purpose.self)
      incidents[it.incident]?.add(.purpose, .purpose(it), citation, revision: it.revision)
    case .damage:
      let it = try event.data(as: Damage.self)
      incidents[it.incident]?.add(.damage, .damage(it), citation, revision: it.revision)
    case .caseFile:
      add(try event.data(as: CaseFile.self), event, citation)
    case .consultation:
      let consultation = try event.data(as: Consultation.self)
      cases[consultation.caseID]?.consultations.add(consultation, citation, revision: consultation.revision)
    case .position:
      add(try event.data(as: Position.self), event, citation)
    case .decision:
      add(try event.data(as: Decision.self), event, citation)
    case .dispute:
      disputes.add(try event.data(as: Dispute.self), citation)
    default:
      break
    }
  }

  private mutating func add(_ facts: IncidentFacts, _ content: Incident?, _ citation: Citation) {
    guard var record = incidents.removeValue(forKey: facts.incident) else {
      incidents[facts.incident] = IncidentRecord(facts, content, citation, shelf)
      return
    }
    if !record.revise(facts, content, citation, shelf) {
      note(
        CaseFinding(
          .foreignRevision,
          "incident \(facts.incident) belongs to \(record.standing.citation.source), not to \(citation.source)",
          citation))
    }
    incidents[facts.incident] = record
  }

  private mutating func add(_ file: CaseFile, _ event: RecordedEvent, _ citation: Citation) {
    guard var record = cases[file.caseID] else {
      let mode: CaseMode =
        event.envelope.exercise || event.stamp.flags.contains(.exercise)
        ? .exercise : event.stamp.flags.isReplay ? .replay : .live
      let policy = policies.first { $0.reference.matches(file.policy) }
      cases[file.caseID] = CaseRecord(
        opened: Cited(file, citation), current: Cited(file, citation), mode: mode, policy: policy)
      if mode == .live, let marks = marks(of: file.incident).text {
        let message = "a live case on an incident that rests on \(marks): no statement on it counts"
        note(CaseFinding(.markedIncident, message, citation), in: file.caseID)
      }
      return
    }
    if record.revise(file, citation) {
      cases[file.caseID] = record
    } else {
      let owner = record.opened.citation.source
      note(
        CaseFinding(
          .foreignRevision, "case \(file.caseID) belongs to \(owner): \(citation.source) may only record its decision",
          citation), in: file.caseID)
    }
  }

  /// Keeps a finding that belongs to no case.
  mutating func note(_ finding: CaseFinding) {
    if findings.count < limits.findings { findings.append(finding) }
  }

  /// Keeps a finding with its case.
  mutating func note(_ finding: CaseFinding, in caseID: String) {
    guard let count = cases[caseID]?.findings.count else { return note(finding) }
    if count < limits.findings { cases[caseID]?.findings.append(finding) }
  }
}

extension PolicyReference {
  /// Same name and version, and the same digest where both give one.
  func matches(_ other: PolicyReference) -> Bool {
    name == other.name && version == other.version
      && (sha256 == nil || other.sha256 == nil || sha256 == other.sha256)
  }
}
