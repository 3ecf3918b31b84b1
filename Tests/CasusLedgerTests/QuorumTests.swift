import CasusCases
import CasusEvents
import CasusLedger
import Testing

@Suite struct QuorumTests {
  static func opened(exercise: Bool = true, threshold: Int = 1, consult: Bool = true) throws -> CaseJournal {
    var journal = try CaseJournal(exercise: exercise, threshold: threshold, consult: consult)
    try journal.assess()
    try journal.openCase()
    if consult { try journal.consult() }
    return journal
  }

  @Test(arguments: [true, false])
  func `a decision stands when every party's quorum has signed the same text`(exercise: Bool) throws {
    var journal = try Self.opened(exercise: exercise)
    #expect(journal.record.verdict.missing == ["Nobody has signed a decision."])
    let statement = try journal.decision()
    let first = try Decision(signing: statement, party: "JP", with: [journal.jp1])
    try journal.publish(first)
    #expect(journal.record.verdict.missing == ["US has 0 of 1 signatures on the same text."])
    try journal.publish(Decision(cosigning: first, party: "US", with: [journal.us2]))
    #expect(journal.record.verdict.stands)
    #expect(journal.record.verdict.ballot?.statement == statement)
    #expect(
      journal.record.verdict.tallies.map { $0.signatures.map(\.name) } == [["EXERCISE JP one"], ["EXERCISE US two"]])
    #expect(journal.codes.isEmpty)
  }

  /// Which keys sign for whom, and whether a decision with two of two needed stands then.
  static let table: [(String, jp: [String], us: [String], stands: Bool)] = [
    ("nobody of one party", ["jp1", "jp2"], [], false),
    ("one of two of one party", ["jp1"], ["us1", "us2"], false),
    ("one of two of the other", ["jp1", "jp2"], ["us1"], false),
    ("two and two", ["jp1", "jp2"], ["us1", "us2"], true),
    ("one key twice", ["jp1", "jp1"], ["us1", "us2"], false),
    ("two Japanese keys as a bilateral decision", ["jp1", "jp2"], ["jp1", "jp2"], false),
    ("keys of the other party", ["us1", "us2"], ["jp1", "jp2"], false),
    ("a stranger", ["jp1", "stranger"], ["us1", "us2"], false),
    ("a stranger more", ["jp1", "jp2", "stranger"], ["us1", "us2"], true),
  ]

  @Test(arguments: table.indices)
  func `two of two are needed of each party`(index: Int) throws {
    var journal = try Self.opened(threshold: 2)
    let (_, jp, us, stands) = Self.table[index]
    let keys = [
      "jp1": journal.jp1, "jp2": journal.jp2, "us1": journal.us1, "us2": journal.us2, "stranger": journal.stranger,
    ]
    let statement = try journal.decision()
    for (party, names) in [("JP", jp), ("US", us)] where !names.isEmpty {
      var decision = try Decision(signing: statement, party: party, with: [keys[names[0]]!])
      for name in names.dropFirst() {
        let more = try Decision(cosigning: decision, party: party, with: [keys[name]!])
        decision.envelope.signatures += more.envelope.signatures
      }
      try journal.publish(decision)
    }
    #expect(journal.record.verdict.stands == stands)
  }

  @Test
  func `signatures on different texts never add up`() throws {
    var journal = try Self.opened()
    try journal.publish(Decision(signing: journal.decision(.countermeasures), party: "JP", with: [journal.jp1]))
    try journal.publish(Decision(signing: journal.decision(.noAction), party: "US", with: [journal.us1]))
    #expect(!journal.record.verdict.stands)
    #expect(journal.record.verdict.missing.contains("2 different texts were signed; none has every quorum."))
  }

  @Test
  func `the same words on another snapshot are another text`() throws {
    var journal = try Self.opened()
    let statement = try journal.decision()
    try journal.publish(Decision(signing: statement, party: "JP", with: [journal.jp1]))
    var later = statement
    later.snapshot = try journal.projection.snapshot(of: "i-1")
    try journal.publish(Decision(signing: later, party: "US", with: [journal.us1]))
    #expect(!journal.record.verdict.stands)
    #expect(journal.record.ballots.count == 2)
  }

  @Test
  func `without the positions of those who must be consulted no decision stands`() throws {
    var journal = try CaseJournal()
    try journal.assess()
    try journal.openCase()
    try journal.sign(journal.decision(), jp: [journal.jp1], us: [journal.us1])
    #expect(
      journal.record.verdict.missing == ["JP has not stated its position.", "US has not stated its position."])
    try journal.consult()
    #expect(journal.record.verdict.stands)
    #expect(journal.record.consultationIsComplete)
  }

  @Test
  func `a new decision by every quorum, which names the older one, takes its place`() throws {
    var journal = try Self.opened()
    try journal.sign(journal.decision(.moreInformation), jp: [journal.jp1], us: [journal.us1])
    #expect(journal.record.verdict.ballot?.statement.outcome == .moreInformation)
    try journal.sign(journal.decision(.retorsion), jp: [journal.jp1], us: [journal.us2])
    #expect(journal.record.verdict.ballot?.statement.outcome == .retorsion)
    #expect(journal.codes.isEmpty)
  }

  @Test
  func `who signs two texts that both would be the decision is noted`() throws {
    var journal = try Self.opened()
    try journal.publish(Decision(signing: journal.decision(.noAction), party: "JP", with: [journal.jp1]))
    try journal.publish(Decision(signing: journal.decision(.retorsion), party: "JP", with: [journal.jp1]))
    #expect(journal.codes == ["conflicting-signatures"])
  }

  @Test
  func `a redelivered event counts once`() throws {
    var journal = try Self.opened(threshold: 2)
    try journal.sign(journal.decision(), jp: [journal.jp1], us: [journal.us1, journal.us2])
    for event in journal.events { journal.projection.apply(event) }
    #expect(!journal.record.verdict.stands)
    #expect(journal.record.ballots.first?.signatures.count == 3)
  }

  @Test
  func `an unsound or unknown policy decides nothing`() throws {
    let journal = try Self.opened()
    var unknown = CaseProjection(policies: [])
    for event in journal.events { unknown.apply(event) }
    #expect(unknown.cases["C-1"]?.verdict.stands == false)
    #expect(unknown.cases["C-1"]?.findings.map(\.code) == [.wrongPolicy, .wrongPolicy])
    var policy = journal.policy
    policy.parties[0].threshold = 0
    #expect(throws: CaseError.self) {
      try journal.projection.open(
        "C-2", on: "i-1", title: "EXERCISE", by: Person(name: "EXERCISE"), policy: policy, at: journal.now,
        exercise: true)
    }
  }
}
