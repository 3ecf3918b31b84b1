public import CasusEvents

/// Makes events as a broker would hand them on, so that a handler can be called without one: a draft's bytes, and a stamp.
///
///     var maker = EventMaker()
///     let event = try maker.record(Draft(detection, id: "d-1", exercise: true), from: "jp.nisc/suricata-1")
///
/// A plain value. The same calls give the same events: sequences count from 1, and the broker's clock moves on by a
/// second for each.
public struct EventMaker: Sendable {
  /// The publisher where `record` names none.
  public var sender: String
  /// The next event's place in the journal.
  public var sequence: UInt64
  /// The next event's time of recording.
  public var recorded: Timestamp

  public init(
    sender: String = "xx.exercise/source", sequence: UInt64 = 1,
    recorded: Timestamp = Timestamp(nanoseconds: 1_767_225_600_000_000_000)  // 2026-01-01T00:00:00Z
  ) {
    self.sender = sender
    self.sequence = sequence
    self.recorded = recorded
  }

  /// The draft as an accepted event. One without an id is given `event-N`, N its sequence.
  ///
  /// Throws `EventError` where the draft cannot be encoded. No schema is looked at: that is the broker's work.
  public mutating func record(_ draft: Draft, from sender: String? = nil) throws -> RecordedEvent {
    let sender = sender ?? self.sender
    var draft = draft
    draft.id = draft.id ?? "event-\(sequence)"
    return try record(bytes: draft.encoded(source: "//" + sender), from: sender)
  }

  /// Bytes as a publisher would send them, for events that no `Draft` makes. Throws `EventError` for what is no event.
  public mutating func record(bytes: [UInt8], from sender: String? = nil) throws(EventError) -> RecordedEvent {
    var stamp = Stamp(sequence: sequence, recorded: recorded, sender: sender ?? self.sender, flags: [])
    let envelope = try RecordedEvent(stamp: stamp, bytes: bytes).envelope
    if envelope.exercise { stamp.flags.insert(.exercise) }
    stamp.flags.marking = envelope.tlp
    let event = try RecordedEvent(stamp: stamp, bytes: bytes)
    sequence += 1
    recorded = Timestamp(nanoseconds: recorded.nanoseconds + 1_000_000_000)
    return event
  }
}
