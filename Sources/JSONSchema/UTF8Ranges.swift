/// Splits a range of code points into runs of byte ranges, so that their UTF-8 forms are matched byte by byte.
enum UTF8Ranges {
  /// `body` gets each run: for every code point of the range exactly one run has its bytes within its ranges.
  static func split(_ range: ClosedRange<UInt32>, _ body: ([ClosedRange<UInt8>]) -> Void) {
    // Surrogates have no UTF-8 form; a range that spans them loses nothing by keeping them.
    for (length, limits) in lengths.enumerated() where range.overlaps(limits) {
      let clamped = range.clamped(to: limits)
      split(clamped.lowerBound, clamped.upperBound, trailing: length, body)
    }
  }

  private static let lengths: [ClosedRange<UInt32>] = [0...0x7F, 0x80...0x7FF, 0x800...0xFFFF, 0x10000...0x10FFFF]

  /// Both code points take `trailing` continuation bytes. Splits until, below the first byte that differs, each range is
  /// all of its continuation bytes.
  private static func split(
    _ low: UInt32, _ high: UInt32, trailing: Int, _ body: ([ClosedRange<UInt8>]) -> Void
  ) {
    for level in 1..<max(trailing + 1, 1) {
      let mask = (UInt32(1) << UInt32(6 * level)) - 1
      guard low & ~mask != high & ~mask else { break }
      if low & mask != 0 {
        split(low, low | mask, trailing: trailing, body)
        split((low | mask) + 1, high, trailing: trailing, body)
        return
      }
      if high & mask != mask {
        split(low, (high & ~mask) - 1, trailing: trailing, body)
        split(high & ~mask, high, trailing: trailing, body)
        return
      }
    }
    let first = encoded(low, trailing)
    let last = encoded(high, trailing)
    body(zip(first, last).map { $0...$1 })
  }

  private static func encoded(_ value: UInt32, _ trailing: Int) -> [UInt8] {
    let lead: [UInt8] = [0x00, 0xC0, 0xE0, 0xF0]
    var bytes = [lead[trailing] | UInt8(value >> UInt32(6 * trailing))]
    for index in stride(from: trailing - 1, through: 0, by: -1) {
      bytes.append(0x80 | UInt8(value >> UInt32(6 * index) & 0x3F))
    }
    return bytes
  }
}
