/// How bad it is, on each named scale: `casus.damage.v1`. Says nothing of who did it; no score merges the two.
public struct Damage: Payload, Hashable {
  public static let type = EventType.damage

  public var incident: String
  /// From 1.
  public var revision: Int
  public var scales: [ScaleResult]
  /// The most important first.
  public var unknownInputs: [UnknownInput]
  public var outlook: Outlook
  public var outlookReasons: [String]
  public var confidence: ConfidenceStatement
  public var summary: String?
  public var method: Method
  /// Of the Monte Carlo; its seed follows from the incident's id.
  public var samples: Int?
  public var admiralty: Admiralty?
  /// The incident's revision first.
  public var refs: [EventReference]
  public var supersedes: EventReference?

  public init(
    incident: String, revision: Int, scales: [ScaleResult], unknownInputs: [UnknownInput], outlook: Outlook,
    outlookReasons: [String] = [], confidence: ConfidenceStatement, summary: String? = nil, method: Method,
    samples: Int? = nil, admiralty: Admiralty? = nil, refs: [EventReference], supersedes: EventReference? = nil
  ) {
    self.incident = incident
    self.revision = revision
    self.scales = scales
    self.unknownInputs = unknownInputs
    self.outlook = outlook
    self.outlookReasons = outlookReasons
    self.confidence = confidence
    self.summary = summary
    self.method = method
    self.samples = samples
    self.admiralty = admiralty
    self.refs = refs
    self.supersedes = supersedes
  }

  enum CodingKeys: String, CodingKey {
    case incident, revision, scales
    case unknownInputs = "unknown_inputs"
    case outlook
    case outlookReasons = "outlook_reasons"
    case confidence, summary, method, samples, admiralty, refs, supersedes
  }
}
