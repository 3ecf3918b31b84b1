import CasusCases
import CasusEvents
import CasusLedger
import Testing

/// What may never count: each by its own code.
@Suite struct EvidenceTests {
  @Test
  func `a signature that doesn't verify and a stranger's are told apart`() throws {
    var journal = try QuorumTests.opened()
    var decision = try Decision(signing: journal.decision(), party: "JP", with: [journal.jp1])
    let good = decision.envelope.signatures[0].sig
    decision.envelope.signatures[0].sig = (good.hasPrefix("A") ? "B" : "A") + good.dropFirst()
    try journal.publish(decision)
    #expect(journal.codes == ["bad-signature"])
    try journal.publish(Decision(signing: journal.decision(), party: "JP", with: [journal.stranger]))
    #expect(journal.codes == ["bad-signature", "unauthorised-key"])
    #expect(journal.record.ballots.isEmpty)
  }

  @Test
  func `who speaks for a party must sign for it`() throws {
    var journal = try QuorumTests.opened()
    try journal.publish(Decision(signing: journal.decision(), party: "US", with: [journal.jp1]))
    #expect(journal.codes == ["wrong-party"])
    var position = try journal.position("US")
    position.party = "US"
    try journal.append(
      try Position(signing: position, with: [journal.jp2]).draft(at: journal.now, exercise: true), by: "us.dos/desk")
    #expect(journal.codes == ["wrong-party", "wrong-party"])
  }

  @Test
  func `what stands outside the envelope must agree with what was signed`() throws {
    var journal = try QuorumTests.opened()
    var decision = try Decision(signing: journal.decision(.noAction), party: "JP", with: [journal.jp1])
    decision.outcome = .armedAttackFinding
    try journal.publish(decision)
    #expect(journal.codes == ["mismatch"])
    var position = try Position(signing: journal.position("JP"), with: [journal.jp1])
    position.finding = .armedAttack
    try journal.append(position.draft(at: journal.now, exercise: true), by: "jp.mofa/desk")
    #expect(journal.codes == ["mismatch", "mismatch"])
    var other = try journal.decision()
    other.incident = "i-2"
    try journal.publish(Decision(signing: other, party: "JP", with: [journal.jp1]))
    #expect(journal.codes == ["mismatch", "mismatch", "mismatch"])
  }

  @Test
  func `another policy or other parties than the case's are refused`() throws {
    var journal = try QuorumTests.opened()
    var statement = try journal.decision()
    statement.parties = ["JP"]
    try journal.publish(Decision(signing: statement, party: "JP", with: [journal.jp1]))
    statement = try journal.decision()
    statement.policy.sha256 = nil
    try journal.publish(Decision(signing: statement, party: "JP", with: [journal.jp1]))
    #expect(journal.codes == ["wrong-policy", "wrong-policy"])
  }

  @Test
  func `a signed payload that is no statement, and a statement under the other type, are refused`() throws {
    var journal = try QuorumTests.opened()
    let type = "application/vnd.casus.decision.v1+json"
    let envelope = try DSSE.sign(Array("{}".utf8), type: type, with: [journal.jp1])
    try journal.publish(Decision(caseID: "C-1", party: "JP", outcome: .noAction, envelope: envelope))
    let position = try Position(signing: journal.position("JP"), with: [journal.jp1])
    try journal.publish(Decision(caseID: "C-1", party: "JP", outcome: .noAction, envelope: position.envelope))
    #expect(journal.codes == ["malformed-statement", "malformed-statement"])
  }

  @Test
  func `a snapshot of changed, unknown or future events, or with another root, is refused`() throws {
    var journal = try QuorumTests.opened()
    func tried(_ change: (inout EvidenceSnapshot) -> Void) throws -> String? {
      var statement = try journal.decision()
      change(&statement.snapshot)
      let before = journal.record.findings.count
      try journal.publish(Decision(signing: statement, party: "JP", with: [journal.jp1]))
      return journal.record.findings.dropFirst(before).first?.code.rawValue
    }
    #expect(try tried { $0.events[0].sha256 = sha256Hex([]) } == "unknown-evidence")
    #expect(try tried { $0.events[0].sequence = "9999" } == "unknown-evidence")
    #expect(try tried { $0.root = sha256Hex([]) } == "wrong-root")
    #expect(try tried { $0.treeSize = "9999" } == "wrong-root")
    #expect(try tried { $0.treeSize = "3" } == "unknown-evidence")
    #expect(try tried { _ in } == nil)
  }

