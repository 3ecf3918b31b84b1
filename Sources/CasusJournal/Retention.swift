public import CasusEvents

/// What may be forgotten. A segment goes as a whole, oldest first, and never the last one.
public struct Retention: Hashable, Sendable {
  /// Keep at most so many bytes.
  public var maxBytes: UInt64?
  /// Forget segments whose last event was recorded so long before `now`.
  ///
  /// Not while a clock that may be wrong says so: see `PruneReport.isAgeUncertain`.
  public var maxAge: Duration?
  /// When the looking takes place.
  public var now: Timestamp

  public init(
    maxBytes: UInt64? = nil, maxAge: Duration? = nil, now: Timestamp = Timestamp(nanoseconds: 0)
  ) {
    self.maxBytes = maxBytes
    self.maxAge = maxAge
    self.now = now
  }

  /// Seconds in nanoseconds, for ages: a century and a half is for ever.
  public static func nanoseconds(_ seconds: some BinaryInteger) -> UInt64 {
    min(UInt64(clamping: seconds), 1 << 32) * 1_000_000_000
  }
}

/// What `prune` removed, and what it would have removed but for those who still need it.
public struct PruneReport: Hashable, Sendable {
  public struct Held: Hashable, Sendable {
    public var segment: String
    public var first: UInt64
    public var last: UInt64
    /// Durable subscriptions that have not acknowledged all of it.
    public var neededBy: [String]
    /// Its size, and when its last event was recorded.
    public var bytes: UInt64 = 0
    public var end: UInt64 = 0
  }

  public var removed: [String] = []
  public var removedBytes: UInt64 = 0
  public var held: [Held] = []
  /// Something seems old, but the times leap: either nothing was recorded for long, or the clock is wrong. Nothing is forgotten
  /// for its age until the journal has gone on behind the leap for half of that age, at most a day.
  public var isAgeUncertain = false
  /// The oldest sequence that is kept now.
  public var firstSequence: UInt64 = 0
}
