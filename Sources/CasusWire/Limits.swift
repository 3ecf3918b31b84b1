/// What a broker takes and holds. Each field's name, unit, range and place stand in the table `Limit.all`.
public struct Limits: Hashable, Sendable {
  /// One event. CloudEvents asks intermediaries to forward 64 KiB.
  public var eventBytes = 65_536
  /// One batch frame of a publisher.
  public var batchBytes = 262_144
  /// Events in one batch.
  public var batchEvents = 1_024
  /// A publisher's bytes that are sent and not yet acknowledged.
  public var windowBytes = 8_388_608
  /// A subscription's bytes that are delivered and not yet credited again.
  public var creditBytes = 16_777_216
  /// Events of a durable subscription that are delivered and not acknowledged; new ones wait until there are fewer.
  public var pendingEvents = 65_536
  /// Subscriptions of one session, and durable ones of one plugin.
  public var subscriptions = 64
  /// A client's control frame.
  public var controlBytes = 65_536
  /// Points of the budget for what brings nothing (PROTOCOL.md, section 2) that come back each second.
  public var faultsPerSecond = 20_000
  /// Points of it that may be spent at once.
  public var faultsAtOnce = 100_000
  /// Sessions at once.
  public var peers = 1_024
  /// Accepted bytes that may wait for the disk before publishers are told `busy`.
  public var stagedBytes = 67_108_864
  /// Committed events kept in memory for subscribers that keep up.
  public var tailBytes = 12_582_912
  /// For how long a plugin that spent more than its budget is not served the first time. Doubles with each further time, up
  /// to 64 times as long.
  public var cutOffSeconds = 10

  public init() {}

  public subscript(limit: Limit) -> Int {
    get { self[keyPath: limit.field] }
    set { self[keyPath: limit.field] = newValue }
  }

  /// The relations that do not hold: with such limits a client that keeps to them is refused for ever.
  public var broken: [LimitRelation] {
    LimitRelation.all.filter { self[$0.greater] < self[$0.least] + $0.margin }
  }
}

/// The versions of the protocol that this module speaks.
public enum WireProtocol {
  public static let versions = 1...1
}
