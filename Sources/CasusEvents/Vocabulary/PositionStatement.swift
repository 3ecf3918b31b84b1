/// Where an incident stands in law, by a party's own judgement.
public enum LegalFinding: String, Codable, CaseIterable, Sendable {
  case armedAttack = "armed-attack"
  case useOfForce = "use-of-force"
  case belowThreshold = "below-threshold"
  case undetermined
}

/// One of the two questions of Japan's test, with its answer.
public struct Prong: Codable, Hashable, Sendable {
  /// 0...1.
  public var probability: Double
  public var interval: Interval?
  public var basis: [String]

  public init(
    probability: Double, interval: Interval? = nil, basis: [String]
  ) {
    self.probability = probability
    self.interval = interval
    self.basis = basis
  }
}

/// Japan's two prongs. Both must hold; they are never merged into one number.
public struct Prongs: Codable, Hashable, Sendable {
  /// Damage on a par with that of a physical attack.
  public var damageComparable: Prong
  /// Carried out by the other party in a systematic and premeditated way.
  public var systematicPremeditated: Prong

  public init(
    damageComparable: Prong, systematicPremeditated: Prong
  ) {
    self.damageComparable = damageComparable
    self.systematicPremeditated = systematicPremeditated
  }

  enum CodingKeys: String, CodingKey {
    case damageComparable = "damage_comparable"
    case systematicPremeditated = "systematic_premeditated"
  }
}

/// An opinion that differs and stays on the record.
public struct Dissent: Codable, Hashable, Sendable {
  public var by: String
  public var text: String

  public init(
    by: String, text: String
  ) {
    self.by = by
    self.text = text
  }
}

/// What a party signs as its position on a case: the payload of a ``Position``'s envelope.
public struct PositionStatement: Codable, Hashable, Sendable {
  public var caseID: String
  public var incident: String
  public var party: String
  public var finding: LegalFinding
  public var prongs: Prongs
  public var factors: [LegalFactor]
  public var reasons: [String]
  public var dissent: [Dissent]
  public var stated: Timestamp
  public var statedBy: Person
  /// Whether the case is an exercise: a signature can't be carried over from one.
  public var exercise: Bool
  public var snapshot: EvidenceSnapshot
  /// SHA-256 of the signed bytes of the party's position that this one takes the place of; none for its first.
  public var replaces: String?

  public init(
    caseID: String, incident: String, party: String, finding: LegalFinding, prongs: Prongs,
    factors: [LegalFactor] = [], reasons: [String], dissent: [Dissent] = [], stated: Timestamp, statedBy: Person,
    exercise: Bool, snapshot: EvidenceSnapshot, replaces: String? = nil
  ) {
    self.caseID = caseID
    self.incident = incident
    self.party = party
    self.finding = finding
    self.prongs = prongs
    self.factors = factors
    self.reasons = reasons
    self.dissent = dissent
    self.stated = stated
    self.statedBy = statedBy
    self.exercise = exercise
    self.snapshot = snapshot
    self.replaces = replaces
  }

  enum CodingKeys: String, CodingKey {
    case caseID = "case"
    case incident, party, finding, prongs, factors, reasons, dissent, stated
    case statedBy = "stated_by"
    case exercise, snapshot, replaces
  }
}
