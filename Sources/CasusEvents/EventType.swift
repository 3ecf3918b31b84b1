/// An event's `type`: reverse-DNS words and a version, `casus.detection.v1`. Compared as bytes.
public struct EventType: RawRepresentable, Hashable, Codable, Sendable, CustomStringConvertible {
  public var rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }
  public init(_ rawValue: String) { self.rawValue = rawValue }
  public var description: String { rawValue }

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
}

/// What an event says, as the Swift type of its `data`.
public protocol Payload: Codable, Sendable {
  static var type: EventType { get }
}
