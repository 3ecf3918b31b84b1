/// A subscriber could not process an event, attempt after attempt: `casus.bus.quarantined.v1`.
public struct BusQuarantined: Payload, Hashable {
  public static let type = EventType.busQuarantined

  /// The subscriber.
  public var plugin: String
  public var agency: String
  public var subscription: String
  /// The event's.
  public var sequence: String
  /// Where the broker still had them at hand.
  public var eventSource: String?
  public var eventID: String?
  public var eventType: String
  public var attempts: Int
  public var code: Int?
  public var name: String?
  /// The subscriber's last reason.
  public var message: String

  public init(
    plugin: String, agency: String, subscription: String, sequence: String, eventSource: String? = nil,
    eventID: String? = nil, eventType: String, attempts: Int, code: Int? = nil, name: String? = nil, message: String
  ) {
    self.plugin = plugin
    self.agency = agency
    self.subscription = subscription
    self.sequence = sequence
    self.eventSource = eventSource
    self.eventID = eventID
    self.eventType = eventType
    self.attempts = attempts
    self.code = code
    self.name = name
    self.message = message
  }

  enum CodingKeys: String, CodingKey {
    case plugin, agency, subscription, sequence
    case eventSource = "event_source"
    case eventID = "event_id"
    case eventType = "event_type"
    case attempts, code, name, message
  }
}