  @Test
  func `a snapshot without the newest revision was stale when taken; later ones don't undo it`() throws {
    var journal = try QuorumTests.opened()
    let incident = journal.projection.incidents["i-1"]!
    let old = incident.revisions[0]
    var statement = try journal.decision()
    statement.snapshot.events = [EvidenceItem(sequence: old.sequence, sha256: old.sha256)]
    try journal.publish(Decision(signing: statement, party: "JP", with: [journal.jp1]))
    #expect(journal.codes == ["stale-snapshot"])
    statement = try journal.decision()
    statement.snapshot.events.removeAll { $0.sequence == incident.current.citation.sequence }
    try journal.publish(Decision(signing: statement, party: "JP", with: [journal.jp1]))
    #expect(journal.codes == ["stale-snapshot", "stale-snapshot"])
    // Drafted, then the incident is revised, then signed: it stands, and the dossier says that things have moved on.
    let drafted = try journal.decision()
    var revised = incident.current.data
    revised.revision = 3
    try journal.append(revised, id: "i-1-r3", by: "jp.nisc/correlator-1")
    try journal.sign(drafted, jp: [journal.jp1], us: [journal.us1])
    #expect(journal.record.verdict.stands)
    #expect(try journal.projection.dossier(of: "C-1").decision.movedOn.map(\.id) == ["i-1-r3"])
  }

  @Test
  func `replayed events are never evidence in a live case, not even beside good ones`() throws {
    var journal = try QuorumTests.opened(exercise: false, consult: false)
    let incident = journal.projection.incidents["i-1"]!.current.data
    var revised = incident
    revised.revision = 3
    try journal.append(revised, id: "i-1-r3", by: "jp.nisc/correlator-1", flags: .replayed)
    let snapshot = try journal.projection.snapshot(of: "i-1")
    let statement = try journal.projection.decisionStatement(
      on: "C-1", outcome: .noAction, text: "EXERCISE", reasons: ["EXERCISE"], at: journal.now, snapshot: snapshot)
    try journal.sign(statement, jp: [journal.jp1], us: [journal.us1])
    #expect(!journal.record.verdict.stands)
    #expect(Set(journal.codes) == ["replayed-evidence"])
    // Nothing is drafted for a live case on an incident that rests on them.
    #expect(throws: CaseError.self) { try journal.decision() }
  }

  @Test
  func `an exercise's events are never evidence in a live case`() throws {
    var journal = try QuorumTests.opened(exercise: false, consult: false)
    let damage = journal.projection.incidents["i-1"]!.damages.current[0].data
    try journal.append(Draft(damage, id: "m-x", time: journal.now, exercise: true), by: "jp.exercise/damage-1")
    let snapshot = try journal.projection.snapshot(of: "i-1")
    let statement = try journal.projection.decisionStatement(
      on: "C-1", outcome: .noAction, text: "EXERCISE", reasons: ["EXERCISE"], at: journal.now, snapshot: snapshot)
    try journal.sign(statement, jp: [journal.jp1], us: [journal.us1])
    #expect(!journal.record.verdict.stands)
    #expect(Set(journal.codes) == ["exercise-evidence"])
  }

  @Test(arguments: [true, false])
  func `a statement of an exercise doesn't count in a live case, nor a live one in an exercise`(exercise: Bool) throws {
    var journal = try QuorumTests.opened(exercise: exercise, consult: false)
    var statement = try journal.decision()
    statement.exercise.toggle()
    try journal.publish(Decision(signing: statement, party: "JP", with: [journal.jp1]))
    #expect(journal.codes == ["exercise-mismatch"])
    let decision = try Decision(signing: journal.decision(), party: "JP", with: [journal.jp1])
    try journal.append(decision.draft(at: journal.now, exercise: !exercise), by: "jp.mofa/desk")
    #expect(journal.codes == ["exercise-mismatch", "exercise-mismatch"])
  }

