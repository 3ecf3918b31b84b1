/// What happens when a subscriber does not keep up. A plain value.
public struct Overload: Hashable, Sendable {
  public enum Policy: String, CaseIterable, Sendable {
    /// The journal is the queue: nothing is lost, the subscription waits where it is.
    case block
    /// More than the bound is waiting: the oldest ones that were never sent are passed over, counted and told.
    case dropOldest = "drop-oldest"
    /// More than the bound came since the subscription began and waits: the session ends with `too-slow`.
    case disconnect
  }

  public var policy: Policy
  /// Matching events that may wait to be sent. 1 to `mostEvents`.
  public var events: Int
  /// Their bytes together. 1 to `mostBytes`.
  public var bytes: Int

  /// A number outside of its range becomes the nearest one inside.
  public init(_ policy: Policy = .block, events: Int = 10_000, bytes: Int = Overload.mostBytes) {
    self.policy = policy
    self.events = max(1, min(events, Self.mostEvents))
    self.bytes = max(1, min(bytes, Self.mostBytes))
  }

  public static let mostEvents = 100_000
  public static let mostBytes = 0x7fff_ffff

  /// The journal is the queue: nothing is lost, the subscription lags.
  public static let block = Overload()

  /// Beyond the bound the oldest waiting events are passed over; `EventStream.dropped` counts them.
  public static func dropOldest(events: Int, bytes: Int = mostBytes) -> Overload {
    Overload(.dropOldest, events: events, bytes: bytes)
  }

  /// Beyond the bound the session ends, and the SDK begins another: for who would rather come again than lag.
  public static func disconnect(events: Int, bytes: Int = mostBytes) -> Overload {
    Overload(.disconnect, events: events, bytes: bytes)
  }
}
