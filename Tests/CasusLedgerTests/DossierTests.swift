import CasusCases
import CasusEvents
import CasusLedger
import Foundation
import Testing

@Suite struct DossierTests {
  static func decided() throws -> CaseJournal {
    var journal = try QuorumTests.opened()
    try journal.sign(journal.decision(), jp: [journal.jp1], us: [journal.us1])
    return journal
  }

  @Test
  func `the dossier has everything side by side, and comes back from its JSON`() throws {
    let journal = try Self.decided()
    let dossier = try journal.projection.dossier(of: "C-1")
    #expect(dossier.banner == "EXERCISE")
    #expect(dossier.case.state == .decided)
    #expect(dossier.detections.count == 3)
    #expect(dossier.effects.count == 1)
    #expect(dossier.incident?.superseded == 1)
    #expect(dossier.attributions.map(\.citation.sender) == ["jp.nisc/attribution-1", "us.cisa/attribution-1"])
    #expect(dossier.damages.map(\.citation.sender) == ["jp.nisc/damage-1", "us.doe/damage-1"])
    #expect(dossier.purposes.count == 1)
    #expect(Set(dossier.disagreements.map(\.topic)) == ["attribution", "damage"])
    #expect(dossier.positions.count == 2)
    #expect(dossier.decision.stands)
    #expect(dossier.decision.rootChecked)
    #expect(dossier.decision.movedOn.isEmpty)
    let decoded = try JSONDecoder().decode(Dossier.self, from: Data(dossier.json()))
    #expect(decoded == dossier)
  }

  @Test
  func `two readers of one journal get the same bytes`() throws {
    let journal = try Self.decided()
    var other = CaseProjection(policies: [journal.policy])
    for event in journal.events { other.apply(event) }
    let first = try journal.projection.dossier(of: "C-1")
    let second = try other.dossier(of: "C-1")
    #expect(try first.json() == second.json())
    #expect(first.markdown == second.markdown)
  }

  @Test
  func `the page says that no program decides, marks the exercise, and cites every event it rests on`() throws {
    let journal = try Self.decided()
    let page = try journal.projection.dossier(of: "C-1").markdown
    #expect(page.contains("# EXERCISE · Case C-1"))
    #expect(page.contains("No program decides."))
    #expect(page.contains("50 % (roughly even chance)"))
    #expect(page.contains("225000 (200000 to 230000)"))
    #expect(page.contains("without T0855: then unknown at 60 % (likely)"))
    #expect(page.contains("**countermeasures**, signed by the quorum of every party"))
    #expect(page.contains("Dissent of EXERCISE counsel: Too early."))
    #expect(page.contains("Recoverability"))
    // Everything but the incident's first revision, which was replaced.
    for event in journal.events where event.envelope.id != "i-1-r1" {
      let mark = "[\(event.stamp.sequence) · \(event.stamp.sender) · \(event.sha256.prefix(8))]"
      #expect(page.contains(mark), "\(event.envelope.type) \(mark)")
    }
    #expect(!page.contains("<b>"))
    #expect(page.contains("DNP3 operate \\| &lt;b>"))
  }

  @Test
  func `without a decision the page says why`() throws {
    var journal = try CaseJournal()
    try journal.assess()
    try journal.openCase()
    try journal.state("JP", [journal.jp1])
    let dossier = try journal.projection.dossier(of: "C-1")
    #expect(!dossier.decision.stands)
    #expect(dossier.case.state == .consulting)
    #expect(dossier.markdown.contains("**There is no decision:**"))
    #expect(dossier.markdown.contains("US has not stated its position."))
    #expect(dossier.markdown.contains("awaited"))
    #expect(throws: CaseError.self) { try journal.projection.dossier(of: "none") }
  }

  @Test
  func `a case on an incident that isn't there still has a page`() throws {
    var journal = try CaseJournal()
    let file = CaseFile(
      caseID: "C-1", revision: 1, incident: "none", title: "EXERCISE", state: .open, opened: journal.now,
      openedBy: Person(name: "EXERCISE"), policy: journal.policy.reference)
    try journal.append(file, id: "C-1-r1", by: "jp.mofa/desk")
    let page = try journal.projection.dossier(of: "C-1").markdown
    #expect(page.contains("the incident none is not in this journal"))
  }

  @Test
  func `a position after its time is marked late`() throws {
    var journal = try CaseJournal()
    try journal.assess()
    try journal.openCase()
    for _ in 0..<800 {
      try journal.append(BusLeft(plugin: "a/b", agency: "a", reason: "bye"), id: "x\(journal.events.count)", by: "a/b")
    }
    #expect(try journal.projection.dossier(of: "C-1").markdown.contains("**overdue**"))
    try journal.consult()
    #expect(journal.record.positions.map(\.late) == [true, true])
  }

  @Test
  func `every event that the assessments refer to has its place in the journal`() throws {
    let journal = try Self.decided()
    let dossier = try journal.projection.dossier(of: "C-1")
    #expect(dossier.references.count == 5)
    for reference in dossier.references {
      let event = try #require(journal.events.first { String($0.stamp.sequence) == reference.sequence })
      #expect(event.sha256 == reference.sha256)
    }
    #expect(!dossier.markdown.contains("[? ·"))
  }
}
