internal import Glibc

/// Whether as many bytes from `other` equal those of `bytes`.
@inline(__always)
func sameBytes(_ bytes: UnsafeBufferPointer<UInt8>, _ other: UnsafePointer<UInt8>) -> Bool {
  guard let start = bytes.baseAddress else { return true }
  return memcmp(start, other, bytes.count) == 0
}
