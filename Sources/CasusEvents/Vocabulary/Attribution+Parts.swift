/// What kind of actor a hypothesis names.
public enum HypothesisSubject: String, Codable, CaseIterable, Sendable {
  case group
  case state
  case criminal
  case individual
  /// A group that nobody has described yet.
  case unknown
  /// Someone who wants to look like another.
  case deception
}

/// Who may be behind it. All hypotheses of one list exclude each other; their probabilities add up to 1 with
/// `other_probability`.
public struct Hypothesis: Codable, Hashable, Sendable {
  /// Unique in its list: ATT&CK's group (`G0034`), `state:RU`, `criminal`, `individual`, `unknown`, `deception`.
  public var id: String
  public var subject: HypothesisSubject
  /// 0...1.
  public var probability: Double
  public var name: String?
  /// The state that open sources suspect behind it, ISO 3166-1 alpha-2.
  public var nation: String?
  /// Before any evidence, 0...1.
  public var prior: Double?
  public var interval: Interval?
  /// The probability in ICD 203's words (``icd203Words(_:)``).
  public var words: String?

  public init(
    id: String, subject: HypothesisSubject, probability: Double, name: String? = nil, nation: String? = nil,
    prior: Double? = nil, interval: Interval? = nil, words: String? = nil
  ) {
    self.id = id
    self.subject = subject
    self.probability = probability
    self.name = name
    self.nation = nation
    self.prior = prior
    self.interval = interval
    self.words = words
  }
}

/// A state through all the groups that open sources suspect it behind, listed or not. Not a hypothesis beside them:
/// the groups' probabilities are in it, each times the suspicion.
public struct StateTotal: Codable, Hashable, Sendable {
  /// ISO 3166-1 alpha-2.
  public var nation: String
  /// 0...1.
  public var probability: Double
  /// The probability in ICD 203's words.
  public var words: String?

  public init(
    nation: String, probability: Double, words: String? = nil
  ) {
    self.nation = nation
    self.probability = probability
    self.words = words
  }
}

/// Where evidence stands in the diamond model.
public enum DiamondVertex: String, Codable, CaseIterable, Sendable {
  case adversary
  case capability
  case infrastructure
  case victim
}

/// How easily someone could have planted it; ordered.
public enum Forgeability: String, Codable, CaseIterable, Sendable, Comparable {
  case low
  case moderate
  case high

  public static func < (a: Self, b: Self) -> Bool {
    allCases.firstIndex(of: a)! < allCases.firstIndex(of: b)!
  }
}

/// What a piece of evidence says for or against one hypothesis.
public struct LikelihoodRatio: Codable, Hashable, Sendable {
  /// A hypothesis' id.
  public var hypothesis: String
  /// Natural logarithm of P(evidence | hypothesis) / P(evidence), after discounting; positive speaks for it.
  public var logRatio: Double

  public init(
    hypothesis: String, logRatio: Double
  ) {
    self.hypothesis = hypothesis
    self.logRatio = logRatio
  }

  enum CodingKeys: String, CodingKey {
    case hypothesis
    case logRatio = "log_ratio"
  }
}

/// One piece of evidence.
public struct AttributionEvidence: Codable, Hashable, Sendable {
  /// `T0855 seen 12 times`.
  public var summary: String
  public var refs: [EventReference]
  public var vertex: DiamondVertex
  public var forgeability: Forgeability
  /// Evidence of one group is not independent and counts once: one report, one vendor.
  public var dependenceGroup: String
  /// r of P'(e|H) = r·P(e|H) + (1−r)·P(e), 0...1.
  public var reliability: Double
  /// For the hypotheses it moves.
  public var ratios: [LikelihoodRatio]
  public var technique: String?

  public init(
    summary: String, refs: [EventReference], vertex: DiamondVertex, forgeability: Forgeability,
    dependenceGroup: String, reliability: Double, ratios: [LikelihoodRatio], technique: String? = nil
  ) {
    self.summary = summary
    self.refs = refs
    self.vertex = vertex
    self.forgeability = forgeability
    self.dependenceGroup = dependenceGroup
    self.reliability = reliability
    self.ratios = ratios
    self.technique = technique
  }

  enum CodingKeys: String, CodingKey {
    case summary, refs, vertex, forgeability
    case dependenceGroup = "dependence_group"
    case reliability, ratios, technique
  }
}

/// What question is answered (Rid and Buchanan's Q model): how, what, who and why.
public enum AttributionLevel: String, Codable, CaseIterable, Sendable {
  case tactical
  case operational
  case strategic
}

/// A state's responsibility, by Healey's ten grades; ordered.
public enum ResponsibilityGrade: String, Codable, CaseIterable, Sendable, Comparable {
  case stateProhibited = "state-prohibited"
  case stateProhibitedButInadequate = "state-prohibited-but-inadequate"
  case stateIgnored = "state-ignored"
  case stateEncouraged = "state-encouraged"
  case stateShaped = "state-shaped"
  case stateCoordinated = "state-coordinated"
  case stateOrdered = "state-ordered"
  case stateRogueConducted = "state-rogue-conducted"
  case stateExecuted = "state-executed"
  case stateIntegrated = "state-integrated"

  public static func < (a: Self, b: Self) -> Bool {
    allCases.firstIndex(of: a)! < allCases.firstIndex(of: b)!
  }
}

/// How far a state answers for it, if one does.
public struct StateResponsibility: Codable, Hashable, Sendable {
  /// ISO 3166-1 alpha-2.
  public var nation: String
  public var lowest: ResponsibilityGrade
  public var highest: ResponsibilityGrade
  /// That the grade lies between the two, 0...1.
  public var probability: Double
  public var reasons: [String]

  public init(
    nation: String, lowest: ResponsibilityGrade, highest: ResponsibilityGrade, probability: Double, reasons: [String]
  ) {
    self.nation = nation
    self.lowest = lowest
    self.highest = highest
    self.probability = probability
    self.reasons = reasons
  }
}

/// How the probabilities were made honest.
public struct Calibration: Codable, Hashable, Sendable {
  /// Log-odds were divided by it.
  public var temperature: Double
  public var fittedOn: String

  public init(
    temperature: Double, fittedOn: String
  ) {
    self.temperature = temperature
    self.fittedOn = fittedOn
  }

  enum CodingKeys: String, CodingKey {
    case temperature
    case fittedOn = "fitted_on"
  }
}
