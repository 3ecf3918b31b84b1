/// Which numbers survive a double (``JSONLimits/NumberRule``): by the value where the text says it exactly.
enum NumberCheck {
  /// 2^53 - 1, the largest integer up to which every integer has a double of its own.
  static let largest: Int64 = (1 << 53) - 1

  static let message = "the number does not survive a double"

  /// Whether a double has the very value.
  @inline(__always)
  static func isExact(_ value: Int64) -> Bool {
    value <= largest && value >= -largest || Double(exactly: value) != nil
  }

  @inline(__always)
  static func isExact(_ value: UInt64) -> Bool { value <= UInt64(largest) || Double(exactly: value) != nil }

  /// Whether the double that a reader makes says all there is to know about whether it is allowed.
  @inline(__always)
  static func needsLiteral(_ value: Double) -> Bool {
    value == 0 || abs(value) > Double(largest)
  }

  /// A double that ``needsLiteral(_:)`` and whose literal begins at `start`: beyond ±(2^53 - 1) it must have an exponent or be
  /// a whole number that is the double's very value, and zero must be written as zero.
  static func isAllowed(_ value: Double, in source: UnsafeBufferPointer<UInt8>, from start: Int) -> Bool {
    var index = start
    var whole: UInt64? = 0
    var isFraction = false
    while index < source.count, isNumberByte(source[index]) {
      let byte = source[index]
      if byte | 0x20 == UInt8(ascii: "e") { return true }
      if byte == UInt8(ascii: ".") { isFraction = true }
      if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
        let digit = UInt64(byte - UInt8(ascii: "0"))
        if value == 0, digit > 0 { return false }
        if !isFraction {
          whole = whole.flatMap { append(digit, to: $0) }
        } else if digit > 0 {
          whole = nil
        }
      }
      index += 1
    }
    return whole.map(isExact) ?? false
  }

  private static func append(_ digit: UInt64, to number: UInt64) -> UInt64? {
    let (tens, overflow) = number.multipliedReportingOverflow(by: 10)
    let (sum, overflowToo) = tens.addingReportingOverflow(digit)
    return overflow || overflowToo ? nil : sum
  }

  static func isNumberByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
      UInt8(ascii: "e"), UInt8(ascii: "E"):
      true
    default: false
    }
  }
}
