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

  /// A double that ``needsLiteral(_:)`` and whose literal begins at `start`: beyond ±(2^53 - 1) it must have an exponent,
  /// and zero must be written as zero.
  static func isAllowed(_ value: Double, in source: UnsafeBufferPointer<UInt8>, from start: Int) -> Bool {
    var index = start
    while index < source.count, isNumberByte(source[index]) {
      let byte = source[index]
      if byte | 0x20 == UInt8(ascii: "e") { return true }
      if value == 0, byte > UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { return false }
      index += 1
    }
    return value == 0
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
