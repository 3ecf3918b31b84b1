public import CasusEvents

/// What to read from the bus: a filter, a start, and whether the place is kept. A plain value.
public struct Subscription: Sendable {
  /// Where to start. A durable subscription that the broker knows goes on where it was, whatever this says.
  public enum Start: Hashable, Sendable {
    /// The first event that the journal still holds.
    case earliest
    /// What comes from now on.
    case latest
    /// The event with this sequence or the first after it.
    case sequence(UInt64)
    /// The first event recorded at this moment or later.
    case time(Timestamp)
  }

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
  public var from: Start
  public var until: End
  /// The most that may be on its way or wait here unread: events and bytes. A durable subscription begins with 8 events and
  /// doubles while the reader keeps up, so that a plugin that dies of an event takes few others into redelivery with it.
  public var windowEvents: Int
  public var windowBytes: Int
  /// Durable: how long the broker waits for an acknowledgement before it sends an event again. Long by default, because an
  /// event cannot be lost within a session, and a new session gets everything unacknowledged at once.
  public var ackWait: Duration
  /// Durable: after how many deliveries the broker puts an event into quarantine. 1 to 1000.
  public var maxAttempts: Int

  public init(
    types: [String], senders: [String] = [], name: String? = nil, from: Start = .latest, until: End = .never,
    windowEvents: Int = 1024, windowBytes: Int = 4 << 20, ackWait: Duration = .seconds(600), maxAttempts: Int = 5
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
  }
}
