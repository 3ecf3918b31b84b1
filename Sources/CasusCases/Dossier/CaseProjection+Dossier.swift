internal import CasusEvents
internal import CasusLedger

extension CaseProjection {
  /// The dossier of a case as it stands after the last event. Throws `CaseError.unknown`.
  public func dossier(of caseID: String) throws(CaseError) -> Dossier {
    guard let record = cases[caseID], let last else { throw CaseError(.unknown, "no case \(caseID) in the journal") }
    let incident = incidents[record.opened.data.incident]
    let named = incident?.current.data
    let detections = (incident?.detections ?? [])
      .sorted { ($0.firstSeen, $0.citation.number) < ($1.firstSeen, $1.citation.number) }
    let effects = (incident?.effects ?? [])
      .sorted { ($0.data.started, $0.citation.number) < ($1.data.started, $1.citation.number) }
    let verdict = record.verdict
    return Dossier(
      format: 1, mode: record.mode, banner: record.mode == .live ? nil : record.mode.rawValue.uppercased(),
      marked: marks(of: record.opened.data.incident),
      leftOut: record.mode == .live ? markedAssessments(of: record.opened.data.incident) : [], notice: Dossier.notice,
      asOf: AsOf(sequence: String(last.sequence), recorded: last.recorded, root: history?.tree.root?.hex),
      case: section(record, verdict), incident: incident?.current, detections: detections,
      detectionsOmitted: max(0, (named?.detectionCount ?? 0) - detections.count), effects: effects,
      effectsOmitted: max(0, (named?.effectCount ?? 0) - effects.count),
      attributions: incident?.attributions.current ?? [], purposes: incident?.purposes.current ?? [],
      damages: incident?.damages.current ?? [], disagreements: incident.map(Disagreement.all) ?? [],
      disputes: disputes(of: record, incident), disputesForgotten: forgottenDisputes,
      consultation: consultation(record), positions: record.positions, decision: decision(record, verdict, incident),
      findings: record.findings, references: references(incident))
  }

  /// What the incident and its assessments refer to, by their places in this journal; unknown ones at the end.
  private func references(_ incident: IncidentRecord?) -> [EventReference] {
    var seen: Set<String> = []
    return (incident?.references ?? []).filter { seen.insert($0.sha256).inserted }
      .map { reference -> (UInt64, EventReference) in
        let entry = SHA256Digest(hex: reference.sha256).flatMap { evidence[$0] }
        var reference = reference
        reference.sequence = entry.map { String($0.sequence) }
        return (entry?.sequence ?? UInt64.max, reference)
      }
      .sorted { ($0.0, $0.1.sha256) < ($1.0, $1.1.sha256) }.map(\.1)
  }

  private func section(_ record: CaseRecord, _ verdict: Verdict) -> CaseSection {
    let file = record.current.data
    let state: CaseState =
      verdict.stands ? .decided : file.state == .closed ? .closed : record.consultees.isEmpty ? .open : .consulting
    return CaseSection(
      id: file.caseID, title: file.title, question: record.opened.data.question, incident: record.opened.data.incident,
      state: state, opened: record.opened.data.opened, openedBy: record.opened.data.openedBy,
      policy: record.opened.data.policy, policyAuthor: record.policy?.author, policyKnown: record.policy != nil,
      citation: record.opened.citation, revisions: record.current.superseded + 1)
  }

  private func consultation(_ record: CaseRecord) -> ConsultationSection {
    let lines = record.consultees.map { consultee in
      let position = record.position(of: consultee.party)
      return ConsultationSection.Line(
        party: consultee.party, title: record.policy?.party(consultee.party)?.title, office: consultee.office,
        due: consultee.due, heard: position?.citation.recorded, late: position?.late ?? false,
        citation: position?.citation)
    }
    return ConsultationSection(
      complete: record.consultationIsComplete, lines: lines, events: record.consultations.current.map(\.citation))
  }

  private func decision(_ record: CaseRecord, _ verdict: Verdict, _ incident: IncidentRecord?) -> DecisionSection {
    let statement = verdict.ballot?.statement
    let size = statement.flatMap { UInt64($0.snapshot.treeSize) }
    let moved =
      record.mode == .replay ? [] : (incident?.assessments ?? []).filter { $0.number > size ?? UInt64.max }
    let root = size.flatMap { history?.root(at: $0) }
    return DecisionSection(
      stands: verdict.stands, outcome: verdict.stands ? statement?.outcome : nil, missing: verdict.missing,
      statement: statement, payloadSHA256: verdict.ballot?.payloadSHA256, tallies: verdict.tallies, movedOn: moved,
      rootChecked: root != nil && root?.hex == statement?.snapshot.root,
      otherTexts: max(0, record.ballots.count - 1))
  }
}
