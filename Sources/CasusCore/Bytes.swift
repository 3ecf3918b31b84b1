/// Whether two texts have the same bytes; eight at a time, without a call.
@inline(__always)
func sameBytes(_ a: [UInt8], _ b: UnsafeBufferPointer<UInt8>) -> Bool {
  guard a.count == b.count else { return false }
  return a.withUnsafeBytes { a in
    let b = UnsafeRawBufferPointer(b)
    var place = 0
    while a.count - place >= 8 {
      guard
        a.loadUnaligned(fromByteOffset: place, as: UInt64.self)
          == b.loadUnaligned(fromByteOffset: place, as: UInt64.self)
      else { return false }
      place += 8
    }
    while place < a.count {
      guard a[place] == b[place] else { return false }
      place += 1
    }
    return true
  }
}

extension RandomAccessCollection where Index == Int {
  /// Where the elements below something end, by bisection: they come first.
  @inline(__always)
  func firstPlace(_ isBelow: (Element) -> Bool) -> Int {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = (low + high) / 2
      if isBelow(self[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
