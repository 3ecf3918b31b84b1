/// A plugin brought a schema, or a compatible edition of one: `casus.bus.schema.v1`.
public struct BusSchema: Payload, Hashable {
  public static let type = EventType.busSchema

  /// Who brought it: `jp.nisc/probe-1`.
  public var plugin: String
  public var agency: String
  /// The type whose events it is for: `jp.nisc.probe.v1`.
  public var eventType: String
  /// Of the schema's bytes, in hex.
  public var sha256: String
  /// Of the edition before, where there was one.
  public var previousSHA256: String?
  /// The schema's length in bytes.
  public var size: Int
  /// How many editions of the type, or where there were very many schemas of all types, this one stands for; nil for one.
  public var count: Int?

  public init(
    plugin: String, agency: String, eventType: String, sha256: String, previousSHA256: String? = nil, size: Int,
    count: Int? = nil
  ) {
    self.plugin = plugin
    self.agency = agency
    self.eventType = eventType
    self.sha256 = sha256
    self.previousSHA256 = previousSHA256
    self.size = size
    self.count = count
  }

  enum CodingKeys: String, CodingKey {
    case plugin, agency
    case eventType = "event_type"
    case sha256
    case previousSHA256 = "previous_sha256"
    case size, count
  }
}
