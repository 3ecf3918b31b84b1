public import CasusWire

/// How a broker behaves; set once at its start. Durations are in milliseconds.
public struct BrokerOptions: Sendable {
  /// For people, in welcome and status.
  public var name = "casus"
  /// The sender of the bus's own events.
  public var identity = "casus/broker"
  /// Marks the bus's own events as part of an exercise.
  public var exercise = false
  /// Takes events of captures, from those with the role `replay`.
  public var acceptsReplay = false
  public var limits = Limits()
  public var heartbeat = 5_000
  /// Events that the duplicate window remembers.
  public var dedupEvents = 1_000_000
  /// A commit of so many bytes in memory or more bounds what is read from the journal until the next one.
  public var busyCommitBytes = 262_144
  /// Bytes that are read from the journal between two ticks at least, however much is published.
  public var leastHistoryBytes = 1_048_576
  /// Bytes that a subscription is sent before others get their turn.
  public var turnBytes = 1_048_576
  /// Steps for which a batch is judged before others get their turn: about a millisecond. Beside its validation an event
  /// counts 64 steps and one for eight of its bytes.
  public var turnSteps = 65_536
  /// Staged bytes for which a commit begins before everything that has arrived is taken in: enough that its own cost does
  /// not count.
  public var worthCommitting = 262_144
  /// What an acknowledgement promises: `disk`, or `os` when the operating system alone has the bytes.
  public var durability = "disk"

  public init() {}

  /// What has to hold between them, or the broker stands still: checked when it is made.
  func check() {
    precondition(heartbeat > 0 && dedupEvents > 0, "a heartbeat and a window of duplicates are needed")
    precondition(turnBytes > 0 && leastHistoryBytes > 0, "a turn sends something, and history is read on")
    precondition(turnSteps > 0, "a turn judges something")
    precondition(busyCommitBytes > 0 && worthCommitting > 0, "a commit has a size")
    precondition(limits.broken.isEmpty, "\(limits.broken.map(\.description).joined(separator: "; "))")
  }
}
