import CasusCases
import CasusEvents
import CasusLedger
import Testing

/// A live case rests on nothing replayed and on nothing of an exercise, and evidence is the case's own.
@Suite struct MarkedEvidenceTests {
  /// A live journal whose incident names a detection with these marks.
  static func marked(_ flags: StampFlags) throws -> CaseJournal {
    var journal = try CaseJournal(exercise: false, consult: false)
    try journal.assess()
    let incident = journal.projection.incidents["i-1"]!.current.data
    let detection = Detection(
      finding: Finding(uid: "x", title: "EXERCISE", analytic: Analytic(name: "dnp3")), severityID: 4,
      firstSeen: journal.now, lastSeen: journal.now, techniques: [])
    let reference = try journal.append(detection, id: "x", by: "jp.nisc/suricata-1", flags: flags).reference
    var revised = incident
    revised.revision = 3
    revised.detections.append(reference)
    revised.detectionCount += 1
    try journal.append(revised, id: "i-1-r3", by: "jp.nisc/correlator-1")
    return journal
  }

  @Test(arguments: [(StampFlags.replayed, "1 replayed event"), (.exercise, "1 event of an exercise")])
  func `a live case is not opened on an unmarked incident that rests on marked evidence`(
    flags: StampFlags, words: String
  ) throws {
    var journal = try Self.marked(flags)
    let error = #expect(throws: CaseError.self) { try journal.openCase() }
    #expect(error?.code == .evidence)
    #expect(error?.message.contains(words) == true)
    // Another publisher may have opened it all the same: it says so, and nothing on it counts.
    let file = CaseFile(
      caseID: "C-1", revision: 1, incident: "i-1", title: "EXERCISE", state: .open, opened: journal.now,
      openedBy: Person(name: "EXERCISE"), policy: journal.policy.reference)
    try journal.append(file, id: "C-1-r1", by: "jp.mofa/desk")
    #expect(journal.codes == ["marked-incident"])
    #expect(throws: CaseError.self) { try journal.decision() }
    let statement = try journal.projection.decisionStatement(
      on: "C-1", outcome: .noAction, text: "EXERCISE", reasons: ["EXERCISE"], at: journal.now,
      snapshot: journal.projection.snapshot(of: "i-1"))
    try journal.sign(statement, jp: [journal.jp1], us: [journal.us1])
    #expect(!journal.record.verdict.stands)
    #expect(Set(journal.codes) == ["marked-incident", flags == .replayed ? "replayed-evidence" : "exercise-evidence"])
    let dossier = try journal.projection.dossier(of: "C-1")
    #expect(dossier.markdown.contains("**MARKED EVIDENCE.** The incident rests on \(words)."))
  }

  @Test
  func `evidence that is marked after a decision does not undo it`() throws {
    var journal = try QuorumTests.opened(exercise: false, consult: false)
    try journal.sign(journal.decision(), jp: [journal.jp1], us: [journal.us1])
    var revised = journal.projection.incidents["i-1"]!.current.data
    revised.revision = 3
    try journal.append(revised, id: "i-1-r3", by: "jp.nisc/correlator-1", flags: .exercise)
    #expect(journal.record.verdict.stands)
    #expect(try journal.projection.dossier(of: "C-1").marked.exercise == 1)
    #expect(throws: CaseError.self) { try journal.decision() }
  }

  @Test
  func `a marked assessment is left out of a live statement, with what rests on it, and is named`() throws {
    var journal = try QuorumTests.opened(exercise: false, consult: false)
    let old = journal.projection.incidents["i-1"]!.attributions.current[0].data
    let marked = try journal.append(
      Draft(old, id: "a-x", time: journal.now, exercise: true), by: "jp.exercise/attribution-1")
    var damage = journal.projection.incidents["i-1"]!.damages.current[0].data
    damage.refs.append(marked.reference)
    try journal.append(damage, id: "m-x", by: "jp.other/damage-1")
    let statement = try journal.decision()
    let listed = Set(statement.snapshot.events.map(\.sequence))
    let left = try journal.projection.dossier(of: "C-1").leftOut
    #expect(left.map(\.id) == ["a-x", "m-x"])
    #expect(left.allSatisfy { !listed.contains($0.sequence) })
    try journal.sign(statement, jp: [journal.jp1], us: [journal.us1])
    #expect(journal.record.verdict.stands)
  }

  @Test
  func `an assessment that is marked stands beside its analyzer's own, and a live statement goes on resting on that`()
    throws
  {
    var journal = try QuorumTests.opened(exercise: false, consult: false)
    let own = journal.projection.incidents["i-1"]!.attributions.current[0]
    var revised = own.data
    revised.revision = 2
    for (index, flags) in [StampFlags.exercise, .replayed, .descends].enumerated() {
      try journal.append(revised, id: "a-marked-\(index)", by: own.citation.sender, flags: flags)
    }
    let dossier = try journal.projection.dossier(of: "C-1")
    #expect(dossier.attributions.count == 5 && dossier.leftOut.count == 3)
    let statement = try journal.decision()
    #expect(statement.snapshot.events.map(\.sequence).contains(own.citation.sequence))
    try journal.sign(statement, jp: [journal.jp1], us: [journal.us1])
    #expect(journal.record.verdict.stands && journal.codes.isEmpty)
  }

  @Test
  func `a statement rests on its own incident's evidence and says how much of it`() throws {
    var journal = try QuorumTests.opened(consult: false)
    func tried(_ change: (inout EvidenceSnapshot) throws -> Void) throws -> [String] {
      var statement = try journal.decision()
      try change(&statement.snapshot)
      let before = journal.record.findings.count
      try journal.publish(Decision(signing: statement, party: "JP", with: [journal.jp1]))
      return journal.record.findings.dropFirst(before).map(\.code.rawValue)
    }
    let early = Array(journal.events.prefix(3))
    let tree = try SnapshotTests.tree(early)
    #expect(try tried { $0 = try EvidenceSnapshot(of: early, in: tree) } == ["stale-snapshot"])
    let foreign = Detection(
      finding: Finding(uid: "y", title: "EXERCISE other", analytic: Analytic(name: "dnp3")), severityID: 4,
      firstSeen: journal.now, lastSeen: journal.now, techniques: [])
    let other = try journal.append(foreign, id: "y", by: "jp.nisc/suricata-1")
    let item = EvidenceItem(sequence: String(other.stamp.sequence), sha256: other.sha256)
    #expect(try tried { $0.events.append(item) } == ["foreign-evidence"])
    #expect(try tried { $0.evidenceCount += 1 } == ["wrong-coverage"])
    #expect(try tried { _ in } == [])
    // Three detections, an effect, the incident and five assessments.
    #expect(try journal.decision().snapshot.evidenceCount == 10)
  }

  @Test
  func `a statement on an incident that counts fewer events than it names says how many there are, and counts`() throws
  {
    var journal = try QuorumTests.opened(consult: false)
    var revised = journal.projection.incidents["i-1"]!.current.data
    revised.revision = 3
    revised.detectionCount = 1
    revised.effectCount = 0
    try journal.append(revised, id: "i-1-r3", by: "jp.nisc/correlator-1")
    #expect(try journal.decision().snapshot.evidenceCount == 10)
    try journal.sign(journal.decision(), jp: [journal.jp1], us: [journal.us1])
    #expect(journal.codes.isEmpty && journal.record.verdict.stands)
  }
}
