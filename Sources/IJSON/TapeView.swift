/// Where a parsed document stands: the tape and the strings that the C parser owns.
///
/// A ``JSONParser`` keeps one of these at a fixed address for its life; every ``JSONValue`` points to it.
@usableFromInline
struct TapeView {
  @usableFromInline var tape: UnsafePointer<UInt64>
  @usableFromInline var strings: UnsafePointer<UInt8>
  /// Counts parses, so that a debug build catches a value that outlived its document.
  @usableFromInline var generation: UInt32
}

/// The kinds of a tape's words (CSimdjson.h draws the tape). Computed, so that other modules see constants.
@usableFromInline
package enum Tape {
  @inlinable package static var object: UInt8 { UInt8(ascii: "{") }
  @inlinable package static var array: UInt8 { UInt8(ascii: "[") }
  @inlinable package static var objectEnd: UInt8 { UInt8(ascii: "}") }
  @inlinable package static var arrayEnd: UInt8 { UInt8(ascii: "]") }
  @inlinable package static var string: UInt8 { UInt8(ascii: "\"") }
  @inlinable package static var int64: UInt8 { UInt8(ascii: "l") }
  @inlinable package static var uint64: UInt8 { UInt8(ascii: "u") }
  @inlinable package static var double: UInt8 { UInt8(ascii: "d") }
  @inlinable package static var yes: UInt8 { UInt8(ascii: "t") }
  @inlinable package static var no: UInt8 { UInt8(ascii: "f") }
  @inlinable package static var null: UInt8 { UInt8(ascii: "n") }

  /// The count of a container of at least so many members: beyond it the tape doesn't say.
  @inlinable package static var saturatedCount: Int { 0xFF_FFFF }

  @inlinable @inline(__always)
  package static func kind(_ word: UInt64) -> UInt8 {
    UInt8(truncatingIfNeeded: word >> 56)
  }

  /// For a container, the index after its last word.
  @inlinable @inline(__always)
  package static func end(_ word: UInt64) -> Int {
    Int(word & 0xFFFF_FFFF)
  }

  @inlinable @inline(__always)
  package static func count(_ word: UInt64) -> Int {
    Int((word >> 32) & 0xFF_FFFF)
  }

  /// The index after the value at `index`, its contents included.
  @inlinable @inline(__always)
  package static func next(_ tape: UnsafePointer<UInt64>, _ index: Int) -> Int {
    let word = tape[index]
    switch kind(word) {
    case object, array: return end(word)
    case int64, uint64, double: return index + 2
    default: return index + 1
    }
  }

  /// The bytes of the string whose tape word is given.
  @inlinable @inline(__always)
  package static func utf8(_ word: UInt64, _ strings: UnsafePointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    let start = strings + Int(word & 0x00FF_FFFF_FFFF_FFFF)
    let length = UnsafeRawPointer(start).loadUnaligned(as: UInt32.self)
    return UnsafeBufferPointer(start: start + 4, count: Int(length))
  }
}
