/// The broker refused an event: `casus.bus.refused.v1`.
public struct BusRefused: Payload, Hashable {
  public static let type = EventType.busRefused

  /// Who sent it (authenticated).
  public var plugin: String
  public var agency: String
  /// Of the wire's error table.
  public var code: Int
  public var name: String
  public var message: String
  /// RFC 6901, into the event.
  public var pointer: String?
  /// Which schema.
  public var schema: String?
  /// RFC 6901, into the schema.
  public var schemaPointer: String?
  /// As far as they could be read.
  public var eventSource: String?
  public var eventID: String?
  public var eventType: String?
  public var eventSHA256: String?
  /// Bytes.
  public var size: Int?
  /// How many like this one event stands for, where a flood is told together.
  public var count: Int

  public init(
    plugin: String, agency: String, code: Int, name: String, message: String, pointer: String? = nil,
    schema: String? = nil, schemaPointer: String? = nil, eventSource: String? = nil, eventID: String? = nil,
    eventType: String? = nil, eventSHA256: String? = nil, size: Int? = nil, count: Int = 1
  ) {
    self.plugin = plugin
    self.agency = agency
    self.code = code
    self.name = name
    self.message = message
    self.pointer = pointer
    self.schema = schema
    self.schemaPointer = schemaPointer
    self.eventSource = eventSource
    self.eventID = eventID
    self.eventType = eventType
    self.eventSHA256 = eventSHA256
    self.size = size
    self.count = count
  }

  enum CodingKeys: String, CodingKey {
    case plugin, agency, code, name, message, pointer, schema
    case schemaPointer = "schema_pointer"
    case eventSource = "event_source"
    case eventID = "event_id"
    case eventType = "event_type"
    case eventSHA256 = "event_sha256"
    case size, count
  }
}
