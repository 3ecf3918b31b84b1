internal import CasusEvents

/// What is known of every event that a statement may rest on: enough to check a snapshot's lines.
///
/// About 100 bytes an event; the oldest are forgotten over `limit`, and are then unknown.
struct EvidenceIndex: Sendable {
  struct Entry: Sendable {
    let sequence: UInt64
    let digest: SHA256Digest
    let replayed: Bool
    let exercise: Bool
  }

  private var entries: [Entry] = []
  /// Sequences by the first eight bytes of the digest: enough to find one, and the entry has the rest to compare.
  private var sequences: [UInt64: UInt64] = [:]
  private let limit: Int

  init(limit: Int) { self.limit = max(1, limit) }

  /// In order of their sequences.
  mutating func append(_ event: RecordedEvent) {
    let entry = Entry(
      sequence: event.stamp.sequence, digest: SHA256Digest(of: event.bytes),
      replayed: event.stamp.flags.isReplay,
      exercise: event.stamp.flags.contains(.exercise) || event.envelope.exercise)
    if entries.count >= 2 * limit {
      for entry in entries.prefix(limit) where sequences[Self.key(entry.digest)] == entry.sequence {
        sequences[Self.key(entry.digest)] = nil
      }
      entries.removeFirst(limit)
    }
    sequences[Self.key(entry.digest)] = entry.sequence
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

  /// By digest, wherever it stands: for references, which don't say the sequence, and for replays, where it is another.
  subscript(digest: SHA256Digest) -> Entry? {
    guard let entry = sequences[Self.key(digest)].flatMap({ self[$0] }), entry.digest == digest else { return nil }
    return entry
  }

  private static func key(_ digest: SHA256Digest) -> UInt64 {
    digest.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
  }
}
