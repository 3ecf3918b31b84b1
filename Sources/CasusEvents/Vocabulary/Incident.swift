/// Detections and effects that belong together: `casus.incident.v1`.
/// A revision is a new event whose `supersedes` names the one before; `incident` stays.
public struct Incident: Payload, Hashable {
  public static let type = EventType.incident

  /// Stable over all revisions.
  public var incident: String
  /// From 1.
  public var revision: Int
  public var state: IncidentState
  public var title: String
  /// The furthest one reached.
  public var phase: Phase
  public var firstSeen: Timestamp
  public var lastSeen: Timestamp
  public var domains: [Domain]
  /// All of them, also those that `detections` doesn't list.
  public var detectionCount: Int
  public var effectCount: Int
  /// Those that say most; at most 120, so that the event keeps within its size.
  public var detections: [EventReference]
  public var effects: [EventReference]
  public var techniques: [TechniqueSummary]
  public var software: [Software]
  public var assets: [Asset]
  public var victims: [Victim]
  public var sectors: [Sector]
  /// The innermost level reached.
  public var location: Location?
  /// In order of time.
  public var steps: [Step]
  /// Why these belong together.
  public var basis: [String]
  public var summary: String?
  /// Why it was retracted.
  public var retraction: String?
  public var method: Method
  public var admiralty: Admiralty?
  public var refs: [EventReference]?
  public var supersedes: EventReference?

  public init(
    incident: String, revision: Int, state: IncidentState, title: String, phase: Phase, firstSeen: Timestamp,
    lastSeen: Timestamp, domains: [Domain], detectionCount: Int, effectCount: Int, detections: [EventReference],
    effects: [EventReference], techniques: [TechniqueSummary], software: [Software] = [], assets: [Asset] = [],
    victims: [Victim], sectors: [Sector], location: Location? = nil, steps: [Step] = [], basis: [String] = [],
    summary: String? = nil, retraction: String? = nil, method: Method, admiralty: Admiralty? = nil,
    refs: [EventReference]? = nil, supersedes: EventReference? = nil
  ) {
    self.incident = incident
    self.revision = revision
    self.state = state
    self.title = title
    self.phase = phase
    self.firstSeen = firstSeen
    self.lastSeen = lastSeen
    self.domains = domains
    self.detectionCount = detectionCount
    self.effectCount = effectCount
    self.detections = detections
    self.effects = effects
    self.techniques = techniques
    self.software = software
    self.assets = assets
    self.victims = victims
    self.sectors = sectors
    self.location = location
    self.steps = steps
    self.basis = basis
    self.summary = summary
    self.retraction = retraction
    self.method = method
    self.admiralty = admiralty
    self.refs = refs
    self.supersedes = supersedes
  }

  enum CodingKeys: String, CodingKey {
    case incident, revision, state, title, phase
    case firstSeen = "first_seen"
    case lastSeen = "last_seen"
    case domains
    case detectionCount = "detection_count"
    case effectCount = "effect_count"
    case detections, effects, techniques, software, assets, victims, sectors, location, steps, basis, summary
    case retraction, method, admiralty, refs, supersedes
  }
}
