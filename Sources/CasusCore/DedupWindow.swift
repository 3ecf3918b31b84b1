internal import CPrefetch
internal import CasusEvents

/// The last events by (`source`, `id`): a repeat is told from a new event, and an honest repeat from a reused id.
///
/// Keys are 96 bits of a hash that is seeded anew in each process, so nobody can aim at a collision. A fixed count
/// of entries is kept, the oldest making room: 32 bytes each, in memory that is taken at the start and touched as it
/// fills, and 16 to 32 for the table, which doubles a few times in a broker's life; else adding allocates nothing. What lies
/// 2^31 sequences back is forgotten too.
struct DedupWindow: ~Copyable {
  struct Key: Hashable {
    let low: UInt64
    let high: UInt32
  }

  private struct Entry {
    var low: UInt64
    var high: UInt32
    /// The low half of the sequence; the whole follows from the newest one.
    var sequence: UInt32
    /// The first half of the SHA-256: 128 bits, for a publisher may seek two events that agree in them.
    var digest: (UInt64, UInt64)

    var key: Key { Key(low: low, high: high) }
  }

  private let capacity: Int
  /// By age, in a ring: `added` entries were ever added, the last `held` of them are here.
  private let ring: UnsafeMutablePointer<Entry>
  private var added = 0
  private var held = 0
  /// The highest sequence that was ever added.
  private var newest: UInt64 = 0
  /// Open addressing: a place in the ring, plus one, below 32 bits of its key, so that a search seldom leaves the table and
  /// an entry's home is known without its key; 0 is empty. At most half full.
  private var slots: UnsafeMutablePointer<UInt64>
  private var mask: Int

  init(capacity: Int) {
    self.capacity = min(max(1, capacity), 1 << 30)
    mask = 63
    ring = .allocate(capacity: self.capacity)
    slots = Self.empty(64)
  }

  private static func empty(_ count: Int) -> UnsafeMutablePointer<UInt64> {
    let slots = UnsafeMutablePointer<UInt64>.allocate(capacity: count)
    slots.initialize(repeating: 0, count: count)
    return slots
  }

  deinit {
    ring.deallocate()
    slots.deallocate()
  }

  /// What the keys of one source have in common, worked out once.
  struct Source {
    private let hasher: Hasher

    init(_ source: UnsafeBufferPointer<UInt8>) {
      var hasher = Hasher()
      hasher.combine(source.count)
      hasher.combine(bytes: UnsafeRawBufferPointer(source))
      self.hasher = hasher
    }

    func key(id: UnsafeBufferPointer<UInt8>) -> Key {
      var low = hasher
      low.combine(bytes: UnsafeRawBufferPointer(id))
      var high = low
      high.combine(UInt8(1))
      return Key(
        low: UInt64(bitPattern: Int64(low.finalize())), high: UInt32(truncatingIfNeeded: high.finalize() >> 32))
    }
  }

  static func key(source: UnsafeBufferPointer<UInt8>, id: UnsafeBufferPointer<UInt8>) -> Key {
    Source(source).key(id: id)
  }

  /// Begins to fetch from memory what `find` and `insert` will look at for this key, so that they need not wait for it when
  /// other work lies between: the window is far larger than the caches. Changes nothing.
  func prepare(_ key: Key) {
    casus_prefetch(slots + home(Self.mark(key)))
    if held == capacity { casus_prefetch(slots + home(UInt64(ring[added % capacity].high) << 32)) }
  }

  /// The sequence of the event with this key, and whether its bytes had this digest.
  func find(_ key: Key, _ digest: SHA256Digest) -> (sequence: UInt64, isSame: Bool)? {
    guard let slot = slot(of: key) else { return nil }
    let entry = ring[Self.place(slots[slot])]
    let half = Self.half(digest)
    return (whole(entry.sequence), entry.digest == half)
  }

  mutating func insert(_ key: Key, sequence: UInt64, digest: SHA256Digest) {
    age(to: sequence)
    let half = Self.half(digest)
    let low = UInt32(truncatingIfNeeded: sequence)
    // A key that comes again, from a journal that was repaired: the newer event counts.
    if let slot = slot(of: key) {
      let place = Self.place(slots[slot])
      ring[place].sequence = low
      ring[place].digest = half
      return
    }
    if held == capacity { forgetOldest() }
    let place = added % capacity
    (ring + place).initialize(to: Entry(low: key.low, high: key.high, sequence: low, digest: half))
    added += 1
    held += 1
    if held * 2 > mask { grow() }
    link(key, place)
  }

  /// Makes a sequence the newest, and forgets what is then too far back for half a number to tell.
  private mutating func age(to sequence: UInt64) {
    guard sequence > newest else { return }
    if sequence - newest > Self.reach {
      while held > 0 { forgetOldest() }
    }
    newest = sequence
    while held > 0, newest - whole(ring[(added - held) % capacity].sequence) > Self.reach { forgetOldest() }
  }

  private static let reach: UInt64 = 1 << 31

  private func whole(_ sequence: UInt32) -> UInt64 {
    newest - UInt64(UInt32(truncatingIfNeeded: newest) &- sequence)
  }

  private mutating func forgetOldest() {
    remove(ring[(added - held) % capacity].key)
    held -= 1
  }

  private mutating func link(_ key: Key, _ place: Int) {
    var slot = home(Self.mark(key))
    while slots[slot] != 0 { slot = (slot + 1) & mask }
    slots[slot] = Self.mark(key) | UInt64(place + 1)
  }

  private static func mark(_ key: Key) -> UInt64 { UInt64(key.high) << 32 }
  private func home(_ slot: UInt64) -> Int { Int(truncatingIfNeeded: slot >> 32) & mask }
  private static func place(_ slot: UInt64) -> Int { Int(slot & 0xffff_ffff) - 1 }

  /// Twice as many slots: about 10 ns an entry, since the keys are hashes already.
  private mutating func grow() {
    slots.deallocate()
    mask = mask * 2 + 1
    slots = Self.empty(mask + 1)
    // The newest is in the ring, but its caller links it.
    for age in 1..<held {
      let place = (added - 1 - age + capacity * 2) % capacity
      link(ring[place].key, place)
    }
  }

  /// Forgets every event after `sequence`: they were never kept.
  mutating func rollBack(after sequence: UInt64) {
    while held > 0 {
      let place = (added - 1) % capacity
      guard whole(ring[place].sequence) > sequence else { return }
      remove(ring[place].key)
      added -= 1
      held -= 1
    }
  }

  var count: Int { held }

  private func slot(of key: Key) -> Int? {
    let mark = Self.mark(key)
    var slot = home(mark)
    while slots[slot] != 0 {
      if slots[slot] & 0xffff_ffff_0000_0000 == mark, ring[Self.place(slots[slot])].key == key { return slot }
      slot = (slot + 1) & mask
    }
    return nil
  }

  /// Empties a key's slot and closes the gap, so that every search still ends at the first empty slot.
  private mutating func remove(_ key: Key) {
    guard var gap = slot(of: key) else { return }
    var slot = (gap + 1) & mask
    while slots[slot] != 0 {
      let home = home(slots[slot])
      // It may move into the gap when the gap is not before its home.
      if (slot - home) & mask >= (slot - gap) & mask {
        slots[gap] = slots[slot]
        gap = slot
      }
      slot = (slot + 1) & mask
    }
    slots[gap] = 0
  }

  private static func half(_ digest: SHA256Digest) -> (UInt64, UInt64) {
    digest.withUnsafeBytes { ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self)) }
  }
}
