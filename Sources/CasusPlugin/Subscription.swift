public import CasusEvents

/// What to read from the bus: a filter, a start, and whether the place is kept. A plain value.
public struct Subscription: Sendable {
  /// Where to end.
  public enum End: Hashable, Sendable {
    /// Never: goes on with what comes.
    case never
    /// With the last event that the journal holds when the subscription begins.
    case last
    /// With this sequence.
    case sequence(UInt64)
  }

  /// Type patterns: `*` stands for one word, a last `>` for one or more. At least one.
  public var types: [String]
  /// Only from these publishers: `jp.nisc/suricata-1` or `jp.nisc/*`. Empty: from all.
  public var senders: [String]
  /// A name makes it durable: the broker keeps its place across restarts of both sides and wants each event acknowledged.
  public var name: String?
  /// A group of this plugin's agency instead of a name: a durable subscription whose members share the work. Each event goes
  /// to one member at a time, and to another when that one leaves or its time is over; the order is nobody's promise. The
  /// registry says who may be a member. All members have to ask for the same.
  public var group: String?
  public var from: SubscriptionStart
  public var until: End
  /// The most that may be on its way or wait here unread: events and bytes. A durable subscription begins with 8 events, and
  /// grows up to eightfold with each answer while the reader keeps up, so that a plugin that dies of an event takes few others into redelivery with it.
  public var windowEvents: Int
  public var windowBytes: Int
  /// Durable: how long the broker waits for an acknowledgement before it sends an event again. Long by default, because an
  /// event cannot be lost within a session, and a new session gets everything unacknowledged at once.
  public var ackWait: Duration
  /// Durable: after how many deliveries the broker puts an event into quarantine. 1 to 1000.
  public var maxAttempts: Int
  /// Durable: how long the broker waits before the second delivery of an event, the third, …; the last stands for all after
  /// it, at most 32. Empty: the broker's own steps. A `nack` with a delay of its own does not look here.
  public var backoff: [Duration]
  public var overload: Overload

  public init(
    types: [String], senders: [String] = [], name: String? = nil, group: String? = nil,
    from: SubscriptionStart = .latest,
    until: End = .never, windowEvents: Int = 1024, windowBytes: Int = 4 << 20, ackWait: Duration = .seconds(600),
    maxAttempts: Int = 5, backoff: [Duration] = [], overload: Overload = .block
  ) {
    self.types = types
    self.senders = senders
    self.name = name
    self.from = from
    self.until = until
    self.windowEvents = max(1, windowEvents)
    self.windowBytes = max(1, windowBytes)
    self.ackWait = ackWait
    self.maxAttempts = maxAttempts
    self.backoff = backoff
    self.overload = overload
    self.group = group
  }

  /// Whether the broker keeps its place and wants acknowledgements.
  var isDurable: Bool { name != nil || group != nil }
}
