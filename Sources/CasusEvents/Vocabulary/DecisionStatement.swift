/// What is decided.
public enum Outcome: String, Codable, CaseIterable, Sendable {
  case noAction = "no-action"
  case moreInformation = "more-information"
  case retorsion
  case countermeasures
  case armedAttackFinding = "armed-attack-finding"
  case deferred
}

/// What every party signs, byte for byte the same: the payload of a ``Decision``'s envelope.
public struct DecisionStatement: Codable, Hashable, Sendable {
  public var caseID: String
  public var incident: String
  public var outcome: Outcome
  /// The decision's own words.
  public var text: String
  public var reasons: [String]
  public var dissent: [Dissent]
  public var drafted: Timestamp
  /// When it must be looked at again.
  public var reviewBy: Timestamp?
  /// Who must sign.
  public var parties: [String]
  public var policy: PolicyReference
  public var exercise: Bool
  public var snapshot: EvidenceSnapshot
  /// SHA-256 of the signed bytes of the case's decision that this one takes the place of; none for its first.
  public var replaces: String?

  public init(
    caseID: String, incident: String, outcome: Outcome, text: String, reasons: [String], dissent: [Dissent] = [],
    drafted: Timestamp, reviewBy: Timestamp? = nil, parties: [String], policy: PolicyReference, exercise: Bool,
    snapshot: EvidenceSnapshot, replaces: String? = nil
  ) {
    self.caseID = caseID
    self.incident = incident
    self.outcome = outcome
    self.text = text
    self.reasons = reasons
    self.dissent = dissent
    self.drafted = drafted
    self.reviewBy = reviewBy
    self.parties = parties
    self.policy = policy
    self.exercise = exercise
    self.snapshot = snapshot
    self.replaces = replaces
  }

  enum CodingKeys: String, CodingKey {
    case caseID = "case"
    case incident, outcome, text, reasons, dissent, drafted
    case reviewBy = "review_by"
    case parties, policy, exercise, snapshot, replaces
  }
}