  @Test
  func `a replayed decision doesn't count in a live case`() throws {
    var journal = try QuorumTests.opened(exercise: false, consult: false)
    let decision = try Decision(signing: journal.decision(), party: "JP", with: [journal.jp1])
    try journal.publish(decision, flags: .replayed)
    #expect(journal.codes == ["replayed-statement"])
  }

  @Test
  func `a live journal played again shows the case and decides nothing; an exercise's shows what was decided`() throws {
    for exercise in [true, false] {
      var journal = try QuorumTests.opened(exercise: exercise)
      try journal.sign(journal.decision(), jp: [journal.jp1], us: [journal.us1])
      #expect(journal.record.verdict.stands)
      var again = CaseProjection(policies: [journal.policy])
      // Another journal: it begins with an event of its own, so every sequence differs.
      let left = BusLeft(plugin: "a/b", agency: "a", reason: "bye")
      var events = [
        try RecordedEvent(
          stamp: Stamp(sequence: 1, recorded: journal.now, sender: "a/b", flags: []),
          bytes: try Draft(left, id: "x", time: journal.now).encoded(source: "//a/b"))
      ]
      for event in journal.events {
        var stamp = event.stamp
        stamp.sequence += 1
        stamp.flags.insert(.replayed)
        events.append(try RecordedEvent(stamp: stamp, bytes: event.bytes))
      }
      for event in events { again.apply(event) }
      let record = try #require(again.cases["C-1"])
      #expect(record.mode == (exercise ? .exercise : .replay))
      #expect(record.verdict.stands == exercise)
      #expect(record.verdict.ballot != nil)
      #expect(try again.dossier(of: "C-1").banner == (exercise ? "EXERCISE" : "REPLAY"))
    }
  }

  @Test
  func `another source's revision of an incident is left out and noted`() throws {
    var journal = try CaseJournal()
    try journal.assess()
    var incident = journal.projection.incidents["i-1"]!.current.data
    incident.revision = 99
    incident.title = "EXERCISE hijacked"
    try journal.append(incident, id: "i-1-r99", by: "us.cisa/correlator-1")
    #expect(journal.projection.incidents["i-1"]?.current.data.title == "EXERCISE power")
    #expect(journal.projection.findings.map(\.code) == [.foreignRevision])
  }

  @Test
  func `another source may write down a case's decision and change nothing else of it`() throws {
    var journal = try QuorumTests.opened()
    let opened = journal.record.current.data
    let changes: [(inout CaseFile) -> Void] = [
      { $0.title = "EXERCISE hijacked" },
      { $0.question = "EXERCISE another question" },
      { $0.openedBy = Person(name: "EXERCISE somebody") },
      { $0.policy.version = "99" },
      { $0.state = .closed },
      { $0.revision = 99 },
    ]
    for (number, change) in changes.enumerated() {
      var file = opened
      file.revision += 1
      file.state = .decided
      change(&file)
      try journal.append(file, id: "foreign-\(number)", by: "us.cisa/desk")
    }
    #expect(journal.record.current.data == opened)
    #expect(journal.codes == changes.map { _ in "foreign-revision" })

    var recorded = opened
    recorded.revision += 1
    recorded.state = .decided
    recorded.outcome = .retorsion
    try journal.append(recorded, id: "recorded", by: "joint.recorder/recorder-1")
    #expect(journal.record.current.data == recorded)
    var closed = recorded
    closed.revision += 1
    closed.state = .closed
    closed.title = "EXERCISE closed"
    try journal.append(closed, id: "closed", by: "jp.mofa/desk")
    recorded = closed
    recorded.state = .decided
    try journal.append(recorded, id: "opened-again", by: "us.cisa/desk")
    #expect(journal.record.current.data == closed)
  }

  @Test
  func `a reader that missed an event cannot take a snapshot`() throws {
    let journal = try QuorumTests.opened()
    var projection = CaseProjection(policies: [journal.policy])
    for event in journal.events.dropFirst() { projection.apply(event) }
    let error = #expect(throws: CaseError.self) { try projection.snapshot(of: "i-1") }
    #expect(error?.code == .evidence)
    #expect(throws: CaseError.self) { try projection.snapshot(of: "none") }
  }
}
