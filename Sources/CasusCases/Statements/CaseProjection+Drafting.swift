public import CasusEvents
internal import CasusLedger

/// What people write: opening a case, stating a position, drafting a decision. All pure; the caller gives time and keys
/// and publishes what comes back.
extension CaseProjection {
  /// The evidence that a case rests on now, the weightiest first, at most 256 events: the incident and every current
  /// assessment, then effects, then detections that the incident names.
  public func evidence(of incident: String) -> [Citation] {
    guard let record = incidents[incident] else { return [] }
    return evidence(of: record, without: [])
  }

  private func evidence(of record: IncidentRecord, without left: [Citation]) -> [Citation] {
    let left = Set(left.map(\.sequence))
    var seen: Set<String> = []
    let all = (record.assessments + record.effects.map(\.citation) + record.detections.map(\.citation)).filter {
      !left.contains($0.sequence) && seen.insert($0.sequence).inserted
    }
    return Array(all.prefix(EvidenceSnapshot.maximumEvents))
  }

  /// A snapshot of ``evidence(of:)`` at the journal's present size.
  ///
  /// Throws `CaseError`: `unknown` for an incident that isn't there, `evidence` when events were missing so that there
  /// is no Merkle root, and for a `live` case when the incident rests on replayed events or on those of an exercise: what
  /// rests on them is no evidence either. Assessments that are marked (``markedAssessments(of:)``) are left out of a live
  /// snapshot: nothing in it rests on them.
  public func snapshot(of incident: String, live: Bool = false) throws(CaseError) -> EvidenceSnapshot {
    guard let record = incidents[incident] else { throw CaseError(.unknown, "no incident \(incident)") }
    guard let tree = history?.tree, tree.missing.isEmpty else {
      let gap = history?.tree.missing.first.map { ": sequences \($0.lowerBound) to \($0.upperBound) are missing" }
      throw CaseError(
        .evidence, "this reader knows no Merkle root, because it has not seen the whole journal\(gap ?? "")")
    }
    if live { try refuseMarks(of: incident) }
    var digests: [UInt64: String] = [:]
    for citation in evidence(of: record, without: live ? markedAssessments(of: incident) : []) {
      digests[citation.number] = citation.sha256
    }
    do {
      return try EvidenceSnapshot(digests: digests, of: record.evidenceCount(at: tree.size), in: tree)
    } catch {
      throw CaseError(.evidence, error.message)
    }
  }

  private func refuseMarks(of incident: String) throws(CaseError) {
    guard let marks = marks(of: incident).text else { return }
    throw CaseError(
      .evidence,
      "incident \(incident) rests on \(marks), which are no evidence in a live case; an exercise may use them")
  }

  /// A case to publish as `casus.case.v1`, id `<case>-r1`. Throws `unknown`, `exists`, `policy`, or `evidence` when it is to be
  /// live and the incident rests on replayed events or on those of an exercise.
  public func open(
    _ caseID: String, on incident: String, title: String, question: String? = nil, by person: Person,
    policy: CasePolicy, at time: Timestamp, exercise: Bool, tlp: TLP = .amber
  ) throws(CaseError) -> Draft {
    try policy.validate()
    guard cases[caseID] == nil else { throw CaseError(.exists, "case \(caseID) is open already") }
    guard let record = incidents[incident] else { throw CaseError(.unknown, "no incident \(incident)") }
    if !exercise { try refuseMarks(of: incident) }
    let file = CaseFile(
      caseID: caseID, revision: 1, incident: incident, title: title, state: .open, opened: time, openedBy: person,
      question: question, policy: policy.reference, refs: [record.current.citation.reference])
    let marking = TLP.strictest(record.assessments.map(\.tlp) + [tlp])
    return Draft(
      file, id: "\(caseID)-r1", subject: caseID, time: time, tlp: marking, exercise: exercise, correlationid: caseID)
  }

