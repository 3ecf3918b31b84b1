internal import IJSON

/// A name as it is compared: its length, and its first and last eight bytes, which are all of one up to 16 bytes long.
struct NameKey: Equatable {
  let head: UInt64
  let tail: UInt64
  let count: UInt32

  /// Reads eight bytes from the name's start, which must be readable whatever its length.
  @inline(__always)
  init(_ name: UnsafeBufferPointer<UInt8>) {
    let start = UnsafeRawPointer(name.baseAddress.unsafelyUnwrapped)
    count = UInt32(truncatingIfNeeded: name.count)
    if name.count >= 8 {
      head = start.loadUnaligned(as: UInt64.self)
      tail = start.loadUnaligned(fromByteOffset: name.count - 8, as: UInt64.self)
    } else {
      // A shift by 64 gives zero in Swift, which is right for the empty name.
      head = start.loadUnaligned(as: UInt64.self) & ~(~0 << UInt64(name.count * 8))
      tail = 0
    }
  }

  /// One of 64 bits.
  @inline(__always)
  var bit: UInt64 { 1 << UInt64(hash >> 26) }

  @inline(__always)
  var hash: UInt32 {
    let mixed = (head ^ (tail << 23 | tail >> 41)) &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(count)
    return UInt32(truncatingIfNeeded: (mixed ^ mixed >> 29) >> 16)
  }
}

struct NameSlot {
  var key: NameKey
  /// Where in the program's names it stands.
  var start: UInt32
  /// `none` when the slot is empty.
  var value: UInt32
}

/// A hash table from names to numbers in the program's slots: open addressing, at most half full.
struct NameTable {
  var start: UInt32
  var mask: UInt32
  /// Names that a look-up may have to compare one after the other; saturated at `mostRun`.
  var longestRun: UInt32 = 1

  static let mostRun: UInt32 = 4095
  static let empty = NameTable(start: 0, mask: none)

  /// What a look-up of a name of so many bytes costs beyond the rest of its step: nothing, unless so many names stand one
  /// behind the other, or are so long, that somebody chose them to.
  @inline(__always)
  func cost(_ bytes: Int) -> Int {
    if longestRun < 32, bytes < 64 { return 0 }
    return (longestRun < 32 ? 0 : Int(longestRun / 4)) + Int(longestRun) * (bytes / 64)
  }

  @inline(__always)
  var isEmpty: Bool { mask == none }

  /// The number of a name; `none` when it isn't there.
  @inline(__always)
  func value(of name: UnsafeBufferPointer<UInt8>, in program: Program) -> UInt32 {
    value(of: name, NameKey(name), in: program)
  }

  @inline(__always)
  func value(of name: UnsafeBufferPointer<UInt8>, _ key: NameKey, in program: Program) -> UInt32 {
    let base = program.slots.baseAddress.unsafelyUnwrapped + Int(start)
    var position = key.hash & mask
    while true {
      let slot = base + Int(position)
      if slot.pointee.value == none { return none }
      if slot.pointee.key == key, name.count <= 16 || sameMiddle(name, slot.pointee.start, program) {
        return slot.pointee.value
      }
      position = (position + 1) & mask
    }
  }

  @inline(__always)
  private func sameMiddle(
    _ name: UnsafeBufferPointer<UInt8>, _ start: UInt32, _ program: Program
  ) -> Bool {
    sameBytes(name, program.names.baseAddress.unsafelyUnwrapped + Int(start))
  }
}
