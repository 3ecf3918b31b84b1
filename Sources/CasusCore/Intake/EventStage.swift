public import CasusEvents
public import CasusWire

/// Where accepted events gather until they are committed together.
public protocol EventStage {
  /// One edition of a type's schema, as the inspector has it.
  associatedtype Edition
  /// What is taken away to be committed.
  associatedtype Batch: Sendable
  /// What comes back when it is on disk.
  associatedtype Run: EventRun

  /// Events of this type name this edition from now on. Called for each type before its first event is staged.
  mutating func adopt(_ edition: Edition, for type: UInt16)
  /// Copies the event behind those staged before it. One that does not fit is refused by itself: the stage is then as before.
  mutating func stage(
    _ stamp: RecordStamp, publishTime: Timestamp, event: UnsafeRawBufferPointer, senders: borrowing Names
  ) throws(WireError)
  /// Takes away what is staged. Called again only after the commit of what was taken before has ended.
  mutating func take() -> Batch
  /// Forgets everything staged.
  mutating func discard()
  /// Events staged and not yet taken away.
  var stagedCount: Int { get }
  var stagedBytes: Int { get }
}

/// A stamp with its names as numbers of `Broker.types` and `Broker.senders`.
public struct RecordStamp: Hashable, Sendable {
  public var sequence: UInt64
  public var recorded: Timestamp
  public var type: UInt16
  public var sender: UInt16
  public var flags: StampFlags

  public init(sequence: UInt64, recorded: Timestamp, type: UInt16, sender: UInt16, flags: StampFlags) {
    self.sequence = sequence
    self.recorded = recorded
    self.type = type
    self.sender = sender
    self.flags = flags
  }
}

/// Committed events that lie together in memory, in rising order without gaps.
public protocol EventRun: Sendable {
  var firstSequence: UInt64 { get }
  var count: Int { get }
  /// Memory that the run holds, in bytes.
  var byteCount: Int { get }
  func stamp(at index: Int) -> RecordStamp
  /// Bytes of the event alone.
  func size(at index: Int) -> Int
  /// What kinds of events it holds: whoever wants none of them passes over all of it at once. Worked out when the run is
  /// made, since each subscription asks.
  var kinds: RunKinds { get }
}

extension EventRun {
  public var lastSequence: UInt64 { firstSequence + UInt64(count) - 1 }
  func contains(_ sequence: UInt64) -> Bool { sequence >= firstSequence && sequence - firstSequence < UInt64(count) }
  /// From the first selected one, of which there is at least one, to the last.
  func sequences(of selected: Selection) -> ClosedRange<UInt64> {
    firstSequence + UInt64(selected[0])...firstSequence + UInt64(selected[selected.count - 1])
  }
}
