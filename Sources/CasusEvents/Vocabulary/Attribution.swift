/// Who may be behind an incident: `casus.attribution.v1`. Says nothing of the damage; no score merges the two.
public struct Attribution: Payload, Hashable {
  public static let type = EventType.attribution

  public var incident: String
  /// From 1.
  public var revision: Int
  /// The likeliest first; `criminal`, `individual`, `unknown` and `deception` always among them.
  public var hypotheses: [Hypothesis]
  /// Of all hypotheses that aren't listed, 0...1.
  public var otherProbability: Double
  /// States through their groups, the likeliest first; overlaps with `hypotheses`.
  public var states: [StateTotal]?
  /// A hypothesis' id, or `undetermined`: an answer like any other.
  public var conclusion: String
  public var level: AttributionLevel
  public var confidence: ConfidenceStatement
  public var evidence: [AttributionEvidence]
  public var stateResponsibility: StateResponsibility?
  /// What would change the conclusion, the least first.
  public var flips: [Flip]
  public var calibration: Calibration?
  public var assumptions: [String]
  public var method: Method
  public var admiralty: Admiralty?
  /// What it rests on: the incident's revision first.
  public var refs: [EventReference]
  public var supersedes: EventReference?

  public init(
    incident: String, revision: Int, hypotheses: [Hypothesis], otherProbability: Double = 0,
    states: [StateTotal]? = nil, conclusion: String, level: AttributionLevel, confidence: ConfidenceStatement,
    evidence: [AttributionEvidence],
    stateResponsibility: StateResponsibility? = nil, flips: [Flip], calibration: Calibration? = nil,
    assumptions: [String] = [], method: Method, admiralty: Admiralty? = nil, refs: [EventReference],
    supersedes: EventReference? = nil
  ) {
    self.incident = incident
    self.revision = revision
    self.hypotheses = hypotheses
    self.otherProbability = otherProbability
    self.states = states
    self.conclusion = conclusion
    self.level = level
    self.confidence = confidence
    self.evidence = evidence
    self.stateResponsibility = stateResponsibility
    self.flips = flips
    self.calibration = calibration
    self.assumptions = assumptions
    self.method = method
    self.admiralty = admiralty
    self.refs = refs
    self.supersedes = supersedes
  }

  enum CodingKeys: String, CodingKey {
    case incident, revision, hypotheses
    case otherProbability = "other_probability"
    case states, conclusion, level, confidence, evidence
    case stateResponsibility = "state_responsibility"
    case flips, calibration, assumptions, method, admiralty, refs, supersedes
  }
}
