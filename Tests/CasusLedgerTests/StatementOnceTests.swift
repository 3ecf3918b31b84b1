import CasusCases
import CasusEvents
import CasusLedger
import Foundation
import IJSON
import TestSupport
import Testing

/// A statement counts once, in its place, from its own party's hand, and reads one way.
@Suite struct StatementOnceTests {
  /// JP says armed-attack, then below-threshold.
  static func restated() throws -> (journal: CaseJournal, first: Position) {
    var journal = try CaseJournal()
    try journal.assess()
    try journal.openCase()
    var statement = try journal.position("JP")
    statement.finding = .armedAttack
    let first = try Position(signing: statement, with: [journal.jp1])
    try journal.append(first.draft(at: journal.now, exercise: true), by: "jp.mofa/desk")
    statement = try journal.position("JP")
    statement.finding = .belowThreshold
    try journal.append(
      Position(signing: statement, with: [journal.jp1]).draft(at: journal.now, exercise: true), by: "jp.mofa/desk")
    #expect(journal.codes.isEmpty)
    #expect(journal.record.position(of: "JP")?.statement.finding == .belowThreshold)
    return (journal, first)
  }

  @Test
  func `a position that was replaced does not come back, whoever publishes it again`() throws {
    var (journal, first) = try Self.restated()
    for (sender, code) in [("us.cisa/desk", "wrong-publisher"), ("jp.mofa/desk", "repeated-statement")] {
      var draft = first.draft(at: journal.now, exercise: true)
      draft.id = "again-\(sender)"
      try journal.append(draft, by: sender)
      #expect(journal.codes.last == code)
      #expect(journal.record.position(of: "JP")?.statement.finding == .belowThreshold)
      #expect(journal.record.positions.count == 2)
    }
    #expect(try journal.projection.dossier(of: "C-1").markdown.contains("armed-attack (replaced by a newer one)"))
  }

  @Test
  func `a second signer's signature adds to a position where it stands, and makes it no newer`() throws {
    var (journal, first) = try Self.restated()
    var more = first
    more.envelope = try DSSE.add(journal.jp2, to: first.envelope)
    try journal.append(more.draft(at: journal.now, exercise: true), by: "jp.mofa/desk")
    #expect(journal.codes.isEmpty)
    #expect(journal.record.positions[0].signatures.count == 2)
    #expect(journal.record.position(of: "JP")?.statement.finding == .belowThreshold)
  }

  @Test
  func `a newer position names the one that it replaces, and one that names another is a finding`() throws {
    var (journal, _) = try Self.restated()
    for replaces in [nil, sha256Hex([]), journal.record.positions[0].payloadSHA256] {
      var statement = try journal.position("JP")
      statement.finding = .armedAttack
      statement.replaces = replaces
      try journal.append(
        Position(signing: statement, with: [journal.jp1]).draft(at: journal.now, exercise: true), by: "jp.mofa/desk")
      #expect(journal.codes.last == "wrong-replacement")
    }
    #expect(journal.record.position(of: "JP")?.statement.finding == .belowThreshold)
  }

  @Test
  func `a signature that was held back does not bring an older decision over a newer one`() throws {
    var journal = try QuorumTests.opened()
    let older = try Decision(signing: journal.decision(.armedAttackFinding), party: "JP", with: [journal.jp1])
    let newer = try Decision(signing: journal.decision(.noAction), party: "JP", with: [journal.jp2])
    try journal.publish(older)
    try journal.publish(newer)
    let heldBack = try Decision(cosigning: older, party: "US", with: [journal.us1])
    try journal.publish(Decision(cosigning: newer, party: "US", with: [journal.us1]))
    #expect(journal.record.verdict.ballot?.statement.outcome == .noAction)
    try journal.publish(heldBack)
    #expect(journal.record.verdict.ballot?.statement.outcome == .noAction)
    #expect(journal.codes.last == "wrong-replacement")
    try journal.publish(newer)
    #expect(journal.codes.last == "repeated-statement")
  }

  @Test
  func `what another agency publishes for a party does not count; the policy may name the agencies`() throws {
    var journal = try QuorumTests.opened()
    let decision = try Decision(signing: journal.decision(), party: "JP", with: [journal.jp1])
    try journal.append(decision.draft(at: journal.now, exercise: true), by: "us.mofa/desk")
    #expect(journal.codes == ["wrong-publisher"])
    #expect(journal.record.ballots.isEmpty)
    var party = journal.policy.parties[0]
    #expect(party.isSpokenFor(by: "jp.mofa") && party.isSpokenFor(by: "jp") && !party.isSpokenFor(by: "jpx.mofa"))
    party.agencies = ["local"]
    #expect(party.isSpokenFor(by: "local") && !party.isSpokenFor(by: "jp.mofa"))
    var policy = journal.policy
    policy.parties[0].agencies = ["local"]
    policy.parties[1].agencies = ["local"]
    #expect(policy.problems == ["local publishes for JP and for US"])
  }

