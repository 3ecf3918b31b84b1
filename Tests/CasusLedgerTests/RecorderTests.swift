import CasusCases
import CasusConfiguration
import CasusEvents
import CasusLedger
import CasusPlugin
import Foundation
import TestSupport
import Testing

@testable import DecisionRecorder

@Suite struct RecorderTests {
  static let identity = "jp.nisc/recorder-1"

  /// Folds a journal and gives what the recorder published, each with the event that caused it.
  static func run(_ journal: CaseJournal, _ policies: [CasePolicy]? = nil) throws -> [(cause: String, draft: Draft)] {
    var recorder = Recorder(policies: policies ?? [journal.policy], identity: identity)
    return try journal.events.flatMap { event in
      try recorder.handle(event).map { (event.envelope.id, $0) }
    }
  }

  static func consultations(_ drafts: [(cause: String, draft: Draft)]) -> [Consultation] {
    drafts.compactMap { $0.draft.data as? Consultation }
  }

  @Test
  func `on a case's opening it says who must be heard and by when; when all are, that it is complete`() throws {
    var journal = try CaseJournal()
    try journal.assess()
    try journal.openCase()
    try journal.consult()
    let drafts = try Self.run(journal)
    let all = Self.consultations(drafts)
    #expect(drafts[0].cause == "C-1-r1")
    #expect(all.map(\.revision) == [1, 2, 3])
    #expect(all.map(\.state) == [.awaited, .awaited, .complete])
    #expect(all[0].consultees.map(\.party) == ["JP", "US"])
    #expect(all[0].consultees.map(\.due) == [all[0].consultees[1].due, all[0].consultees[1].due])
    #expect(all[2].consultees.allSatisfy { $0.position != nil })
    #expect(all[0].supersedes == nil)
    let first = try drafts[0].draft.encoded(source: "//" + Self.identity)
    #expect(all[1].supersedes?.sha256 == sha256Hex(first))
    #expect(drafts.allSatisfy { $0.draft.exercise && $0.draft.subject == "C-1" })
  }

  @Test
  func `what is refused becomes a note, once each`() throws {
    var journal = try QuorumTests.opened()
    try journal.publish(Decision(signing: journal.decision(), party: "JP", with: [journal.stranger]))
    try journal.publish(Decision(signing: journal.decision(), party: "US", with: [journal.jp1]))
    let all = Self.consultations(try Self.run(journal))
    #expect(all.last?.notes.map(\.code) == ["unauthorised-key", "wrong-party"])
    #expect(all.last?.notes[0].about.sha256 == journal.events[journal.events.count - 2].sha256)
    #expect(all.count == 5)
  }

  @Test
  func `when every quorum stands the case is decided, with references to the signed decisions`() throws {
    var journal = try QuorumTests.opened()
    try journal.sign(journal.decision(.retorsion), jp: [journal.jp1], us: [journal.us1])
    let drafts = try Self.run(journal)
    let files = drafts.compactMap { $0.draft.data as? CaseFile }
    #expect(files.count == 1)
    #expect(files[0].state == .decided)
    #expect(files[0].outcome == .retorsion)
    #expect(files[0].revision == 2)
    #expect(files[0].decisions == journal.events.suffix(2).map(\.reference))
    #expect(drafts.last?.cause == journal.events.last?.envelope.id)
  }

  @Test
  func `it never publishes a decision or a position, whatever comes`() throws {
    var journal = try QuorumTests.opened()
    try journal.sign(journal.decision(), jp: [journal.jp1], us: [journal.us1])
    #expect(Set(try Self.run(journal).map(\.draft.type)) == [.consultation, .caseFile])
    #expect(DecisionRecorderPlugin.manifest.publishes == [.consultation, .caseFile])
  }

  @Test
  func `its own events coming back, and a restart, change nothing: the same journal gives the same bytes`() throws {
    var journal = try QuorumTests.opened()
    try journal.sign(journal.decision(), jp: [journal.jp1], us: [journal.us1])
    // As a broker would have it: outputs stand in the journal behind what caused them, here all at the end.
    let outputs = try Self.run(journal)
    for output in outputs { try journal.append(output.draft, by: Self.identity) }
    let again = try Self.run(journal)
    #expect(
      try again.map { try $0.draft.encoded(source: "//x") } == outputs.map { try $0.draft.encoded(source: "//x") })
    #expect(journal.record.current.data.state == .decided)
    #expect(try journal.projection.dossier(of: "C-1").consultation.events.count == 1)
  }

  @Test
  func `under a policy it doesn't know it verifies nothing and says so`() throws {
    var journal = try QuorumTests.opened()
    try journal.sign(journal.decision(), jp: [journal.jp1], us: [journal.us1])
    let drafts = try Self.run(journal, [])
    #expect(drafts.allSatisfy { $0.draft.type == .consultation })
    #expect(Set(Self.consultations(drafts).flatMap(\.notes).map(\.code)) == ["wrong-policy"])
  }

  @Test
  func `more notes than fit are counted`() throws {
    var journal = try QuorumTests.opened()
    let decision = try Decision(signing: journal.decision(), party: "JP", with: [journal.stranger])
    for index in 0..<70 {
      var draft = decision.draft(at: journal.now, exercise: true)
      draft.id = "x\(index)"
      try journal.append(draft, by: "jp.mofa/desk")
    }
    let last = Self.consultations(try Self.run(journal)).last
    #expect(last?.notes.count == 64)
    #expect(last?.omittedNotes == 6)
  }

  @Test
  func `settings without a policy, or with one that lets anyone decide, are refused`() throws {
    let folder = TemporaryFolder()
    func start(_ json: String) throws {
      let path = folder.file("settings.json")
      try Data(json.utf8).write(to: URL(fileURLWithPath: path))
      _ = try DecisionRecorderPlugin(
        settings: Settings(path: path, stateDirectory: folder.file(""), identity: Self.identity))
    }
    var policy = try CaseJournal().policy
    func json(_ policy: CasePolicy) throws -> String { String(decoding: try canonicalJSON(policy), as: UTF8.self) }
    try start(#"{"policy":\#(try json(policy))}"#)
    try start(#"{"policies":[\#(try json(policy))]}"#)
    policy.parties[1].threshold = 0
    let zero = try json(policy)
    #expect(throws: ConfigurationError.self) { try start(#"{"policy":\#(zero)}"#) }
    #expect(throws: (any Error).self) { try start("{}") }
  }
}
