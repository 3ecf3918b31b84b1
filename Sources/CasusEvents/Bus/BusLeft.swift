/// A plugin is gone: `casus.bus.left.v1`.
public struct BusLeft: Payload, Hashable {
  public static let type = EventType.busLeft

  public var plugin: String
  public var agency: String
  /// `bye`, `timeout`, `revoked`, `error`, `shutdown`.
  public var reason: String
  public var message: String?
  /// Events accepted from it while it was connected.
  public var published: Int
  public var refused: Int
  public var delivered: Int
  public var acked: Int
  /// How many sessions this one stands for; nil for one.
  public var count: Int?

  public init(
    plugin: String, agency: String, reason: String, message: String? = nil, published: Int = 0, refused: Int = 0,
    delivered: Int = 0, acked: Int = 0, count: Int? = nil
  ) {
    self.plugin = plugin
    self.agency = agency
    self.reason = reason
    self.message = message
    self.published = published
    self.refused = refused
    self.delivered = delivered
    self.acked = acked
    self.count = count
  }
}