  struct Vector: Decodable {
    var because: String
    var payload: String
    var isStatement: Bool
    var type: String
    enum CodingKeys: String, CodingKey {
      case because, payload, type
      case isStatement = "is_statement"
    }
  }

  struct Vectors: Decodable { var statements: [Vector] }

  @Test
  func `signed bytes that two readers could read as two statements, or that break a statement's schema, are none`()
    throws
  {
    let data = try Data(contentsOf: URL(fileURLWithPath: Checkout.path("Tests/Vectors/statements.json")))
    for vector in try JSONDecoder().decode(Vectors.self, from: data).statements {
      let bytes = try #require(Data(base64Encoded: vector.payload)).map { $0 }
      let isRead =
        vector.type == "position"
        ? (try? StatementReader.position(bytes)) != nil : (try? StatementReader.decision(bytes)) != nil
      #expect(isRead == vector.isStatement, "\(vector.because)")
    }
  }

  @Test
  func `a statement with two findings is refused, however well it is signed`() throws {
    var journal = try QuorumTests.opened(consult: false)
    let text = String(decoding: try canonicalJSON(journal.position("JP")), as: UTF8.self)
    let twice = "{\"finding\":\"armed-attack\"," + text.dropFirst()
    let envelope = try DSSE.sign(Array(twice.utf8), type: CaseProjection.positionType, with: [journal.jp1])
    let position = Position(caseID: "C-1", party: "JP", finding: .useOfForce, envelope: envelope)
    try journal.append(position.draft(at: journal.now, exercise: true), by: "jp.mofa/desk")
    #expect(journal.codes == ["malformed-statement"])
  }

  @Test
  func `a finding quotes others within bounds, so that the recorder's notes keep their schema`() throws {
    var journal = try QuorumTests.opened(consult: false)
    let name = String(repeating: "x\u{202e}", count: 5_000)
    let text = String(decoding: try canonicalJSON(journal.position("JP")), as: UTF8.self)
    let bytes = Array("{\"\(name)\":1,\(text.dropFirst())".utf8)
    let envelope = try DSSE.sign(bytes, type: CaseProjection.positionType, with: [journal.jp1])
    let position = Position(caseID: "C-1", party: "JP", finding: .useOfForce, envelope: envelope)
    try journal.append(position.draft(at: journal.now, exercise: true), by: "jp.mofa/desk")
    #expect(journal.codes == ["malformed-statement"])
    #expect(journal.record.findings[0].message.utf8.count <= 1_000)
    #expect(!journal.record.findings[0].message.contains("\u{202e}"))
    let note = try #require(RecorderTests.consultations(try RecorderTests.run(journal)).last?.notes.last)
    #expect(note.message.utf8.count <= 1_000)
  }

  @Test
  func `what a preview finds is what the journal's readers will find, and it changes nothing`() throws {
    var journal = try QuorumTests.opened()
    let drafts = [
      (try Decision(signing: journal.decision(), party: "JP", with: [journal.stranger]), "jp.mofa/desk"),
      (try Decision(signing: journal.decision(), party: "JP", with: [journal.us1]), "jp.mofa/desk"),
      (try Decision(signing: journal.decision(), party: "JP", with: [journal.jp1]), "local/operator"),
      (try Decision(signing: journal.decision(), party: "JP", with: [journal.jp1]), "jp.mofa/desk"),
    ].map { ($0.0.draft(at: journal.now, exercise: true), $0.1) }
    let expected: [[CaseFinding.Code]] = [[.unauthorisedKey], [.wrongParty], [.wrongPublisher], []]
    for ((draft, sender), codes) in zip(drafts, expected) {
      #expect(try journal.projection.preview(draft, by: sender, in: "C-1").findings.map(\.code) == codes)
    }
    #expect(journal.record.findings.isEmpty)
    for (number, (draft, sender)) in drafts.enumerated() {
      var draft = draft
      draft.id = "p\(number)"
      try journal.append(draft, by: sender)
    }
    #expect(journal.record.findings.map(\.code) == expected.flatMap { $0 })
  }
}
