/// RFC 7493 section 2.1 on the bytes of a text that is already known to be JSON in well-formed UTF-8: no surrogates
/// and no noncharacters, plain or escaped, in names and strings.
///
/// Works on the source, since a parser that has unescaped a lone surrogate may have replaced it. Linear.
enum TextCheck {
  struct Fault {
    var code: JSONError.Code
    var offset: Int
  }

  static func firstFault(in source: UnsafeBufferPointer<UInt8>, escapes: Bool, highBytes: Bool) -> Fault? {
    let escaped = escapes ? firstEscapeFault(in: source) : nil
    let plain = highBytes ? firstPlainNoncharacter(in: source) : nil
    guard let escaped, let plain else { return escaped ?? plain }
    return escaped.offset < plain.offset ? escaped : plain
  }

  static func isNoncharacter(_ scalar: UInt32) -> Bool {
    scalar & 0xFFFE == 0xFFFE || (0xFDD0...0xFDEF).contains(scalar)
  }

  /// In JSON a backslash stands only in a string and always begins an escape.
  private static func firstEscapeFault(in source: UnsafeBufferPointer<UInt8>) -> Fault? {
    var position = 0
    while let escape = firstIndex(of: UInt8(ascii: "\\"), in: source, from: position) {
      position = escape + 2
      guard position <= source.count, source[escape + 1] == UInt8(ascii: "u") else { continue }
      let unit = hex4(source, position)
      position += 4
      var scalar = unit
      if unit & 0xF800 == 0xD800 {
        let second = pairedUnit(source, position)
        guard unit < 0xDC00, second & 0xFC00 == 0xDC00 else { return Fault(code: .loneSurrogate, offset: escape) }
        scalar = 0x10000 + ((unit - 0xD800) << 10) + (second - 0xDC00)
        position += 6
      }
      if isNoncharacter(scalar) { return Fault(code: .noncharacter, offset: escape) }
    }
    return nil
  }

  /// The code unit of a `\uXXXX` at `position`, or 0.
  private static func pairedUnit(_ source: UnsafeBufferPointer<UInt8>, _ position: Int) -> UInt32 {
    guard position + 6 <= source.count, source[position] == UInt8(ascii: "\\"),
      source[position + 1] == UInt8(ascii: "u")
    else { return 0 }
    return hex4(source, position + 2)
  }

  static func hex4(_ source: UnsafeBufferPointer<UInt8>, _ position: Int) -> UInt32 {
    guard position + 4 <= source.count else { return 0 }
    var value: UInt32 = 0
    for digit in source[position..<position + 4] {
      value = value << 4 | UInt32(hexValue(digit) ?? 0)
    }
    return value
  }

  static func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  /// U+FDD0–U+FDEF are EF B7 90–AF, U+FFFE and U+FFFF are EF BF BE–BF, and those of a higher plane are
  /// F0–F4, 8F/9F/AF/BF, BF, BE–BF.
  private static func firstPlainNoncharacter(in source: UnsafeBufferPointer<UInt8>) -> Fault? {
    var position = 0
    while position + 2 < source.count {
      let lead = source[position]
      if lead >= 0xEF {
        let second = source[position + 1]
        let third = source[position + 2]
        if lead == 0xEF {
          if (second == 0xB7 && (0x90...0xAF).contains(third)) || (second == 0xBF && third >= 0xBE) {
            return Fault(code: .noncharacter, offset: position)
          }
        } else if second & 0x0F == 0x0F, third == 0xBF, position + 3 < source.count, source[position + 3] >= 0xBE {
          return Fault(code: .noncharacter, offset: position)
        }
      }
      position += 1
    }
    return nil
  }
}
