import CasusCases
import CasusEvents
import Testing

/// A dispute is shown beside what it is about, and removes nothing.
@Suite struct DisputeTests {
  private func doubt(_ event: RecordedEvent, by person: String = "EXERCISE analyst") -> Dispute {
    Dispute(
      about: event.reference, ground: .misattributed, reason: "EXERCISE | the host is ours",
      by: Person(name: person))
  }

  @Test func isShownAndRemovesNothing() throws {
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

  @Test func onlyWhoDoubtedTakesItBack() throws {
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
}
