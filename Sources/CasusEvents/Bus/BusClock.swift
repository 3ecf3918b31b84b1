/// The broker's wall clock jumped, and with it the times at which events are recorded: `casus.bus.clock.v1`.
///
/// Order is by sequence: what stands between two of these was recorded by one clock, and a time after one that went back
/// may lie before a time that stands before it.
public struct BusClock: Payload, Hashable {
  public static let type = EventType.busClock

  /// What would have been recorded without the step.
  public var before: Timestamp
  /// What is recorded from here on.
  public var after: Timestamp

  public init(before: Timestamp, after: Timestamp) {
    self.before = before
    self.after = after
  }
}
