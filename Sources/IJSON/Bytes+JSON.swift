/// How texts and numbers stand in JSON, for everything here that writes it.
extension [UInt8] {
  /// A string in quotes. The bytes must be UTF-8.
  mutating func appendQuoted(_ text: UnsafeBufferPointer<UInt8>) {
    append(UInt8(ascii: "\""))
    var run = text.startIndex
    for index in text.indices where Self.needsEscape(text[index]) {
      append(contentsOf: text[run..<index])
      appendEscape(text[index])
      run = index + 1
    }
    append(contentsOf: text[run...])
    append(UInt8(ascii: "\""))
  }

  mutating func appendQuoted(_ text: String) {
    var text = text
    text.withUTF8 { appendQuoted($0) }
  }

  mutating func appendText(_ text: StaticString) {
    append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  mutating func appendDigits(_ value: some BinaryInteger) {
    guard let small = Int64(exactly: value) else {
      var text = value.description
      text.withUTF8 { append(contentsOf: $0) }
      return
    }
    if small < 0 { append(UInt8(ascii: "-")) }
    var rest = small.magnitude
    var digits = 1
    var bound: UInt64 = 10
    while digits < 19, rest >= bound {
      digits += 1
      bound &*= 10
    }
    append(contentsOf: repeatElement(UInt8(ascii: "0"), count: digits))
    var place = count
    while rest > 0 {
      place -= 1
      self[place] = UInt8(ascii: "0") + UInt8(rest % 10)
      rest /= 10
    }
  }

  /// The shortest digits that read back as the same number, `1` and not `1.0`. It must be finite.
  mutating func appendShortest(_ value: some BinaryFloatingPoint & CustomStringConvertible) {
    var text = value.description
    text.withUTF8 { digits in
      let isWhole =
        digits.count > 2 && digits[digits.count - 1] == UInt8(ascii: "0")
        && digits[digits.count - 2] == UInt8(ascii: ".")
      append(contentsOf: isWhole ? digits[..<(digits.count - 2)] : digits[...])
    }
  }

  private static func needsEscape(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
  }

  private mutating func appendEscape(_ byte: UInt8) {
    append(UInt8(ascii: "\\"))
    switch byte {
    case 0x08: append(UInt8(ascii: "b"))
    case 0x09: append(UInt8(ascii: "t"))
    case 0x0A: append(UInt8(ascii: "n"))
    case 0x0C: append(UInt8(ascii: "f"))
    case 0x0D: append(UInt8(ascii: "r"))
    case 0x20...: append(byte)
    default:
      let hex: StaticString = "0123456789abcdef"
      appendText("u00")
      append(hex.utf8Start[Int(byte >> 4)])
      append(hex.utf8Start[Int(byte & 15)])
    }
  }
}
