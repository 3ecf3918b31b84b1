internal import CasusEvents

/// Detections and effects as they came, until an incident names them; the oldest are forgotten over `limit`. They are
/// read only when they are named: most never are.
struct ObservationShelf: Sendable {
  private var events: [Key: (event: RecordedEvent, digest: SHA256Digest)] = [:]
  private var order: [Key] = []
  private let limit: Int

  private struct Key: Hashable, Sendable {
    let source: String
    let id: String
  }

  init(limit: Int) { self.limit = max(1, limit) }

  /// Detached, or one that is kept would keep all that came with it.
  mutating func insert(_ event: RecordedEvent, _ digest: SHA256Digest) {
    let key = Key(source: event.envelope.source, id: event.envelope.id)
    if events.updateValue((event.detached(), digest), forKey: key) == nil { order.append(key) }
    guard order.count >= 2 * limit else { return }
    for key in order.prefix(limit) { events[key] = nil }
    order.removeFirst(limit)
  }

  /// The event that a reference names, if it is the very one.
  subscript(reference: EventReference) -> RecordedEvent? {
    guard let kept = events[Key(source: reference.source, id: reference.id)],
      kept.digest == SHA256Digest(hex: reference.sha256)
    else { return nil }
    return kept.event
  }
}
