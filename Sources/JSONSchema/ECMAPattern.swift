/// A regular expression of ECMA-262 in its Unicode mode, which JSON Schema means by `pattern`, rewritten for RE2.
///
/// The two agree on most. What differs is rewritten (white space classes, the point, `\u`, `\c`, `[^]`, property names);
/// what RE2 has no linear-time way to match (look-around, back references) and escapes that ECMA-262 lacks are refused.
struct ECMAPattern {
  struct Fault: Error {
    var message: String
  }

  private var scalars: [Unicode.Scalar]
  private var position = 0
  private var output = ""

  private init(_ pattern: String) {
    scalars = Array(pattern.unicodeScalars)
  }

  /// The pattern in RE2's syntax.
  static func translated(_ pattern: String) throws(Fault) -> String {
    var translator = ECMAPattern(pattern)
    try translator.run()
    return translator.output
  }

  // Sets of scalars as RE2 writes them inside brackets, and their complements.
  private static let space = #"\t-\r \x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}\x{FEFF}"#
  private static let notSpace =
    #"\x00-\x08\x0E-\x1F!-\x{9F}\x{A1}-\x{167F}\x{1681}-\x{1FFF}\x{200B}-\x{2027}\x{202A}-\x{202E}\x{2030}-\x{205E}"#
    + #"\x{2060}-\x{2FFF}\x{3001}-\x{FEFE}\x{FF00}-\x{10FFFF}"#
  private static let lineEnds = #"\n\r\x{2028}\x{2029}"#

  private func peek(_ offset: Int = 0) -> Unicode.Scalar? {
    position + offset < scalars.count ? scalars[position + offset] : nil
  }

  private mutating func run() throws(Fault) {
    while let scalar = peek() {
      switch scalar {
      case "\\": output += try escape(inClass: false)
      case "[": try characterClass()
      case "(": try group()
      case ".":
        output += "[^\(Self.lineEnds)]"
        position += 1
      default:
        output.unicodeScalars.append(scalar)
        position += 1
      }
    }
  }

  private mutating func group() throws(Fault) {
    position += 1
    guard peek() == "?" else {
      output += "(?:"
      return
    }
    switch (peek(1), peek(2)) {
    case (":", _):
      output += "(?:"
      position += 2
    case ("=", _), ("!", _): throw Fault(message: "look-ahead has no linear-time match")
    case ("<", "="), ("<", "!"): throw Fault(message: "look-behind has no linear-time match")
    case ("<", _):
      guard let end = scalars[position...].firstIndex(of: ">") else {
        throw Fault(message: "a group's name has no end")
      }
      output += "(?:"
      position = end + 1
    default: throw Fault(message: "there is no such group as (?\(peek(1).map { String($0) } ?? "")")
    }
  }

  private mutating func characterClass() throws(Fault) {
    position += 1
    var isNegated = false
    if peek() == "^" {
      isNegated = true
      position += 1
    }
    var content = ""
    while let scalar = peek(), scalar != "]" {
      switch scalar {
      case "\\": content += try escape(inClass: true)
      case "[":
        content += "\\["
        position += 1
      case "^":
        content += "\\^"
        position += 1
      default:
        content.unicodeScalars.append(scalar)
        position += 1
      }
    }
    guard peek() == "]" else { throw Fault(message: "a character class has no end") }
    position += 1
    if content.isEmpty {
      output += isNegated ? "(?s:.)" : #"[^\x00-\x{10FFFF}]"#
    } else {
      output += isNegated ? "[^\(content)]" : "[\(content)]"
    }
  }

  private mutating func escape(inClass: Bool) throws(Fault) -> String {
    guard let scalar = peek(1) else { throw Fault(message: "the pattern ends after a backslash") }
    position += 2
    switch scalar {
    case "d", "D", "w", "W", "t", "n", "r", "f", "v": return "\\\(scalar)"
    case "s": return inClass ? Self.space : "[\(Self.space)]"
    case "S": return inClass ? Self.notSpace : "[\(Self.notSpace)]"
    case "b": return inClass ? #"\x08"# : #"\b"#
    case "B" where !inClass: return #"\B"#
    case "0":
      if let next = peek(), ("0"..."9").contains(next) { throw Fault(message: "there are no octal escapes") }
      return #"\x00"#
    case "1"..."9": throw Fault(message: "a back reference has no linear-time match")
    case "k": throw Fault(message: "a back reference has no linear-time match")
    case "c":
      guard let letter = peek(), ("a"..."z").contains(letter) || ("A"..."Z").contains(letter) else {
        throw Fault(message: "a letter is expected after \\c")
      }
      position += 1
      return Self.scalar(letter.value % 32)
    case "x": return Self.scalar(try hexadecimal(digits: 2))
    case "u": return try unicodeEscape()
    case "p", "P": return try property(negated: scalar == "P")
    case "a"..."z", "A"..."Z": throw Fault(message: "there is no such escape as \\\(scalar)")
    default: return scalar.isASCII ? "\\\(scalar)" : String(scalar)
    }
  }

