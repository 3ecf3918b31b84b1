public import CasusEvents

/// An event out of a capture or a journal: its stamp and its bytes, unchanged.
public struct CapturedEvent: Hashable, Sendable {
  public var stamp: Stamp
  public var type: EventType
  /// The event's own time, or `stamp.recorded` where it has none.
  public var published: Timestamp
  public var bytes: [UInt8]

  public init(stamp: Stamp, type: EventType, published: Timestamp, bytes: [UInt8]) {
    self.stamp = stamp
    self.type = type
    self.published = published
    self.bytes = bytes
  }

  public init(_ event: RecordedEvent) {
    self.init(
      stamp: event.stamp, type: event.envelope.type, published: event.envelope.time ?? event.stamp.recorded,
      bytes: event.bytes)
  }
}
