/// A plugin has been welcomed: `casus.bus.joined.v1`.
public struct BusJoined: Payload, Hashable {
  public static let type = EventType.busJoined

  /// `jp.nisc/suricata-1`.
  public var plugin: String
  public var agency: String
  public var program: String
  public var version: String
  public var summary: String?
  public var publishes: [String]
  /// Type patterns.
  public var subscribes: [String]
  /// How many sessions this one stands for; nil for one.
  public var count: Int?

  public init(
    plugin: String, agency: String, program: String, version: String, summary: String? = nil, publishes: [String],
    subscribes: [String], count: Int? = nil
  ) {
    self.plugin = plugin
    self.agency = agency
    self.program = program
    self.version = version
    self.summary = summary
    self.publishes = publishes
    self.subscribes = subscribes
    self.count = count
  }
}
