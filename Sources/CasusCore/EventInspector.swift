public import CasusEvents
public import CasusWire

/// What the broker needs to know of an event to route it; the texts point into the inspector's own buffers and are
/// good until it opens the next event.
public struct EventFacts {
  public var id: UnsafeBufferPointer<UInt8>
  public var source: UnsafeBufferPointer<UInt8>
  public var type: UnsafeBufferPointer<UInt8>
  public var time: Timestamp?
  public var exercise: Bool
  public var tlp: TLP

  public init(
    id: UnsafeBufferPointer<UInt8>, source: UnsafeBufferPointer<UInt8>, type: UnsafeBufferPointer<UInt8>,
    time: Timestamp?, exercise: Bool, tlp: TLP
  ) {
    self.id = id
    self.source = source
    self.type = type
    self.time = time
    self.exercise = exercise
    self.tlp = tlp
  }
}

/// Judges events: whether they are I-JSON, CloudEvents, and what their type's schema asks. Each event is parsed once.
public protocol EventInspector {
  /// Reads the envelope. Errors: `not-json`, `not-cloudevent`.
  mutating func open(_ event: UnsafeRawBufferPointer) throws(WireError) -> EventFacts

  /// The `id` of the event opened last, as far as it could be read, also when opening failed.
  var lastID: String? { get }

  /// Judges the event opened last by the schema of its type. Errors: `unknown-type`, `schema`.
  mutating func validate(type: UInt16, name: UnsafeBufferPointer<UInt8>) throws(WireError)
}

/// Where accepted events gather until they are committed together.
public protocol EventStage {
  /// How many names `learn` was told of, types and senders together.
  var knownNames: Int { get }
  /// Learns the names behind the numbers; called before an event with a new one is staged.
  mutating func learn(types: Names, senders: Names)
  /// Copies the event behind those staged before it.
  mutating func stage(_ stamp: RecordStamp, publishTime: Timestamp, event: UnsafeRawBufferPointer)
  /// Forgets everything staged.
  mutating func discard()
  /// Events staged and not yet taken away to be committed.
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
}