  /// A party's position, to be signed with ``Position/init(signing:with:)``. The snapshot is taken now unless given.
  ///
  /// Throws `unknown`, `evidence`, or `statement` when there are no reasons or the party isn't the policy's.
  public func positionStatement(
    on caseID: String, party: String, finding: LegalFinding, prongs: Prongs, factors: [LegalFactor] = [],
    reasons: [String], dissent: [Dissent] = [], by person: Person, at time: Timestamp,
    snapshot: EvidenceSnapshot? = nil
  ) throws(CaseError) -> PositionStatement {
    let record = try record(caseID)
    guard !reasons.isEmpty else { throw CaseError(.statement, "a position needs its reasons") }
    if let policy = record.policy, policy.party(party) == nil {
      throw CaseError(.statement, "\(party) is no party of \(policy.name)")
    }
    return PositionStatement(
      caseID: caseID, incident: record.opened.data.incident, party: party, finding: finding, prongs: prongs,
      factors: factors, reasons: reasons, dissent: dissent, stated: time, statedBy: person,
      exercise: record.mode == .exercise, snapshot: try resolve(snapshot, for: record),
      replaces: record.position(of: party)?.payloadSHA256)
  }

  /// A decision, to be signed with ``Decision/init(signing:party:with:)``; every other signer adds to the same bytes with
  /// ``Decision/init(cosigning:party:with:)``. The snapshot is taken now unless given.
  ///
  /// Throws `unknown`, `evidence`, or `policy` when the case's policy isn't known here.
  public func decisionStatement(
    on caseID: String, outcome: Outcome, text: String, reasons: [String], dissent: [Dissent] = [],
    reviewBy: Timestamp? = nil, at time: Timestamp, snapshot: EvidenceSnapshot? = nil
  ) throws(CaseError) -> DecisionStatement {
    let record = try record(caseID)
    guard !reasons.isEmpty else { throw CaseError(.statement, "a decision needs its reasons") }
    guard let policy = record.policy else {
      throw CaseError(.policy, "the policy \(record.opened.data.policy.name) is not known here")
    }
    try policy.validate()
    return DecisionStatement(
      caseID: caseID, incident: record.opened.data.incident, outcome: outcome, text: text, reasons: reasons,
      dissent: dissent, drafted: time, reviewBy: reviewBy, parties: policy.parties.map(\.name),
      policy: policy.reference, exercise: record.mode == .exercise, snapshot: try resolve(snapshot, for: record),
      replaces: record.completed)
  }

  private func record(_ caseID: String) throws(CaseError) -> CaseRecord {
    guard let record = cases[caseID] else { throw CaseError(.unknown, "no case \(caseID)") }
    return record
  }

  private func resolve(_ given: EvidenceSnapshot?, for record: CaseRecord) throws(CaseError) -> EvidenceSnapshot {
    if let given { return given }
    return try snapshot(of: record.opened.data.incident, live: record.mode == .live)
  }
}

extension CaseProjection {
  /// What every reader of the journal would hold against an event of a case, were it published next by `sender`; empty for
  /// one that counts. And the case as it would be then, nil when there is none.
  ///
  /// This is the fold itself on a copy, so what passes here counts. Throws `EventError` for a draft that cannot be written.
  public func preview(_ draft: Draft, by sender: String, in caseID: String) throws -> (
    findings: [CaseFinding], record: CaseRecord?
  ) {
    var next = self
    next.findings = []
    next.cases[caseID]?.findings = []
    let stamp = Stamp(
      sequence: (last?.sequence ?? 0) + 1, recorded: draft.time ?? last?.recorded ?? Timestamp(nanoseconds: 0),
      sender: sender, flags: draft.exercise ? .exercise : [])
    next.apply(try RecordedEvent(stamp: stamp, bytes: try draft.encoded(source: "//\(sender)")))
    let record = next.cases[caseID]
    return (next.findings + (record?.findings ?? []), record)
  }
}
