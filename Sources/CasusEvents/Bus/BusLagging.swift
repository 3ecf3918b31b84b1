/// A subscriber falls behind: `casus.bus.lagging.v1`.
public struct BusLagging: Payload, Hashable {
  public static let type = EventType.busLagging

  public var plugin: String
  public var agency: String
  public var subscription: String
  /// The last it acknowledged, `0` for none.
  public var sequence: String
  /// The journal's last.
  public var lastSequence: String
  /// Events between the two that match its filter, or all where that isn't known.
  public var lag: Int
  /// Delivered and not acknowledged.
  public var pending: Int
  /// By its overload policy, since it joined.
  public var dropped: Int
  /// Age of the oldest unacknowledged one.
  public var oldestMilliseconds: Int?

  public init(
    plugin: String, agency: String, subscription: String, sequence: String, lastSequence: String, lag: Int,
    pending: Int, dropped: Int = 0, oldestMilliseconds: Int? = nil
  ) {
    self.plugin = plugin
    self.agency = agency
    self.subscription = subscription
    self.sequence = sequence
    self.lastSequence = lastSequence
    self.lag = lag
    self.pending = pending
    self.dropped = dropped
    self.oldestMilliseconds = oldestMilliseconds
  }

  enum CodingKeys: String, CodingKey {
    case plugin, agency, subscription, sequence
    case lastSequence = "last_sequence"
    case lag, pending, dropped
    case oldestMilliseconds = "oldest_milliseconds"
  }
}
