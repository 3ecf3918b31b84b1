/// A subscriber could not process an event, attempt after attempt: `casus.bus.quarantined.v1`. Where many come at once, one
/// event stands for several; the list of the quarantine has each of them.
public struct BusQuarantined: Payload, Hashable {
  public static let type = EventType.busQuarantined

  /// The subscriber.
  public var plugin: String
  public var agency: String
  public var subscription: String
  /// The event's; of several, the lowest.
  public var sequence: String
  /// Of several, the highest. Not all between the two need be among them.
  public var lastSequence: String?
  /// How many this one stands for; nil for one.
  public var count: Int?
  /// Of several: they are of more subscriptions than the one that is named.
  public var severalSubscriptions: Bool?
  /// There is no room for another: what fails from now on is tried once a minute until somebody makes room.
  public var isFull: Bool?
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
    plugin: String, agency: String, subscription: String, sequence: String, lastSequence: String? = nil,
    count: Int? = nil, severalSubscriptions: Bool? = nil, isFull: Bool? = nil, eventSource: String? = nil,
    eventID: String? = nil, eventType: String, attempts: Int, code: Int? = nil, name: String? = nil, message: String
  ) {
    self.plugin = plugin
    self.agency = agency
    self.subscription = subscription
    self.sequence = sequence
    self.lastSequence = lastSequence
    self.count = count
    self.severalSubscriptions = severalSubscriptions
    self.isFull = isFull
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
    case lastSequence = "last_sequence"
    case count
    case severalSubscriptions = "several_subscriptions"
    case isFull = "full"
    case eventSource = "event_source"
    case eventID = "event_id"
    case eventType = "event_type"
    case attempts, code, name, message
  }
}
