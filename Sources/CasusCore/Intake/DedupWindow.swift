internal import CPrefetch
internal import CasusEvents

/// The last events by (`source`, `id`): a repeat is told from a new event, and an honest repeat from a reused id.
///
/// It also tells the marks of an event that another one refers to. Keys are 96 bits of a hash that is seeded anew in each
/// process, and so are the 61 bits that stand for the event's SHA-256: nobody can aim at a collision. A fixed count of entries
/// is kept, the oldest making room: 24 bytes each, in memory that is taken at the start and touched as it fills, and 12 to 24
/// for the table, which doubles a few times in a broker's life; else adding allocates nothing. What lies 2^31 sequences back is
/// forgotten too.
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
    /// Of the SHA-256, above three bits for the marks.
    var tag: UInt64

    var key: Key { Key(low: low, high: high) }
  }

  private let capacity: Int
  /// By age, in a ring: `held` entries that end before the place of the next one.
  private let ring: UnsafeMutablePointer<Entry>
  private var nextPlace = 0
  private var held = 0
  /// The highest sequence that was ever added.
  private var newest: UInt64 = 0
  /// Open addressing: a place in the ring, plus one, below 32 bits of its key, so that a search seldom leaves the table and
  /// an entry's home is known without its key; 0 is empty. At most two thirds full.
  private var slots: UnsafeMutablePointer<UInt64>
  private var size: Int
  /// The size for a full window.
  private let mostSlots: Int
  private let seeds: (UInt64, UInt64, UInt64, UInt64)

  init(capacity: Int) {
    self.capacity = min(max(1, capacity), 1 << 30)
    mostSlots = max(64, self.capacity + self.capacity / 2)
    size = 64
    ring = Self.allocate(self.capacity)
    slots = Self.empty(64)
    func seed(_ number: Int) -> UInt64 { UInt64(bitPattern: Int64(number.hashValue)) }
    seeds = (seed(1), seed(2), seed(3), seed(4))
  }

  private static func empty(_ count: Int) -> UnsafeMutablePointer<UInt64> {
    let slots: UnsafeMutablePointer<UInt64> = allocate(count)
    slots.initialize(repeating: 0, count: count)
    return slots
  }

  /// What is searched all over is asked for in large pages: with small ones nearly every look-up would cost a walk through
  /// the page tables too.
  private static func allocate<T>(_ count: Int) -> UnsafeMutablePointer<T> {
    let bytes = count * MemoryLayout<T>.stride
    guard bytes >= largePage else { return .allocate(capacity: count) }
    let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: largePage)
    casus_use_large_pages(memory, bytes)
    return memory.bindMemory(to: T.self, capacity: count)
  }

  private static let largePage = 2 << 20

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
    guard held == capacity else { return }
    // The entry that gives way to the next but one: it was fetched a few calls ago, its slot is fetched now.
    casus_prefetch(slots + home(UInt64(ring[place(nextPlace + 1)].high) << 32))
    casus_prefetch(ring + place(nextPlace + 8))
  }

  /// A place that may be one round ahead or behind.
  private func place(_ number: Int) -> Int {
    number >= capacity ? number - capacity : number < 0 ? number + capacity : number
  }

  /// The sequence of the event with this key, and whether its bytes had this digest.
  func find(_ key: Key, _ digest: SHA256Digest) -> (sequence: UInt64, isSame: Bool)? {
    guard let slot = slot(of: key) else { return nil }
    let entry = ring[Self.place(slots[slot])]
    return (whole(entry.sequence), entry.tag >> 3 == tag(digest) >> 3)
  }

  /// The marks of the event with this key; nil when it is not remembered.
  func marks(of key: Key) -> StampFlags? {
    slot(of: key).map { StampFlags(bits: ring[Self.place(slots[$0])].tag) }
  }

  mutating func insert(_ key: Key, sequence: UInt64, digest: SHA256Digest, marks: StampFlags = []) {
    age(to: sequence)
    let tag = tag(digest) & ~7 | marks.bits
    let low = UInt32(truncatingIfNeeded: sequence)
    // A key that comes again, from a journal that was repaired: the newer event counts.
    if let slot = slot(of: key) {
      let place = Self.place(slots[slot])
      ring[place].sequence = low
      ring[place].tag = tag
      return
    }
    if held == capacity { forgetOldest() }
    let place = nextPlace
    (ring + place).initialize(to: Entry(low: key.low, high: key.high, sequence: low, tag: tag))
    nextPlace = self.place(place + 1)
    held += 1
    if held * 2 > size, size < mostSlots { grow() }
    link(key, place)
  }

  /// Makes a sequence the newest, and forgets what is then too far back for half a number to tell.
  private mutating func age(to sequence: UInt64) {
    guard sequence > newest else { return }
    if sequence - newest > Self.reach {
      while held > 0 { forgetOldest() }
    }
    newest = sequence
    while held > 0, newest - whole(ring[place(nextPlace - held)].sequence) > Self.reach { forgetOldest() }
  }

  private static let reach: UInt64 = 1 << 31

  private func whole(_ sequence: UInt32) -> UInt64 {
    newest - UInt64(UInt32(truncatingIfNeeded: newest) &- sequence)
  }

  private mutating func forgetOldest() {
    remove(ring[place(nextPlace - held)].key)
    held -= 1
  }

  private mutating func link(_ key: Key, _ place: Int) {
    var slot = home(Self.mark(key))
    while slots[slot] != 0 { slot = next(slot) }
    slots[slot] = Self.mark(key) | UInt64(place + 1)
  }

  private static func mark(_ key: Key) -> UInt64 { UInt64(key.high) << 32 }
  /// The mark's share of the table, as it is of all marks.
  private func home(_ slot: UInt64) -> Int { Int(truncatingIfNeeded: ((slot >> 32) &* UInt64(size)) >> 32) }
  private func next(_ slot: Int) -> Int { slot + 1 == size ? 0 : slot + 1 }
  /// Steps from one slot on to another.
  private func steps(_ from: Int, _ to: Int) -> Int { to >= from ? to - from : to - from + size }
  private static func place(_ slot: UInt64) -> Int { Int(slot & 0xffff_ffff) - 1 }

  /// Twice as many slots, or what a full window needs: about 10 ns an entry, since the keys are hashes already.
  private mutating func grow() {
    slots.deallocate()
    size = min(size * 2, mostSlots)
    slots = Self.empty(size)
    // The newest is in the ring, but its caller links it.
    for age in 1..<held {
      let place = place(nextPlace - 1 - age)
      link(ring[place].key, place)
    }
  }

  /// Forgets every event after `sequence`: they were never kept.
  mutating func rollBack(after sequence: UInt64) {
    while held > 0 {
      let place = place(nextPlace - 1)
      guard whole(ring[place].sequence) > sequence else { return }
      remove(ring[place].key)
      nextPlace = place
      held -= 1
    }
  }

  var count: Int { held }

  /// Steps of the longest search: a table whose entries gather is right and slow, which no other question shows.
  var longestSearch: Int {
    (0..<size).reduce(0) { slots[$1] == 0 ? $0 : max($0, steps(home(slots[$1]), $1)) }
  }

  private func slot(of key: Key) -> Int? {
    let mark = Self.mark(key)
    var slot = home(mark)
    while slots[slot] != 0 {
      if slots[slot] & 0xffff_ffff_0000_0000 == mark, ring[Self.place(slots[slot])].key == key { return slot }
      slot = next(slot)
    }
    return nil
  }

  /// Empties a key's slot and closes the gap, so that every search still ends at the first empty slot.
  private mutating func remove(_ key: Key) {
    guard var gap = slot(of: key) else { return }
    var slot = next(gap)
    while slots[slot] != 0 {
      let home = home(slots[slot])
      // It may move into the gap when the gap is not before its home.
      if steps(home, slot) >= steps(gap, slot) {
        slots[gap] = slots[slot]
        gap = slot
      }
      slot = next(slot)
    }
    slots[gap] = 0
  }

  /// Two products of four words, each with a seed: whoever does not know the seeds finds no two digests with the same tag.
  private func tag(_ digest: SHA256Digest) -> UInt64 {
    digest.withUnsafeBytes { bytes in
      func word(_ number: Int) -> UInt64 { bytes.loadUnaligned(fromByteOffset: number * 8, as: UInt64.self) }
      let one = (word(0) ^ seeds.0).multipliedFullWidth(by: word(1) ^ seeds.1)
      let two = (word(2) ^ seeds.2).multipliedFullWidth(by: word(3) ^ seeds.3)
      return one.high ^ one.low ^ two.high &+ two.low
    }
  }
}

extension StampFlags {
  /// The marks in the lowest three bits.
  fileprivate var bits: UInt64 { UInt64(rawValue & 3 | rawValue >> 1 & 4) }

  fileprivate init(bits: UInt64) {
    let bits = UInt16(truncatingIfNeeded: bits & 7)
    self.init(rawValue: bits & 3 | (bits & 4) << 1)
  }
}
