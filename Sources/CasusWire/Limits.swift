/// What the broker takes; told to each client in welcome. Sizes are in bytes.
public struct WireLimits: Hashable, Sendable {
  /// One event. CloudEvents asks intermediaries to forward 64 KiB.
  public var eventBytes = 65_536
  /// One batch frame.
  public var batchBytes = 262_144
  /// Events in one batch.
  public var batchEvents = 1_024
  /// A publisher's bytes that are sent and not yet acknowledged.
  public var windowBytes = 8_388_608
  /// A subscription's bytes that are delivered and not yet credited again.
  public var creditBytes = 16_777_216
  /// Events of a durable subscription that are delivered and not acknowledged; new ones wait until there are fewer.
  public var pendingEvents = 65_536
  /// Subscriptions of one session.
  public var subscriptions = 64
  /// A control frame.
  public var controlBytes = 65_536
  /// Points of the budget for what brings nothing (PROTOCOL.md, section 2) that come back each second.
  public var faultsPerSecond = 20_000
  /// Points of it that may be spent at once.
  public var faultsAtOnce = 100_000

  public init() {}
}

/// The versions of the protocol that this module speaks.
public enum WireProtocol {
  public static let versions = 1...1
}
