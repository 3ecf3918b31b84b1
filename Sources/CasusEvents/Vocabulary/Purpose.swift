/// What the intrusion is for.
public enum PurposeConclusion: String, Codable, CaseIterable, Sendable {
  /// Espionage.
  case exploitation
  /// Disruption.
  case attack
  case undetermined
}

/// What a piece of evidence points to.
public enum PurposeIndication: String, Codable, CaseIterable, Sendable {
  case exploitation
  case attack
  case prepositioning
  /// Looks like one of them and is not: a disk wiped to hide tracks.
  case none
}

/// One piece of evidence.
public struct PurposeEvidence: Codable, Hashable, Sendable {
  public var summary: String
  public var indicates: PurposeIndication
  /// Natural logarithm of its likelihood ratio.
  public var logRatio: Double
  public var refs: [EventReference]
  public var technique: String?

  public init(
    summary: String, indicates: PurposeIndication, logRatio: Double, refs: [EventReference], technique: String? = nil
  ) {
    self.summary = summary
    self.indicates = indicates
    self.logRatio = logRatio
    self.refs = refs
    self.technique = technique
  }

  enum CodingKeys: String, CodingKey {
    case summary, indicates
    case logRatio = "log_ratio"
    case refs, technique
  }
}

/// Espionage or disruption: `casus.purpose.v1`. The three probabilities add up to 1.
public struct Purpose: Payload, Hashable {
  public static let type = EventType.purpose

  public var incident: String
  /// From 1.
  public var revision: Int
  /// Espionage, 0...1.
  public var exploitation: Double
  /// Disruption, 0...1.
  public var attack: Double
  /// An intrusion whose purpose doesn't show, 0...1.
  public var undetermined: Double
  /// That a later attack is being prepared, 0...1; apart from the three.
  public var prepositioning: Double
  public var conclusion: PurposeConclusion
  public var confidence: ConfidenceStatement
  public var evidence: [PurposeEvidence]
  public var flips: [Flip]
  public var method: Method
  public var admiralty: Admiralty?
  /// The incident's revision first.
  public var refs: [EventReference]
  public var supersedes: EventReference?

  public init(
    incident: String, revision: Int, exploitation: Double, attack: Double, undetermined: Double,
    prepositioning: Double, conclusion: PurposeConclusion, confidence: ConfidenceStatement,
    evidence: [PurposeEvidence], flips: [Flip] = [], method: Method, admiralty: Admiralty? = nil,
    refs: [EventReference], supersedes: EventReference? = nil
  ) {
    self.incident = incident
    self.revision = revision
    self.exploitation = exploitation
    self.attack = attack
    self.undetermined = undetermined
    self.prepositioning = prepositioning
    self.conclusion = conclusion
    self.confidence = confidence
    self.evidence = evidence
    self.flips = flips
    self.method = method
    self.admiralty = admiralty
    self.refs = refs
    self.supersedes = supersedes
  }
}
