public import CasusEvents

/// What an event says of incidents and cases, as far as a fold needs it of one that nobody is shown: whose revision it is, and what
/// it names. Pure; reading it out of an incident costs a part of decoding the whole.
public struct EventFacts: Hashable, Sendable {
  public enum Kind: Int, Sendable {
    case incident = 1
    case attribution, purpose, damage, caseFile, consultation, position, decision, dispute

    /// Few, written by people, and needed whole whatever is asked.
    public var isStatement: Bool { self == .caseFile || self == .position || self == .decision || self == .dispute }
    public var isAssessment: Bool { self == .attribution || self == .purpose || self == .damage }
  }

  public var kind: Kind
  /// What it belongs to: an incident, a case, or the events that a dispute is about and takes the place of.
  public var topics: [Topic]
  public var revision = 0
  /// Of an incident.
  public var incident: IncidentFacts?

  /// Nil for what belongs to no incident and no case, as detections do, which incidents name. Throws where the event is not what
  /// its type says.
  public init?(of event: RecordedEvent) throws(EventError) {
    switch event.envelope.type {
    case .incident:
      let head = try event.data(as: IncidentHead.self)
      self.init(.incident, .incident(head.incident), head.revision)
      incident = IncidentFacts(head)
    case .attribution:
      let head = try event.data(as: AttributionHead.self)
      self.init(.attribution, .incident(head.incident), head.revision)
    case .purpose:
      let head = try event.data(as: PurposeHead.self)
      self.init(.purpose, .incident(head.incident), head.revision)
    case .damage:
      let head = try event.data(as: DamageHead.self)
      self.init(.damage, .incident(head.incident), head.revision)
    case .caseFile:
      let file = try event.data(as: CaseFile.self)
      self.init(.caseFile, .case(file.caseID), file.revision)
    case .consultation:
      let head = try event.data(as: ConsultationHead.self)
      self.init(.consultation, .case(head.caseID), head.revision)
    case .position:
      self.init(.position, .case(try event.data(as: Position.self).caseID))
    case .decision:
      self.init(.decision, .case(try event.data(as: Decision.self).caseID))
    case .dispute:
      let dispute = try event.data(as: Dispute.self)
      self.init(.dispute, .event(dispute.about.sha256))
      if let old = dispute.supersedes { topics.append(.event(old.sha256)) }
    default: return nil
    }
  }

  init(_ kind: Kind, _ topic: Topic, _ revision: Int = 0) {
    self.kind = kind
    topics = [topic]
    self.revision = revision
  }

  /// As an index kept it.
  public init(kind: Kind, topics: [Topic], revision: Int, incident: IncidentFacts?) {
    self.kind = kind
    self.topics = topics
    self.revision = revision
    self.incident = incident
  }
}

/// What an index is looked up by.
public enum Topic: Hashable, Sendable {
  case incident(String)
  case `case`(String)
  /// By its digest: what disputes are about.
  case event(String)

  /// As a key; the first letter keeps the kinds apart.
  public var key: String {
    switch self {
    case .incident(let id): "i\(id)"
    case .case(let id): "c\(id)"
    case .event(let sha256): "e\(sha256)"
    }
  }
}

/// A revision of an incident without its content.
public struct IncidentFacts: Hashable, Sendable {
  public var incident: String
  public var revision: Int
  /// Detections and effects that it rests on: as many as it says, and never fewer than it names.
  public var events: Int
  /// Digests of all that it names as its own.
  public var named: [SHA256Digest]
  /// For lists; an index keeps the newest one's.
  public var heading: IncidentHeading?

  public init(incident: String, revision: Int, events: Int, named: [SHA256Digest]) {
    self.incident = incident
    self.revision = revision
    self.events = events
    self.named = named
  }

  init(_ incident: Incident) {
    self.init(
      incident: incident.incident, revision: incident.revision,
      events: max(incident.detectionCount, incident.detections.count)
        + max(incident.effectCount, incident.effects.count),
      named: Self.digests(incident.named.lazy.map(\.sha256)))
  }

  /// Each once: most of what an incident's techniques and steps name are its detections.
  private static func digests(_ named: some Sequence<String>) -> [SHA256Digest] {
    var seen: Set<SHA256Digest> = []
    return named.compactMap { hex in SHA256Digest(hex: hex).flatMap { seen.insert($0).inserted ? $0 : nil } }
  }

  fileprivate init(_ head: IncidentHead) {
    self.init(
      incident: head.incident, revision: head.revision,
      events: max(head.detectionCount, head.detections.count) + max(head.effectCount, head.effects.count),
      named: Self.digests(head.named.lazy.map(\.sha256)))
    heading = IncidentHeading(head)
  }
}

/// What a list of incidents shows of one.
public struct IncidentHeading: Codable, Hashable, Sendable {
  public var revision: Int
  public var title: String
  public var state: IncidentState
  public var phase: Phase
  public var detectionCount: Int
  public var effectCount: Int
  public var firstSeen: Timestamp
  public var lastSeen: Timestamp

  fileprivate init(_ head: IncidentHead) {
    revision = head.revision
    title = head.title
    state = head.state
    phase = head.phase
    detectionCount = head.detectionCount
    effectCount = head.effectCount
    firstSeen = head.firstSeen
    lastSeen = head.lastSeen
  }
}

// Parts of payloads: what is not named here is passed over, not decoded.

private struct NamedEvent: Codable {
  var sha256: String
}

private struct IncidentHead: Payload {
  static let type = EventType.incident

  struct Step: Codable { var ref: NamedEvent? }
  struct Technique: Codable { var refs: [NamedEvent] }

  var incident: String
  var revision: Int
  var state: IncidentState
  var title: String
  var phase: Phase
  var firstSeen: Timestamp
  var lastSeen: Timestamp
  var detectionCount: Int
  var effectCount: Int
  var detections: [NamedEvent]
  var effects: [NamedEvent]
  var steps: [Step]
  var techniques: [Technique]
  var refs: [NamedEvent]?

  var named: [NamedEvent] {
    detections + effects + steps.compactMap(\.ref) + techniques.flatMap(\.refs) + (refs ?? [])
  }

  enum CodingKeys: String, CodingKey {
    case incident, revision, state, title, phase
    case firstSeen = "first_seen"
    case lastSeen = "last_seen"
    case detectionCount = "detection_count"
    case effectCount = "effect_count"
    case detections, effects, steps, techniques, refs
  }
}

private struct AttributionHead: Payload {
  static let type = EventType.attribution
  var incident: String
  var revision: Int
}

private struct PurposeHead: Payload {
  static let type = EventType.purpose
  var incident: String
  var revision: Int
}

private struct DamageHead: Payload {
  static let type = EventType.damage
  var incident: String
  var revision: Int
}

private struct ConsultationHead: Payload {
  static let type = EventType.consultation
  var caseID: String
  var revision: Int

  enum CodingKeys: String, CodingKey {
    case caseID = "case"
    case revision
  }
}
