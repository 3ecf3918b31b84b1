/// A party's signed statement on a case: `casus.position.v1`. What stands outside the envelope only helps to route
/// it and must agree with the statement.
public struct Position: Payload, Hashable {
  public static let type = EventType.position

  public var caseID: String
  public var party: String
  public var finding: LegalFinding
  /// Around a ``PositionStatement``.
  public var envelope: SignedEnvelope
  public var supersedes: EventReference?

  public init(
    caseID: String, party: String, finding: LegalFinding, envelope: SignedEnvelope, supersedes: EventReference? = nil
  ) {
    self.caseID = caseID
    self.party = party
    self.finding = finding
    self.envelope = envelope
    self.supersedes = supersedes
  }

  enum CodingKeys: String, CodingKey {
    case caseID = "case"
    case party, finding, envelope, supersedes
  }
}
