/// How far an attack has come (ODNI Cyber Threat Framework); ordered.
public enum Phase: String, Codable, CaseIterable, Sendable, Comparable {
  case prepare
  case engage
  case presence
  case effect

  public static func < (a: Self, b: Self) -> Bool {
    allCases.firstIndex(of: a)! < allCases.firstIndex(of: b)!
  }
}

/// Whether the incident still stands.
public enum IncidentState: String, Codable, CaseIterable, Sendable {
  case open
  case closed
  /// The evidence fell: it was none.
  case retracted
}

/// A technique over all of an incident's detections.
public struct TechniqueSummary: Codable, Hashable, Sendable {
  public var id: String
  public var domain: TechniqueDomain
  /// That it was used at least once, 0...1.
  public var probability: Double
  /// Detections that point to it.
  public var count: Int
  public var firstSeen: Timestamp
  public var lastSeen: Timestamp
  public var name: String?
  /// Those that say most; not all.
  public var refs: [EventReference]

  public init(
    id: String, domain: TechniqueDomain, probability: Double, count: Int, firstSeen: Timestamp, lastSeen: Timestamp,
    name: String? = nil, refs: [EventReference] = []
  ) {
    self.id = id
    self.domain = domain
    self.probability = probability
    self.count = count
    self.firstSeen = firstSeen
    self.lastSeen = lastSeen
    self.name = name
    self.refs = refs
  }

  enum CodingKeys: String, CodingKey {
    case id, domain, probability, count
    case firstSeen = "first_seen"
    case lastSeen = "last_seen"
    case name, refs
  }
}

/// One moment of an incident's course, for people.
public struct Step: Codable, Hashable, Sendable {
  public var time: Timestamp
  public var title: String
  public var phase: Phase?
  public var ref: EventReference?

  public init(
    time: Timestamp, title: String, phase: Phase? = nil, ref: EventReference? = nil
  ) {
    self.time = time
    self.title = title
    self.phase = phase
    self.ref = ref
  }
}
