import CasusCases
import CasusEvents
import Foundation
import Testing

/// A dispute is shown beside what it is about, and removes nothing.
@Suite struct DisputeTests {
  private func doubt(_ event: RecordedEvent, by person: String = "EXERCISE analyst") -> Dispute {
    Dispute(
      about: event.reference, ground: .misattributed, reason: "EXERCISE | the host is ours",
      by: Person(name: person))
  }

  @Test func `is shown and removes nothing`() throws {
    var journal = try QuorumTests.opened()
    let before = try journal.projection.dossier(of: "C-1")
    let effect = try #require(journal.events.first { $0.envelope.type == .effect })
    try journal.append(doubt(effect), id: "doubt-1", by: "us.doe/desk")
    let after = try journal.projection.dossier(of: "C-1")
    #expect(after.disputes.map(\.data.about.id) == [effect.envelope.id])
    #expect(after.effects == before.effects && after.detections == before.detections)
    #expect(after.markdown.contains("**Disputed:** others doubt 1 of these events"))
    #expect(after.markdown.contains("## Disputed") && after.markdown.contains("us.doe/desk"))
    #expect(!before.markdown.contains("isputed"))
  }

  @Test func `only who doubted takes it back`() throws {
    var journal = try QuorumTests.opened()
    let effect = try #require(journal.events.first { $0.envelope.type == .effect })
    let first = try journal.append(doubt(effect), id: "doubt-1", by: "us.doe/desk")
    var undo = doubt(effect)
    undo.withdrawal = "EXERCISE: we were wrong"
    undo.supersedes = first.reference
    try journal.append(undo, id: "undo-1", by: "jp.nisc/desk")
    #expect(try journal.projection.dossier(of: "C-1").disputes.count == 1)
    try journal.append(undo, id: "undo-2", by: "us.doe/desk")
    #expect(try journal.projection.dossier(of: "C-1").disputes.isEmpty)
  }

  /// Whose a dispute is says its whole reference; a digest alone could be copied from another's.
  @Test(arguments: ["//us.doe/desk", "//us.doe/other", "//jp.nisc/desk"])
  func `a reference that lies takes nothing back`(source: String) throws {
    var journal = try QuorumTests.opened()
    let effect = try #require(journal.events.first { $0.envelope.type == .effect })
    let first = try journal.append(doubt(effect), id: "doubt-1", by: "us.doe/desk")
    var undo = doubt(effect)
    undo.withdrawal = "EXERCISE: theirs is wrong"
    undo.supersedes = EventReference(source: source, id: "doubt-2", sha256: first.sha256)
    try journal.append(undo, id: "undo-1", by: String(source.dropFirst(2)))
    #expect(try journal.projection.dossier(of: "C-1").disputes.count == 1)
  }

  @Test func `what a replay or an exercise takes back stays`() throws {
    var journal = try QuorumTests.opened(exercise: false)
    let effect = try #require(journal.events.first { $0.envelope.type == .effect })
    let first = try journal.append(doubt(effect), id: "doubt-1", by: "us.doe/desk")
    var undo = doubt(effect)
    undo.withdrawal = "EXERCISE: we were wrong"
    undo.supersedes = first.reference
    for (index, flags) in [StampFlags.exercise, .replayed, .descends].enumerated() {
      try journal.append(undo, id: "undo-\(index)", by: "us.doe/desk", flags: flags)
      #expect(try journal.projection.dossier(of: "C-1").disputes.count == 1, "\(flags)")
    }
    try journal.append(undo, id: "undo", by: "us.doe/desk")
    #expect(try journal.projection.dossier(of: "C-1").disputes.isEmpty)
  }

  /// Who says it again and again does not push others' doubts off the page.
  @Test func `one disputer has so many rows and no more`() throws {
    var journal = try QuorumTests.opened()
    let effect = try #require(journal.events.first { $0.envelope.type == .effect })
    try journal.append(doubt(effect), id: "other", by: "jp.nisc/desk")
    for index in 1...40 { try journal.append(doubt(effect), id: "doubt-\(index)", by: "us.doe/desk") }
    let dossier = try journal.projection.dossier(of: "C-1")
    #expect(dossier.disputes.map(\.citation.id) == ["other"] + (25...40).map { "doubt-\($0)" })
    let mark = "[\(effect.stamp.sequence) · jp.meti/outage-1 · \(effect.sha256.prefix(8))]"
    #expect(dossier.markdown.components(separatedBy: "| \(mark) |").count == 18)
    for desk in 1...4 {
      for index in 1...16 { try journal.append(doubt(effect), id: "doubt-\(index)", by: "us.cisa/desk-\(desk)") }
    }
    #expect(try journal.projection.dossier(of: "C-1").markdown.contains("Disputes that are not listed here: 21."))
  }

  /// Who disputes everything there is drives out his own disputes, and nobody else's; and what he reports, his own reports.
  @Test func `a flood of one publisher leaves others' disputes and reports`() throws {
    var journal = try CaseJournal()
    var limits = CaseProjection.Limits()
    limits.disputes = 24
    limits.observations = 24
    var projection = CaseProjection(policies: [journal.policy], limits: limits)
    let effect = Effect(
      report: "R", kind: .outage, title: "EXERCISE", operatorName: "EXERCISE", started: CaseJournal.start,
      reported: CaseJournal.start)
    let honest = try journal.append(effect, id: "o-honest", by: "jp.meti/outage-1")
    try journal.append(doubt(honest), id: "doubt-honest", by: "us.doe/desk")
    for number in 0..<120 {
      let flood = try journal.append(effect, id: "o-\(number)", by: "evil.low/p1")
      try journal.append(doubt(flood), id: "doubt-\(number)", by: "evil.low/p1")
    }
    let incident = Incident(
      incident: "I-9", revision: 1, state: .open, title: "EXERCISE", phase: .effect, firstSeen: CaseJournal.start,
      lastSeen: CaseJournal.start, domains: [.cyberspace], detectionCount: 0, effectCount: 1, detections: [],
      effects: [honest.reference], techniques: [], victims: [], sectors: [], method: CaseJournal.method)
    try journal.append(incident, id: "i-9", by: "jp.nisc/correlator-1")
    let file = CaseFile(
      caseID: "C-9", revision: 1, incident: "I-9", title: "EXERCISE", state: .open, opened: CaseJournal.start,
      openedBy: Person(name: "EXERCISE"), policy: journal.policy.reference)
    try journal.append(file, id: "c-9", by: "jp.mofa/desk")
    for event in journal.events { projection.apply(event) }
    let dossier = try projection.dossier(of: "C-9")
    #expect(dossier.effects.map(\.citation.id) == ["o-honest"])
    #expect(dossier.disputes.map(\.citation.id) == ["doubt-honest"])
    let forgotten = try #require(dossier.disputesForgotten)
    #expect(forgotten.contains("of 1 publisher were forgotten") && forgotten.hasSuffix("most of evil.low/p1"))
    #expect(dossier.markdown.contains("Of all cases of the journal, "))
    #expect(try journal.projection.dossier(of: "C-9").disputesForgotten == nil)
  }
}
