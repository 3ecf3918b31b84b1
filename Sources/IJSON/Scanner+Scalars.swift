extension Scanner {
  /// A string from its opening quote to its closing one.
  mutating func string() throws(Fault) {
    var index = position + 1
    while index < bytes.count {
      let byte = bytes[index]
      switch byte {
      case UInt8(ascii: "\""):
        advance(to: index + 1)
        return
      case UInt8(ascii: "\\"):
        index = try escape(index)
      case ..<0x20:
        throw Fault(code: .syntax, offset: index, message: "a control character in a string must be escaped")
      case ..<0x80:
        index += 1
      default:
        guard let length = Self.sequenceLength(bytes, index) else {
          throw Fault(code: .invalidUTF8, offset: index, message: "the bytes are not UTF-8")
        }
        index += length
      }
    }
    throw Fault(code: .syntax, offset: bytes.count, message: "the text ends inside a string")
  }

  private func escape(_ index: Int) throws(Fault) -> Int {
    guard index + 1 < bytes.count else {
      throw Fault(code: .syntax, offset: bytes.count, message: "the text ends inside a string")
    }
    switch bytes[index + 1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      return index + 2
    case UInt8(ascii: "u"):
      guard index + 6 <= bytes.count, bytes[index + 2..<index + 6].allSatisfy({ TextCheck.hexValue($0) != nil }) else {
        throw Fault(code: .syntax, offset: index, message: "four hexadecimal digits are expected after \\u")
      }
      return index + 6
    default:
      throw Fault(code: .syntax, offset: index, message: "there is no such escape")
    }
  }

  /// The length of the well-formed UTF-8 sequence at `index` (Unicode, table 3-7), nil when there is none.
  static func sequenceLength(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) -> Int? {
    func continues(_ offset: Int, _ range: ClosedRange<UInt8> = 0x80...0xBF) -> Bool {
      index + offset < bytes.count && range.contains(bytes[index + offset])
    }
    switch bytes[index] {
    case ..<0x80: return 1
    case 0xC2...0xDF: return continues(1) ? 2 : nil
    case 0xE0: return continues(1, 0xA0...0xBF) && continues(2) ? 3 : nil
    case 0xED: return continues(1, 0x80...0x9F) && continues(2) ? 3 : nil
    case 0xE1...0xEF: return continues(1) && continues(2) ? 3 : nil
    case 0xF0: return continues(1, 0x90...0xBF) && continues(2) && continues(3) ? 4 : nil
    case 0xF1...0xF3: return continues(1) && continues(2) && continues(3) ? 4 : nil
    case 0xF4: return continues(1, 0x80...0x8F) && continues(2) && continues(3) ? 4 : nil
    default: return nil
    }
  }

  mutating func number() throws(Fault) {
    let start = position
    var index = position
    func digits() -> Int {
      var end = index
      while end < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[end]) { end += 1 }
      return end
    }
    func fault(_ message: String) -> Fault { Fault(code: .syntax, offset: index, message: message) }

    if bytes[index] == UInt8(ascii: "-") { index += 1 }
    var end = digits()
    guard end > index else { throw fault("a digit is expected") }
    if bytes[index] == UInt8(ascii: "0"), end > index + 1 { throw fault("a number may not begin with a zero") }
    index = end
    var isInteger = true
    if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
      index += 1
      end = digits()
      guard end > index else { throw fault("a digit is expected after the point") }
      index = end
      isInteger = false
    }
    if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
      index += 1
      if index < bytes.count, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") { index += 1 }
      end = digits()
      guard end > index else { throw fault("a digit is expected in the exponent") }
      index = end
      isInteger = false
    }
    if let message = rangeFault(start..<index, isInteger: isInteger) {
      throw Fault(code: .numberRange, offset: start, message: message)
    }
    advance(to: index)
  }

  private func rangeFault(_ literal: Range<Int>, isInteger: Bool) -> String? {
    let text = String(decoding: bytes[literal], as: UTF8.self)
    switch limits.numbers {
    case .interoperable:
      if isInteger {
        let isExact = Int64(text).map(NumberCheck.isExact) ?? UInt64(text).map(NumberCheck.isExact) ?? false
        return isExact ? nil : NumberCheck.message
      }
      guard let value = Double(text), value.isFinite else { return "the number is too large for a double" }
      if NumberCheck.needsLiteral(value), !NumberCheck.isAllowed(value, in: bytes, from: literal.lowerBound) {
        return NumberCheck.message
      }
    case .binary64:
      if isInteger { return Int64(text) != nil || UInt64(text) != nil ? nil : "the integer needs more than 64 bits" }
      guard let value = Double(text), value.isFinite else { return "the number is too large for a double" }
    }
    return nil
  }

  /// A string's bytes without its escapes; half a UTF-16 pair becomes U+FFFD.
  static func unescaped(_ raw: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(raw.count)
    var index = 0
    while index < raw.count {
      guard raw[index] == UInt8(ascii: "\\"), index + 1 < raw.count else {
        result.append(raw[index])
        index += 1
        continue
      }
      switch raw[index + 1] {
      case UInt8(ascii: "b"): result.append(0x08)
      case UInt8(ascii: "f"): result.append(0x0C)
      case UInt8(ascii: "n"): result.append(0x0A)
      case UInt8(ascii: "r"): result.append(0x0D)
      case UInt8(ascii: "t"): result.append(0x09)
      case UInt8(ascii: "u"):
        var units = [UInt16(truncatingIfNeeded: TextCheck.hex4(raw, index + 2))]
        if UTF16.isLeadSurrogate(units[0]), index + 7 < raw.count, raw[index + 6] == UInt8(ascii: "\\"),
          raw[index + 7] == UInt8(ascii: "u")
        {
          let second = UInt16(truncatingIfNeeded: TextCheck.hex4(raw, index + 8))
          if UTF16.isTrailSurrogate(second) {
            units.append(second)
            index += 6
          }
        }
        result.append(contentsOf: String(decoding: units, as: UTF16.self).utf8)
        index += 4
      default: result.append(raw[index + 1])
      }
      index += 2
    }
    return result
  }
}
