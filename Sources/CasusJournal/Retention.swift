public import CasusEvents

/// What may be forgotten. A segment goes as a whole, oldest first, and never the last one.
public struct Retention: Hashable, Sendable {
  /// Keep at most so many bytes.
  public var maxBytes: UInt64?
  /// Forget segments whose last event was recorded before this.
  public var keepAfter: Timestamp?
  /// Forget nothing from this sequence on, whatever the two above say.
  public var keepFrom: UInt64?

  public init(maxBytes: UInt64? = nil, keepAfter: Timestamp? = nil, keepFrom: UInt64? = nil) {
    self.maxBytes = maxBytes
    self.keepAfter = keepAfter
    self.keepFrom = keepFrom
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
  }

  public var removed: [String] = []
  public var removedBytes: UInt64 = 0
  public var held: [Held] = []
  /// The oldest sequence that is kept now.
  public var firstSequence: UInt64 = 0
}
