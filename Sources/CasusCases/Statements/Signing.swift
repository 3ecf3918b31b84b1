public import CasusEvents
public import CasusLedger

extension Position {
  /// A position around a signed statement. Publish it as `casus.position.v1` in the party's own name.
  public init(signing statement: PositionStatement, with keys: [SigningKey]) throws {
    guard !keys.isEmpty else { throw CaseError(.key, "a position needs a signature") }
    let envelope = try DSSE.sign(try canonicalJSON(statement), type: CaseProjection.positionType, with: keys)
    self.init(caseID: statement.caseID, party: statement.party, finding: statement.finding, envelope: envelope)
  }

  /// The event to publish: its id follows from the signed bytes and the signatures, so that sending it twice is once.
  public func draft(at time: Timestamp, exercise: Bool, tlp: TLP = .amber) -> Draft {
    Draft(
      self, id: derivedID("position", [envelope.payload] + envelope.signatures.map(\.sig)), subject: caseID, time: time,
      tlp: tlp, exercise: exercise, correlationid: caseID)
  }
}

extension Decision {
  /// A decision's first signatures: those of one party's signers.
  public init(signing statement: DecisionStatement, party: String, with keys: [SigningKey]) throws {
    guard !keys.isEmpty else { throw CaseError(.key, "a decision needs a signature") }
    let envelope = try DSSE.sign(try canonicalJSON(statement), type: CaseProjection.decisionType, with: keys)
    self.init(caseID: statement.caseID, party: party, outcome: statement.outcome, envelope: envelope)
  }

  /// Signs the very bytes that someone else signed. Only the new signatures go into the event: each party publishes its
  /// own. Read what they say first (``statement()``).
  public init(cosigning decision: Decision, party: String, with keys: [SigningKey]) throws {
    guard !keys.isEmpty else { throw CaseError(.key, "a decision needs a signature") }
    var envelope = decision.envelope
    envelope.signatures = []
    for key in keys { envelope = try DSSE.add(key, to: envelope) }
    self.init(caseID: decision.caseID, party: party, outcome: decision.outcome, envelope: envelope)
  }

  /// What the envelope says, **not verified**: for someone who is asked to sign it.
  public func statement() throws -> DecisionStatement {
    try StatementReader.decision(try DSSE.payload(of: envelope))
  }

  /// The event to publish: its id follows from the signed bytes and the signatures, so that sending it twice is once.
  public func draft(at time: Timestamp, exercise: Bool, tlp: TLP = .amber) -> Draft {
    Draft(
      self, id: derivedID("decision", [envelope.payload] + envelope.signatures.map(\.sig)), subject: caseID, time: time,
      tlp: tlp, exercise: exercise, correlationid: caseID)
  }
}

extension Position {
  /// What the envelope says, **not verified**.
  public func statement() throws -> PositionStatement {
    try StatementReader.position(try DSSE.payload(of: envelope))
  }
}
