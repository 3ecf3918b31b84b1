public import CasusWire

/// How a broker behaves; set once at its start. Durations are in milliseconds.
public struct BrokerOptions: Sendable {
  /// For people, in welcome and status.
  public var name = "casus"
  /// The sender of the bus's own events.
  public var identity = "casus/broker"
  /// Marks the bus's own events as part of an exercise.
  public var exercise = false
  public var limits = WireLimits()
  /// What a plugin may ask in vain before it is cut off.
  public var faults = FaultLimits()
  public var heartbeat = 5_000
  /// Sessions at once.
  public var sessions = 1_024
  /// Events that the duplicate window remembers.
  public var dedupEvents = 1_000_000
  /// Committed events kept in memory for subscribers that keep up, in bytes.
  public var tailBytes = 12_582_912
  /// A commit of so many bytes in memory or more bounds what is read from the journal until the next one.
  public var busyCommitBytes = 262_144
  /// Bytes that are read from the journal between two ticks at least, however much is published.
  public var leastHistoryBytes = 1_048_576
  /// Bytes that a subscription is sent before others get their turn.
  public var turnBytes = 1_048_576
  /// Accepted bytes that may wait for the disk before publishers are told `busy`.
  public var stagedBytes = 67_108_864
  /// What an acknowledgement promises: `disk`, or `os` when the operating system alone has the bytes.
  public var durability = "disk"

  public init() {}

  /// What a client is told of its limits.
  var limitsToTell: WireLimits {
    var told = limits
    told.faultsPerSecond = faults.perSecond
    told.faultsAtOnce = faults.atOnce
    return told
  }
}
