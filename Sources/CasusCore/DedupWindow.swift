internal import CasusEvents

/// The last events by (`source`, `id`): a repeat is told from a new event, and an honest repeat from a reused id.
///
/// Keys are 128 bits of a hash that is seeded anew in each process, so nobody can aim at a collision. A fixed count
/// of entries is kept, the oldest making room; adding costs no allocation once the window is full.
struct DedupWindow {
  struct Key: Hashable {
    let low: Int
    let high: Int
  }

  private struct Entry {
    var sequence: UInt64
    var digest: SHA256Digest
  }

  private let capacity: Int
  private var entries: [Key: Entry] = [:]
  /// Keys by age; a ring once full.
  private var ring: [(key: Key, sequence: UInt64)] = []
  private var oldest = 0

  init(capacity: Int) {
    self.capacity = max(1, capacity)
    // Room from the start, so that a busy hour does not stop for a rehash of everything.
    entries.reserveCapacity(min(self.capacity, 1 << 17) + 1)
  }

  static func key(source: UnsafeBufferPointer<UInt8>, id: UnsafeBufferPointer<UInt8>) -> Key {
    var low = Hasher()
    var high = Hasher()
    low.combine(source.count)
    high.combine(~source.count)
    for bytes in [source, id] {
      low.combine(bytes: UnsafeRawBufferPointer(bytes))
      high.combine(bytes: UnsafeRawBufferPointer(bytes))
    }
    return Key(low: low.finalize(), high: high.finalize())
  }

  func find(_ key: Key) -> (sequence: UInt64, digest: SHA256Digest)? {
    entries[key].map { ($0.sequence, $0.digest) }
  }

  mutating func insert(_ key: Key, sequence: UInt64, digest: SHA256Digest) {
    entries[key] = Entry(sequence: sequence, digest: digest)
    if ring.count < capacity {
      ring.append((key, sequence))
      return
    }
    let (old, oldSequence) = ring[oldest]
    // The key may have come back since with a newer entry, which then stays.
    if entries[old]?.sequence == oldSequence { entries[old] = nil }
    ring[oldest] = (key, sequence)
    oldest = (oldest + 1) % capacity
  }

  /// Forgets every event after `sequence`: they were never kept.
  mutating func rollBack(after sequence: UInt64) {
    for (key, entry) in entries where entry.sequence > sequence { entries[key] = nil }
  }

  var count: Int { entries.count }
}
