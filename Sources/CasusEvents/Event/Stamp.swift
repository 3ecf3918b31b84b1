/// What the broker says beside an accepted event, never in it.
public struct Stamp: Hashable, Sendable {
  /// Place in the journal's one gapless series; the first is 1.
  public var sequence: UInt64
  /// When the broker accepted the event.
  public var recorded: Timestamp
  /// The authenticated publisher, `jp.nisc/suricata-1`.
  public var sender: String
  public var flags: StampFlags

  public init(sequence: UInt64, recorded: Timestamp, sender: String, flags: StampFlags) {
    self.sequence = sequence
    self.recorded = recorded
    self.sender = sender
    self.flags = flags
  }
}

/// Marks of a stamp; the raw value is what travels on the wire.
public struct StampFlags: OptionSet, Hashable, Sendable {
  public var rawValue: UInt16
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// Came from a capture, not from its source.
  public static let replayed = StampFlags(rawValue: 1)
  /// Part of an exercise: never evidence in a live case.
  public static let exercise = StampFlags(rawValue: 2)
  /// This subscription was sent the event before. Set on a delivery only, never kept.
  public static let redelivered = StampFlags(rawValue: 4)

  /// The flags' names in the order of their bits: `["replayed", "exercise"]`.
  public var names: [String] {
    var names: [String] = []
    if contains(.replayed) { names.append("replayed") }
    if contains(.exercise) { names.append("exercise") }
    if contains(.redelivered) { names.append("redelivered") }
    return names
  }
}
