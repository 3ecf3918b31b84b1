/// Signatures on a decision: `casus.decision.v1`, published by people through their agency, never by a plugin.
/// Stands when every party's quorum has signed the same payload bytes.
public struct Decision: Payload, Hashable {
  public static let type = EventType.decision

  public var caseID: String
  /// Whose signatures these are.
  public var party: String
  public var outcome: Outcome
  /// Around a ``DecisionStatement``.
  public var envelope: SignedEnvelope

  public init(
    caseID: String, party: String, outcome: Outcome, envelope: SignedEnvelope
  ) {
    self.caseID = caseID
    self.party = party
    self.outcome = outcome
    self.envelope = envelope
  }

  enum CodingKeys: String, CodingKey {
    case caseID = "case"
    case party, outcome, envelope
  }
}
