/// An event's `type`: reverse-DNS words and a version, `casus.detection.v1`. Compared as bytes.
public struct EventType: RawRepresentable, Hashable, Codable, Sendable, CustomStringConvertible {
  public var rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }
  public init(_ rawValue: String) { self.rawValue = rawValue }
  public var description: String { rawValue }

  /// The `dataschema` of events of this type: `urn:casus:schema:casus.detection.v1`.
  public var schema: String { "urn:casus:schema:" + rawValue }

  public static let detection = EventType("casus.detection.v1")
  public static let effect = EventType("casus.effect.v1")
  public static let incident = EventType("casus.incident.v1")
  public static let attribution = EventType("casus.attribution.v1")
  public static let purpose = EventType("casus.purpose.v1")
  public static let damage = EventType("casus.damage.v1")
  public static let caseFile = EventType("casus.case.v1")
  public static let position = EventType("casus.position.v1")
  public static let decision = EventType("casus.decision.v1")
  public static let consultation = EventType("casus.consultation.v1")
  public static let dispute = EventType("casus.dispute.v1")

  public static let busJoined = EventType("casus.bus.joined.v1")
  public static let busLeft = EventType("casus.bus.left.v1")
  public static let busCrashed = EventType("casus.bus.crashed.v1")
  public static let busRefused = EventType("casus.bus.refused.v1")
  public static let busQuarantined = EventType("casus.bus.quarantined.v1")
  public static let busLagging = EventType("casus.bus.lagging.v1")
  public static let busRetention = EventType("casus.bus.retention.v1")
  public static let busSchema = EventType("casus.bus.schema.v1")
  public static let busClock = EventType("casus.bus.clock.v1")
  public static let busLoss = EventType("casus.bus.loss.v1")
  public static let busRegistry = EventType("casus.bus.registry.v1")
}

/// What an event says, as the Swift type of its `data`.
///
/// JSON names are `lower_snake_case`, as in OCSF; what can be unknown is optional and then left out.
public protocol Payload: Codable, Sendable {
  static var type: EventType { get }
}
