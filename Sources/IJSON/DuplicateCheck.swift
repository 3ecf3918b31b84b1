/// Finds two members of one object with the same name, compared as bytes after unescaping.
///
/// An object of up to 16 members is compared name by name behind a one-word filter; a larger one through a hash table
/// keyed per process (SipHash), so that chosen names don't make it quadratic. Its buffers stay for the next object.
struct DuplicateCheck: ~Copyable {
  private static let few = 16

  private let fingerprints: UnsafeMutablePointer<UInt64>
  private let names: UnsafeMutablePointer<UInt64>
  /// Slots of (round << 32 | tape index), empty when they are of an earlier round: so no clearing between objects.
  private var table: UnsafeMutablePointer<UInt64>
  private var slots = 0
  private var round: UInt32 = 0
  private let seed = UInt64.random(in: .min ... .max)

  init() {
    fingerprints = .allocate(capacity: Self.few)
    names = .allocate(capacity: Self.few)
    table = .allocate(capacity: 1)
  }

  deinit {
    fingerprints.deallocate()
    names.deallocate()
    table.deallocate()
  }

  /// The tape index of the first name that repeats an earlier one in the object at `object`.
  mutating func firstDuplicate(
    tape: UnsafePointer<UInt64>, strings: UnsafePointer<UInt8>, object: Int
  ) -> Int? {
    let word = tape[object]
    let count = Tape.count(word)
    if count < 2 { return nil }
    let end = Tape.end(word) - 1
    return count <= Self.few
      ? firstAmongFew(tape, strings, object + 1, end)
      : firstAmongMany(tape, strings, object + 1, end)
  }

  private func firstAmongFew(
    _ tape: UnsafePointer<UInt64>, _ strings: UnsafePointer<UInt8>, _ start: Int, _ end: Int
  ) -> Int? {
    var filter: UInt64 = 0
    var known = 0
    var position = start
    while position < end {
      let word = tape[position]
      let print = fingerprint(word, strings)
      let bit: UInt64 = 1 << (print >> 58)
      if filter & bit != 0 {
        let name = Tape.utf8(word, strings)
        for index in 0..<known where fingerprints[index] == print {
          let other = Tape.utf8(names[index], strings)
          if other.count == name.count, let base = other.baseAddress, sameBytes(name, base) { return position }
        }
      }
      filter |= bit
      fingerprints[known] = print
      names[known] = word
      known += 1
      position = Tape.next(tape, position + 1)
    }
    return nil
  }

  /// Of the length and the first eight bytes; equal names have equal ones.
  @inline(__always)
  private func fingerprint(_ word: UInt64, _ strings: UnsafePointer<UInt8>) -> UInt64 {
    let start = UnsafeRawPointer(strings + Int(word & 0x00FF_FFFF_FFFF_FFFF))
    let length = UInt64(start.loadUnaligned(as: UInt32.self))
    var head = start.loadUnaligned(fromByteOffset: 4, as: UInt64.self)
    // A shift by 64 gives zero in Swift, which is right for the empty name.
    if length < 8 { head &= ~(~0 << (length * 8)) }
    return (head ^ length &* 0x9E37_79B9_7F4A_7C15) &* 0xBF58_476D_1CE4_E5B9
  }

  private mutating func firstAmongMany(
    _ tape: UnsafePointer<UInt64>, _ strings: UnsafePointer<UInt8>, _ start: Int, _ end: Int
  ) -> Int? {
    let count = Tape.count(tape[start - 1])
    // Where the tape doesn't say the count, a member's two words at least bound it.
    prepareTable(members: count < Tape.saturatedCount ? count : (end - start) / 2)
    let mask = slots - 1
    var position = start
    while position < end {
      let name = Tape.utf8(tape[position], strings)
      var hasher = Hasher()
      hasher.combine(seed)
      hasher.combine(bytes: UnsafeRawBufferPointer(name))
      var slot = hasher.finalize() & mask
      while UInt32(table[slot] >> 32) == round {
        let other = Tape.utf8(tape[Int(table[slot] & 0xFFFF_FFFF)], strings)
        if other.count == name.count, let base = other.baseAddress, sameBytes(name, base) { return position }
        slot = (slot + 1) & mask
      }
      table[slot] = UInt64(round) << 32 | UInt64(position)
      position = Tape.next(tape, position + 1)
    }
    return nil
  }

  private mutating func prepareTable(members: Int) {
    var wanted = 64
    while wanted < members * 2 { wanted *= 2 }
    if wanted > slots {
      table.deallocate()
      table = .allocate(capacity: wanted)
      table.initialize(repeating: 0, count: wanted)
      slots = wanted
      round = 0
    }
    if round == .max {
      table.update(repeating: 0, count: slots)
      round = 0
    }
    round += 1
  }
}
