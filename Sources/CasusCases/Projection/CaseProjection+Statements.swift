internal import CasusEvents
internal import CasusLedger

extension CaseProjection {
  /// The media types of what is signed.
  public static let positionType = "application/vnd.casus.position.v1+json"
  public static let decisionType = "application/vnd.casus.decision.v1+json"

  mutating func add(_ position: Position, _ event: RecordedEvent, _ citation: Citation) {
    guard let record = cases[position.caseID] else {
      return note(CaseFinding(.mismatch, "a position on \(position.caseID), which is no case here", citation))
    }
    guard let opened = open(position.envelope, Self.positionType, party: position.party, record, event, citation),
      let statement = read(opened, record, citation, StatementReader.position)
    else { return }
    guard statement.caseID == position.caseID, statement.party == position.party, statement.finding == position.finding
    else {
      return note(
        CaseFinding(.mismatch, "the event's case, party or finding differ from the signed ones", citation),
        in: record.id)
    }
    if let index = record.positions.firstIndex(where: { $0.payloadSHA256 == opened.sha256 }) {
      return count(again: opened, at: index, record, citation)
    }
    let standing = record.position(of: statement.party)
    guard statement.replaces == standing?.payloadSHA256 else {
      return note(Self.replacement(statement.replaces, standing?.citation, citation), in: record.id)
    }
    let claims = Claims(incident: statement.incident, exercise: statement.exercise, snapshot: statement.snapshot)
    guard accept(claims, record, event, citation) else { return }
    let due = record.policy?.consult.first { $0.party == statement.party }?.due(opened: record.opened.data.opened)
    let late = due.map { event.stamp.recorded > $0 } ?? false
    cases[record.id]?.positions.append(
      PositionRecord(
        statement: statement, signatures: opened.signatures, late: late, payloadSHA256: opened.sha256,
        citation: citation))
  }

  /// A position that was stated before keeps its place, whoever publishes it again; only who had not signed it yet adds to
  /// it.
  private mutating func count(again opened: OpenedEnvelope, at index: Int, _ record: CaseRecord, _ citation: Citation) {
    let known = record.positions[index]
    let more = opened.signatures.filter { line in !known.signatures.contains { $0.keyid == line.keyid } }
    if more.isEmpty {
      let message =
        "the position of \(known.statement.party) that event \(known.citation.sequence) stated; it counts once"
      note(CaseFinding(.repeatedStatement, message, citation), in: record.id)
    }
    cases[record.id]?.positions[index].signatures += more
  }

  mutating func add(_ decision: Decision, _ event: RecordedEvent, _ citation: Citation) {
    guard let record = cases[decision.caseID] else {
      return note(CaseFinding(.mismatch, "a decision on \(decision.caseID), which is no case here", citation))
    }
    guard let opened = open(decision.envelope, Self.decisionType, party: decision.party, record, event, citation),
      let statement = read(opened, record, citation, StatementReader.decision)
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
    guard opened.sha256 == record.completed || statement.replaces == record.completed else {
      let standing = record.ballots.first { $0.payloadSHA256 == record.completed }?.signatures.last?.citation
      return note(Self.replacement(statement.replaces, standing, citation), in: record.id)
    }
    let claims = Claims(incident: statement.incident, exercise: statement.exercise, snapshot: statement.snapshot)
    guard accept(claims, record, event, citation) else { return }
    count(statement, opened, policy, record, citation)
  }

  /// Why a statement does not take the place of the one that stands.
  private static func replacement(_ named: String?, _ standing: Citation?, _ citation: Citation) -> CaseFinding {
    let what = named.map { "in the place of the one with digest \($0.prefix(8))" } ?? "in nobody's place"
    let now = standing.map { "the one that stands is event \($0.sequence)'s" } ?? "none stands"
    return CaseFinding(.wrongReplacement, "the statement comes \(what), and \(now)", citation)
  }

  /// Puts signatures to the ballot of exactly these bytes; a key counts once.
  private mutating func count(
    _ statement: DecisionStatement, _ opened: OpenedEnvelope, _ policy: CasePolicy, _ record: CaseRecord,
    _ citation: Citation
  ) {
    let payload = opened.sha256
    for line in opened.signatures {
      // To sign what takes the place of what one signed is no conflict.
      let elsewhere = record.ballots.contains { ballot in
        ballot.payloadSHA256 != payload && ballot.payloadSHA256 != statement.replaces
          && ballot.statement.replaces == statement.replaces && ballot.signatures.contains { $0.keyid == line.keyid }
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
    let more = opened.signatures.filter { line in !ballots[index].signatures.contains { $0.keyid == line.keyid } }
    if more.isEmpty {
      let names = opened.signatures.map(\.name).joined(separator: ", ")
      note(CaseFinding(.repeatedStatement, "\(names) signed this text before; it counts once", citation), in: record.id)
    }
    ballots[index].signatures += more
    cases[record.id]?.ballots = ballots
    if record.tally(ballots[index], policy).allSatisfy(\.isComplete) { cases[record.id]?.completed = payload }
  }

  /// Verifies an envelope against the case's policy: what the party's own signers signed, published by one of its own
  /// agencies. Nil, and findings noted, where no signature counts. Signatures that don't count beside some that do are noted
  /// too.
  private mutating func open(
    _ envelope: SignedEnvelope, _ mediaType: String, party: String, _ record: CaseRecord, _ event: RecordedEvent,
    _ citation: Citation
  ) -> OpenedEnvelope? {
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
    // Each party's signatures come by its own events.
    let own = lines.filter { $0.party == party }
    if own.count < lines.count {
      let signers = Set(lines.map(\.party)).sorted().joined(separator: ", ")
      note(CaseFinding(.wrongParty, "speaks for \(party) and is signed for \(signers)", citation), in: record.id)
    }
    guard !own.isEmpty else { return nil }
    let agency = citation.publisherAgency
    guard policy.party(party)?.isSpokenFor(by: agency) == true else {
      note(
        CaseFinding(.wrongPublisher, "\(agency) published it, which is none of \(party)'s agencies", citation),
        in: record.id)
      return nil
    }
    return OpenedEnvelope(bytes: checked.bytes, sha256: sha256Hex(checked.bytes), signatures: own)
  }

  /// The statement in verified bytes; nil, and a finding, when they are none.
  private mutating func read<Statement>(
    _ opened: OpenedEnvelope, _ record: CaseRecord, _ citation: Citation,
    _ reader: ([UInt8]) throws(CaseError) -> Statement
  ) -> Statement? {
    do throws(CaseError) {
      return try reader(opened.bytes)
    } catch {
      note(CaseFinding(.malformedStatement, error.message, citation), in: record.id)
      return nil
    }
  }
}

/// What a party signed.
private struct OpenedEnvelope {
  let bytes: [UInt8]
  let sha256: String
  /// The party's own.
  let signatures: [SignatureLine]
}
