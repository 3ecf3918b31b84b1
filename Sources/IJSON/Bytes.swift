public import Glibc

/// Whether as many bytes from `other` equal those of `bytes`. Compiled into its callers, in other modules too: each member's name
/// of each event is asked.
@inlinable
package func sameBytes(_ bytes: UnsafeBufferPointer<UInt8>, _ other: UnsafePointer<UInt8>) -> Bool {
  guard let start = bytes.baseAddress else { return true }
  return memcmp(start, other, bytes.count) == 0
}

extension UnsafeBufferPointer<UInt8> {
  /// Whether these are the bytes of a text.
  @inlinable
  package func isText(_ text: StaticString) -> Bool {
    count == text.utf8CodeUnitCount && sameBytes(self, text.utf8Start)
  }

  /// Whether a text, which is not empty, stands somewhere in these bytes.
  package func hasText(_ text: StaticString) -> Bool {
    let length = text.utf8CodeUnitCount
    var place = 0
    while let found = IJSON.firstIndex(of: text.utf8Start.pointee, in: self, from: place), found + length <= count {
      if sameBytes(UnsafeBufferPointer(rebasing: self[found..<found + length]), text.utf8Start) { return true }
      place = found + 1
    }
    return false
  }
}

/// The first index from `start` on where `byte` stands.
func firstIndex(of byte: UInt8, in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
  guard let base = bytes.baseAddress, start < bytes.count else { return nil }
  guard let found = memchr(base + start, Int32(byte), bytes.count - start) else { return nil }
  return UnsafeRawPointer(found) - UnsafeRawPointer(base)
}
