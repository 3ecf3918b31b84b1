/// A sensor found something: `casus.detection.v1`. Follows OCSF 1.5's Detection Finding (class 2004) where it can.
public struct Detection: Payload, Hashable {
  public static let type = EventType.detection

  public var finding: Finding
  /// OCSF: 0 unknown, 1 informational, 2 low, 3 medium, 4 high, 5 critical, 6 fatal.
  public var severityID: Int
  /// That the finding is true, by the analytic, 0...1.
  public var confidence: Double?
  /// When it happened first.
  public var firstSeen: Timestamp
  /// When it happened last; the same as `firstSeen` for one occurrence.
  public var lastSeen: Timestamp
  /// When the sensor wrote it down.
  public var reported: Timestamp?
  /// How often it happened between the two.
  public var count: Int
  public var domain: Domain
  /// Candidates; their probabilities needn't add up to 1.
  public var techniques: [Technique]
  public var software: [Software]
  public var observables: [Observable]
  /// What was hit.
  public var asset: Asset?
  public var flow: Flow?
  /// Whether the origin is likely forged (IDEA's flag), so that it says nothing of who did it.
  public var spoofed: Bool
  public var raw: Excerpt?
  /// Why it is taken back, when it is: with `supersedes`, the finding named there counts for nothing any more.
  public var withdrawal: String?
  public var admiralty: Admiralty?
  public var refs: [EventReference]?
  public var supersedes: EventReference?

  public init(
    finding: Finding, severityID: Int, confidence: Double? = nil, firstSeen: Timestamp, lastSeen: Timestamp,
    reported: Timestamp? = nil, count: Int = 1, domain: Domain = .cyberspace, techniques: [Technique] = [],
    software: [Software] = [], observables: [Observable] = [], asset: Asset? = nil, flow: Flow? = nil,
    spoofed: Bool = false, raw: Excerpt? = nil, withdrawal: String? = nil, admiralty: Admiralty? = nil,
    refs: [EventReference]? = nil, supersedes: EventReference? = nil
  ) {
    self.finding = finding
    self.severityID = severityID
    self.confidence = confidence
    self.firstSeen = firstSeen
    self.lastSeen = lastSeen
    self.reported = reported
    self.count = count
    self.domain = domain
    self.techniques = techniques
    self.software = software
    self.observables = observables
    self.asset = asset
    self.flow = flow
    self.spoofed = spoofed
    self.raw = raw
    self.withdrawal = withdrawal
    self.admiralty = admiralty
    self.refs = refs
    self.supersedes = supersedes
  }

  enum CodingKeys: String, CodingKey {
    case finding
    case severityID = "severity_id"
    case confidence
    case firstSeen = "first_seen"
    case lastSeen = "last_seen"
    case reported, count, domain, techniques, software, observables, asset, flow, spoofed, raw, withdrawal
    case admiralty, refs, supersedes
  }
}
