internal import CasusEvents
internal import CasusLedger

extension CaseProjection {
  /// The media types of what is signed.
  static let positionType = "application/vnd.casus.position.v1+json"
  static let decisionType = "application/vnd.casus.decision.v1+json"

  mutating func add(_ position: Position, _ event: RecordedEvent, _ citation: Citation) {
    guard let record = cases[position.caseID] else {
      return note(CaseFinding(.mismatch, "a position on \(position.caseID), which is no case here", citation))
    }
    guard
      let (statement, signatures, _) = open(
        PositionStatement.self, position.envelope, Self.positionType, party: position.party, record, event, citation)
    else { return }
    guard statement.caseID == position.caseID, statement.party == position.party, statement.finding == position.finding
    else {
      return note(
        CaseFinding(.mismatch, "the event's case, party or finding differ from the signed ones", citation),
        in: record.id)
    }
    // A position is its own party's: another's signature on it says nothing.
    let own = signatures.filter { $0.party == statement.party }
    let claims = Claims(incident: statement.incident, exercise: statement.exercise, snapshot: statement.snapshot)
    guard accept(claims, record, event, citation) else { return }
    let due = record.policy?.consult.first { $0.party == statement.party }?.due(opened: record.opened.data.opened)
    let late = due.map { event.stamp.recorded > $0 } ?? false
    cases[record.id]?.positions.append(
      PositionRecord(statement: statement, signatures: own, late: late, citation: citation))
  }

  mutating func add(_ decision: Decision, _ event: RecordedEvent, _ citation: Citation) {
    guard let record = cases[decision.caseID] else {
      return note(CaseFinding(.mismatch, "a decision on \(decision.caseID), which is no case here", citation))
    }
    guard
      let (statement, signatures, bytes) = open(
        DecisionStatement.self, decision.envelope, Self.decisionType, party: decision.party, record, event, citation)
    else { return }
    guard statement.caseID == decision.caseID, statement.outcome == decision.outcome else {
      return note(
        CaseFinding(.mismatch, "the event's case or outcome differ from the signed ones", citation), in: record.id)
    }
    guard let policy = record.policy, policy.reference == statement.policy,
      Set(policy.parties.map(\.name)) == Set(statement.parties)
    else {
      return note(
        CaseFinding(.wrongPolicy, "the decision names another policy or other parties than the case", citation),
        in: record.id)
    }
    let claims = Claims(incident: statement.incident, exercise: statement.exercise, snapshot: statement.snapshot)
    guard accept(claims, record, event, citation) else { return }
    count(statement, sha256Hex(bytes), signatures, record, citation)
  }

  /// Puts signatures to the ballot of exactly these bytes; a key counts once.
  private mutating func count(
    _ statement: DecisionStatement, _ payload: String, _ signatures: [SignatureLine], _ record: CaseRecord,
    _ citation: Citation
  ) {
    for line in signatures {
      let elsewhere = record.ballots.contains { ballot in
        ballot.payloadSHA256 != payload && ballot.signatures.contains { $0.keyid == line.keyid }
      }
      if elsewhere {
        note(
          CaseFinding(.conflictingSignatures, "\(line.name) (\(line.party)) also signed another text", citation),
          in: record.id)
      }
    }
    var ballots = record.ballots
    let index = ballots.firstIndex { $0.payloadSHA256 == payload } ?? ballots.count
    if index == ballots.count {
      ballots.append(Ballot(statement: statement, payloadSHA256: payload, signatures: []))
    }
    for line in signatures where !ballots[index].signatures.contains(where: { $0.keyid == line.keyid }) {
      ballots[index].signatures.append(line)
    }
    cases[record.id]?.ballots = ballots
  }

  /// Verifies an envelope against the case's policy and reads the statement out of the verified bytes. Nil, and findings
  /// noted, where no signature counts. Signatures that don't count beside some that do are noted too.
  private mutating func open<Statement: Decodable>(
    _ type: Statement.Type, _ envelope: SignedEnvelope, _ mediaType: String, party: String, _ record: CaseRecord,
    _ event: RecordedEvent, _ citation: Citation
  ) -> (Statement, [SignatureLine], [UInt8])? {
    if record.mode == .live, event.stamp.flags.isReplay {
      note(CaseFinding(.replayedStatement, "a replayed statement in a live case", citation), in: record.id)
      return nil
    }
    guard let policy = record.policy else {
      let name = "\(record.opened.data.policy.name) \(record.opened.data.policy.version)"
      note(
        CaseFinding(.wrongPolicy, "the policy \(name) is not known here: nothing is verified", citation), in: record.id)
      return nil
    }
    let checked: CheckedPayload
    do {
      checked = try DSSE.check(envelope, type: mediaType, keys: policy.keys)
    } catch {
      note(CaseFinding(.malformedStatement, error.message, citation), in: record.id)
      return nil
    }
    var lines: [SignatureLine] = []
    for signature in checked.signatures {
      if let key = signature.key, let (party, signer) = policy.signer(key) {
        if !lines.contains(where: { $0.keyid == key.keyid }) { lines.append(SignatureLine(party, signer, citation)) }
      } else if policy.keys.contains(where: { $0.keyid == signature.keyid }) {
        note(
          CaseFinding(.badSignature, "the signature of key \(signature.keyid) does not verify", citation), in: record.id
        )
      } else {
        note(
          CaseFinding(.unauthorisedKey, "no signer of the policy made the signature of \(signature.keyid)", citation),
          in: record.id)
      }
    }
    guard !lines.isEmpty else { return nil }
    guard lines.contains(where: { $0.party == party }) else {
      let signers = Set(lines.map(\.party)).sorted().joined(separator: ", ")
      note(CaseFinding(.wrongParty, "speaks for \(party) and is signed for \(signers)", citation), in: record.id)
      return nil
    }
    guard let statement = try? decodeStatement(type, checked.bytes) else {
      note(
        CaseFinding(.malformedStatement, "the signed bytes are no statement of \(mediaType)", citation), in: record.id)
      return nil
    }
    return (statement, lines, checked.bytes)
  }
}
