/// Which numbers survive a double (``JSONLimits/NumberRule``), judged on the literal.
enum NumberCheck {
  /// 2^53 - 1, the largest integer up to which every integer has a double of its own.
  static let largest: Int64 = (1 << 53) - 1

  static let message = "the number does not survive a double"

  /// Whether the double that a reader makes says all there is to know about whether it is allowed.
  @inline(__always)
  static func needsLiteral(_ value: Double) -> Bool {
    value == 0 || abs(value) > Double(largest)
  }

  /// A double that ``needsLiteral(_:)``: beyond ±(2^53 - 1) it must have an exponent, and zero must be written as zero.
  static func isAllowed(_ value: Double, literal: some Collection<UInt8>) -> Bool {
    if value == 0 {
      for byte in literal {
        if byte | 0x20 == UInt8(ascii: "e") { return true }
        if (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(byte) { return false }
      }
      return true
    }
    return literal.contains { $0 | 0x20 == UInt8(ascii: "e") }
  }

  /// A number's literal at `offset`: as far as its characters go.
  static func literal(_ source: UnsafeBufferPointer<UInt8>, at offset: Int) -> Slice<UnsafeBufferPointer<UInt8>> {
    var end = offset
    while end < source.count, isNumberByte(source[end]) { end += 1 }
    return source[offset..<end]
  }

  private static func isNumberByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
      UInt8(ascii: "e"), UInt8(ascii: "E"):
      true
    default: false
    }
  }
}
