/// Retention would remove events that a durable subscription has not acknowledged, or has removed them:
/// `casus.bus.retention.v1`.
public struct BusRetention: Payload, Hashable {
  public static let type = EventType.busRetention

  public enum State: String, Codable, Sendable {
    /// They are kept for the subscription beyond the limits.
    case held
    /// They were removed; what the subscription lost by that is counted as dropped.
    case cut
    /// The subscription itself is no more: an operator has forgotten it, or the registry does not know its plugin any more.
    case forgotten
  }

  /// The subscriber.
  public var plugin: String
  public var agency: String
  public var subscription: String
  public var state: State
  /// The first and the last event concerned.
  public var sequence: String
  public var lastSequence: String
  /// Held: when they will be removed; nil where the broker keeps them for as long as they are needed.
  public var due: Timestamp?
  /// Cut: events that the subscription had not acknowledged.
  public var dropped: Int?

  public init(
    plugin: String, agency: String, subscription: String, state: State, sequence: String, lastSequence: String,
    due: Timestamp? = nil, dropped: Int? = nil
  ) {
    self.plugin = plugin
    self.agency = agency
    self.subscription = subscription
    self.state = state
    self.sequence = sequence
    self.lastSequence = lastSequence
    self.due = due
    self.dropped = dropped
  }

  enum CodingKeys: String, CodingKey {
    case plugin, agency, subscription, state, sequence
    case lastSequence = "last_sequence"
    case due, dropped
  }
}