  private static func scalar(_ value: UInt32) -> String {
    "\\x{\(String(value, radix: 16))}"
  }

  private mutating func hexadecimal(digits: Int) throws(Fault) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<digits {
      guard let scalar = peek(), scalar.isASCII, let digit = hexValue(UInt8(scalar.value)) else {
        throw Fault(message: "\(digits) hexadecimal digits are expected")
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }

  private mutating func unicodeEscape() throws(Fault) -> String {
    if peek() == "{" {
      guard let end = scalars[position...].firstIndex(of: "}") else { throw Fault(message: "\\u{ has no end") }
      let digits = String(String.UnicodeScalarView(scalars[position + 1..<end]))
      guard let value = UInt32(digits, radix: 16), value <= 0x10FFFF else {
        throw Fault(message: "\\u{\(digits)} is no code point")
      }
      position = end + 1
      return Self.scalar(value)
    }
    let unit = try hexadecimal(digits: 4)
    guard unit & 0xF800 == 0xD800 else { return Self.scalar(unit) }
    guard unit < 0xDC00, peek() == "\\", peek(1) == "u" else {
      throw Fault(message: "half of a surrogate pair matches nothing")
    }
    position += 2
    let second = try hexadecimal(digits: 4)
    guard second & 0xFC00 == 0xDC00 else { throw Fault(message: "half of a surrogate pair matches nothing") }
    return Self.scalar(0x10000 + ((unit - 0xD800) << 10) + (second - 0xDC00))
  }

  /// `\p{…}` with ECMA-262's names; RE2 knows general categories by their short names, and scripts.
  private mutating func property(negated: Bool) throws(Fault) -> String {
    guard peek() == "{", let end = scalars[position...].firstIndex(of: "}") else {
      throw Fault(message: "a property's name in braces is expected after \\p")
    }
    let text = String(String.UnicodeScalarView(scalars[position + 1..<end]))
    position = end + 1
    let parts = text.split(separator: "=", omittingEmptySubsequences: false)
    let prefix = negated ? "\\P" : "\\p"
    switch (parts.count, parts.first) {
    case (1, _):
      if let category = text == "Any" ? text : Self.category(text) { return "\(prefix){\(category)}" }
    case (2, "General_Category"), (2, "gc"):
      if let category = Self.category(String(parts[1])) { return "\(prefix){\(category)}" }
    case (2, "Script"), (2, "sc"): return "\(prefix){\(parts[1])}"
    default: break
    }
    throw Fault(message: "the property \(text) is not known")
  }

  private static func category(_ name: String) -> String? {
    // PropertyValueAliases of Unicode, general category.
    let long = [
      "Letter": "L", "Lowercase_Letter": "Ll", "Uppercase_Letter": "Lu", "Titlecase_Letter": "Lt",
      "Modifier_Letter": "Lm", "Other_Letter": "Lo", "Mark": "M", "Combining_Mark": "M", "Nonspacing_Mark": "Mn",
      "Spacing_Mark": "Mc", "Enclosing_Mark": "Me", "Number": "N", "Decimal_Number": "Nd", "digit": "Nd",
      "Letter_Number": "Nl", "Other_Number": "No", "Punctuation": "P", "punct": "P", "Connector_Punctuation": "Pc",
      "Dash_Punctuation": "Pd", "Open_Punctuation": "Ps", "Close_Punctuation": "Pe", "Initial_Punctuation": "Pi",
      "Final_Punctuation": "Pf", "Other_Punctuation": "Po", "Symbol": "S", "Math_Symbol": "Sm",
      "Currency_Symbol": "Sc", "Modifier_Symbol": "Sk", "Other_Symbol": "So", "Separator": "Z",
      "Space_Separator": "Zs", "Line_Separator": "Zl", "Paragraph_Separator": "Zp", "Other": "C", "Control": "Cc",
      "cntrl": "Cc", "Format": "Cf", "Private_Use": "Co", "Surrogate": "Cs",
    ]
    return long[name] ?? (long.values.contains(name) ? name : nil)
  }
}
