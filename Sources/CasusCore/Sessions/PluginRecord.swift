public import CasusEvents

/// What the broker remembers of a plugin, connected or not. A class, for the reason that `Session` is one; only the broker
/// changes it, on the thread that calls it.
public final class PluginRecord {
  public enum State: String, Sendable {
    /// Registered, not seen yet.
    case absent
    case connected
    /// It was here and said bye, fell silent, or was cut off.
    case gone
  }

  public let identity: String
  public let agency: String
  public internal(set) var state = State.absent
  public internal(set) var sessions = 0
  public internal(set) var program: String?
  public internal(set) var version: String?
  public internal(set) var health: HealthState?
  public internal(set) var healthText = ""
  /// Repeats of events that were accepted before; `Broker.published(by:)` counts the others. Kept across restarts, but
  /// for the last second before a kill.
  public internal(set) var duplicates = 0
  /// Events refused, by code. Kept likewise.
  public internal(set) var refused: [Int: Int] = [:]
  /// Events sent to its subscriptions since the broker started, each counted once.
  public internal(set) var delivered = 0
  /// Acknowledged by durable subscriptions, or sent to ephemeral ones, which need no acknowledgement. Since the start.
  public internal(set) var acked = 0
  public internal(set) var redelivered = 0
  /// How often it was cut off for flooding, since the start.
  public internal(set) var cutOffs = 0
  /// Messages of it that were not looked at while it was cut off, since the start.
  public internal(set) var turnedAway = 0
  /// Until then (steady time) it is not served.
  public internal(set) var shutUntil = Int64.min

  /// It began a session and did not end it in good order, so it is meant to be there. Not of those that look on for people, who come
  /// and go. Kept across restarts.
  public internal(set) var isExpected = false
  /// When one that is expected was last here, or the broker's start (steady time); nil while it is here.
  public internal(set) var goneSince: Int64?

  /// The marks of all that was delivered to it. They do not age, for what it has learnt from marked events does not either: whoever
  /// keeps a state carries it on for as long as he likes. Kept with the positions of its durable subscriptions, and forgotten
  /// with them.
  var heard: StampFlags = []
  /// What was accepted from it before it joined.
  var acceptedBefore: UInt64 = 0

  init(identity: String, agency: String) {
    self.identity = identity
    self.agency = agency
  }

  public var refusedCount: Int { refused.values.reduce(0, +) }
}
