internal import CasusEvents

/// Detections and effects as they came, until an incident names them; over `limit` the oldest of whoever published most are
/// forgotten. They are read only when they are named: most never are.
struct ObservationShelf: Sendable {
  private var events: SourceShelf<Key, Kept>

  private struct Kept: Sendable {
    let event: RecordedEvent
    let digest: SHA256Digest
  }

  private struct Key: Hashable, Sendable {
    let source: String
    let id: String
  }

  init(limit: Int) { events = SourceShelf(capacity: limit) }

  /// Detached, or one that is kept would keep all that came with it.
  mutating func insert(_ event: RecordedEvent, _ digest: SHA256Digest) {
    let key = Key(source: event.envelope.source, id: event.envelope.id)
    events.insert(Kept(event: event.detached(), digest: digest), for: key, of: Holder(event))
  }

  /// The event that a reference names, if it is the very one.
  subscript(reference: EventReference) -> RecordedEvent? {
    guard let kept = events[Key(source: reference.source, id: reference.id)],
      kept.digest == SHA256Digest(hex: reference.sha256)
    else { return nil }
    return kept.event
  }
}
