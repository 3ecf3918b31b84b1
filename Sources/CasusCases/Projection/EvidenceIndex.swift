internal import CasusEvents

/// What is known of every event that a statement may rest on: enough to check a snapshot's lines.
///
/// About 60 bytes an event; the oldest are forgotten over `limit`, and are then unknown.
struct EvidenceIndex: Sendable {
  struct Entry: Sendable {
    let sequence: UInt64
    let digest: SHA256Digest
    let replayed: Bool
    let exercise: Bool
  }

  private var entries: [Entry] = []
  /// Replayed ones are also found by digest: in a replay they have other sequences than the snapshot says.
  private var replayed: [SHA256Digest: Int] = [:]
  private let limit: Int

  init(limit: Int) { self.limit = max(1, limit) }

  /// In order of their sequences.
  mutating func append(_ event: RecordedEvent) {
    let entry = Entry(
      sequence: event.stamp.sequence, digest: SHA256Digest(of: event.bytes),
      replayed: event.stamp.flags.contains(.replayed),
      exercise: event.stamp.flags.contains(.exercise) || event.envelope.exercise)
    if entries.count >= 2 * limit {
      entries.removeFirst(limit)
      replayed = [:]
      for (index, entry) in entries.enumerated() where entry.replayed { replayed[entry.digest] = index }
    }
    if entry.replayed { replayed[entry.digest] = entries.count }
    entries.append(entry)
  }

  subscript(sequence: UInt64) -> Entry? {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].sequence < sequence { low = middle + 1 } else { high = middle }
    }
    return low < entries.count && entries[low].sequence == sequence ? entries[low] : nil
  }

  subscript(replayed digest: SHA256Digest) -> Entry? { replayed[digest].map { entries[$0] } }
}
