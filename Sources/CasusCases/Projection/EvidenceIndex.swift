public import CasusEvents

/// What is known of an event that a statement may rest on: enough to check a line of a snapshot.
public struct EvidenceEntry: Hashable, Sendable {
  public let sequence: UInt64
  public let digest: SHA256Digest
  public let replayed: Bool
  public let exercise: Bool

  /// - Parameter saysExercise: the event itself says so.
  public init(sequence: UInt64, digest: SHA256Digest, flags: StampFlags, saysExercise: Bool) {
    self.sequence = sequence
    self.digest = digest
    replayed = flags.isReplay
    exercise = flags.contains(.exercise) || saysExercise
  }
}

/// Of every event that is remembered.
///
/// About 100 bytes an event; the oldest are forgotten over `limit`, and are then unknown.
struct EvidenceIndex: Sendable {
  typealias Entry = EvidenceEntry

  private var entries: [Entry] = []
  /// Sequences by the first eight bytes of the digest: enough to find one, and the entry has the rest to compare.
  private var sequences: [UInt64: UInt64] = [:]
  private let limit: Int

  init(limit: Int) { self.limit = max(1, limit) }

  /// Mostly in order of their sequences; one that comes late costs as much as there are behind it.
  mutating func insert(_ entry: Entry) {
    guard let last = entries.last, entry.sequence <= last.sequence else { return append(entry) }
    let place = place(of: entry.sequence)
    guard entries[place].sequence != entry.sequence else { return }
    entries.insert(entry, at: place)
    let key = Self.key(entry.digest)
    sequences[key] = max(sequences[key] ?? 0, entry.sequence)
  }

  private mutating func append(_ entry: Entry) {
    if entries.count >= 2 * limit {
      for entry in entries.prefix(limit) where sequences[Self.key(entry.digest)] == entry.sequence {
        sequences[Self.key(entry.digest)] = nil
      }
      entries.removeFirst(limit)
    }
    sequences[Self.key(entry.digest)] = entry.sequence
    entries.append(entry)
  }

  /// Of the first that is not before.
  private func place(of sequence: UInt64) -> Int {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].sequence < sequence { low = middle + 1 } else { high = middle }
    }
    return low
  }

  subscript(sequence: UInt64) -> Entry? {
    let place = place(of: sequence)
    return place < entries.count && entries[place].sequence == sequence ? entries[place] : nil
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
