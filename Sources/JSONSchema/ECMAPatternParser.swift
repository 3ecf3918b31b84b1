/// Parses ECMA-262's pattern syntax. Braces that hold no count are taken literally, as outside of the Unicode mode.
struct ECMAPatternParser {
  typealias Fault = ECMAPattern.Fault

  private static let deepest = 100

  private let scalars: [Unicode.Scalar]
  private var position = 0
  private var depth = 0

  init(_ pattern: String) {
    scalars = Array(pattern.unicodeScalars)
  }

  private func peek(_ offset: Int = 0) -> Unicode.Scalar? {
    position + offset < scalars.count ? scalars[position + offset] : nil
  }

  private mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
    guard peek() == scalar else { return false }
    position += 1
    return true
  }

  mutating func parse() throws(Fault) -> ECMAPattern {
    let pattern = try choice()
    guard peek() == nil else { throw Fault(message: "a closing parenthesis has no opening one") }
    return pattern
  }

  private mutating func choice() throws(Fault) -> ECMAPattern {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.deepest else { throw Fault(message: "groups nest more than \(Self.deepest) deep") }
    var parts = [try sequence()]
    while skip("|") { parts.append(try sequence()) }
    return parts.count == 1 ? parts[0] : .choice(parts)
  }

  private mutating func sequence() throws(Fault) -> ECMAPattern {
    var parts: [ECMAPattern] = []
    while let scalar = peek(), scalar != "|", scalar != ")" { parts.append(try quantified()) }
    return parts.isEmpty ? .empty : parts.count == 1 ? parts[0] : .sequence(parts)
  }

  private mutating func quantified() throws(Fault) -> ECMAPattern {
    let isAssertion =
      peek() == "^" || peek() == "$" || (peek() == "\\" && (peek(1) == "b" || peek(1) == "B"))
    let part = try atom()
    var least = 0
    var most: Int?
    switch peek() {
    case "*": position += 1
    case "+":
      position += 1
      least = 1
    case "?":
      position += 1
      most = 1
    case "{":
      guard let count = try count() else { return part }
      (least, most) = count
    default: return part
    }
    if isAssertion { throw Fault(message: "there is nothing to repeat") }
    // Lazy or not: the same texts match.
    _ = skip("?")
    if let next = peek(), next == "*" || next == "+" || next == "?" {
      throw Fault(message: "there is nothing to repeat")
    }
    return .repeated(part, least: least, most: most)
  }

  /// `{3}`, `{3,}` or `{3,5}`; nil, and nothing read, when the brace begins no count.
  private mutating func count() throws(Fault) -> (Int, Int?)? {
    guard let end = scalars[position...].firstIndex(of: "}") else { return nil }
    let text = String(String.UnicodeScalarView(scalars[position + 1..<end]))
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    func isNumber(_ text: Substring) -> Bool { !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) } }
    guard parts.count <= 2, isNumber(parts[0]), parts.count == 1 || parts[1].isEmpty || isNumber(parts[1]) else {
      return nil
    }
    position = end + 1
    guard let least = Int(parts[0]), least <= ECMAPattern.largestCount else { throw Self.tooMany }
    guard parts.count == 2 else { return (least, least) }
    if parts[1].isEmpty { return (least, nil) }
    guard let most = Int(parts[1]), most <= ECMAPattern.largestCount else { throw Self.tooMany }
    guard least <= most else { throw Fault(message: "the count {\(text)} is upside down") }
    return (least, most)
  }

  private static let tooMany = Fault(message: "a part may be repeated at most \(ECMAPattern.largestCount) times")

  private mutating func atom() throws(Fault) -> ECMAPattern {
    let scalar = scalars[position]
    switch scalar {
    case "^":
      position += 1
      return .start
    case "$":
      position += 1
      return .end
    case ".":
      position += 1
      return .set(ScalarSet.lineEnd.complement)
    case "(": return try group()
    case "[": return .set(try characterClass())
    case "\\":
      if peek(1) == "b" || peek(1) == "B" {
        position += 2
        return .boundary(isNegated: scalars[position - 1] == "B")
      }
      return .set(try escape(inClass: false))
    case "*", "+", "?": throw Fault(message: "there is nothing to repeat")
    case "{":
      if try count() != nil { throw Fault(message: "there is nothing to repeat") }
      fallthrough
    default:
      position += 1
      return .set(ScalarSet([scalar.value...scalar.value]))
    }
  }

  private mutating func group() throws(Fault) -> ECMAPattern {
    position += 1
    if skip("?") {
      switch (peek(), peek(1)) {
      case (":", _): position += 1
      case ("=", _), ("!", _): throw Fault(message: "look-ahead has no linear-time match")
      case ("<", "="), ("<", "!"): throw Fault(message: "look-behind has no linear-time match")
      case ("<", _):
        guard let end = scalars[position...].firstIndex(of: ">") else {
          throw Fault(message: "a group's name has no end")
        }
        position = end + 1
      default: throw Fault(message: "there is no such group as (?\(peek().map { String($0) } ?? "")")
      }
    }
    let inner = try choice()
    guard skip(")") else { throw Fault(message: "a group has no closing parenthesis") }
    return inner
  }

  private mutating func characterClass() throws(Fault) -> ScalarSet {
    position += 1
    let isNegated = skip("^")
    var set = ScalarSet()
    while let scalar = peek(), scalar != "]" {
      let first = try classAtom()
      // A dash between two single code points makes a range; elsewhere it stands for itself.
      guard peek() == "-", let after = peek(1), after != "]" else {
        set.formUnion(first)
        continue
      }
      position += 1
      let second = try classAtom()
      guard let low = first.single, let high = second.single else {
        throw Fault(message: "a range in brackets needs a code point at each end")
      }
      guard low <= high else { throw Fault(message: "a range in brackets is upside down") }
      set.insert(low...high)
    }
    guard skip("]") else { throw Fault(message: "a character class has no end") }
    set.normalize()
    return isNegated ? set.complement : set
  }

  private mutating func classAtom() throws(Fault) -> ScalarSet {
    if peek() == "\\" { return try escape(inClass: true) }
    let value = scalars[position].value
    position += 1
    return ScalarSet([value...value])
  }

  private mutating func escape(inClass: Bool) throws(Fault) -> ScalarSet {
    guard let scalar = peek(1) else { throw Fault(message: "the pattern ends after a backslash") }
    position += 2
    func one(_ value: UInt32) -> ScalarSet { ScalarSet([value...value]) }
    switch scalar {
    case "d": return .digit
    case "D": return ScalarSet.digit.complement
    case "w": return .word
    case "W": return ScalarSet.word.complement
    case "s": return .space
    case "S": return ScalarSet.space.complement
    case "t": return one(0x09)
    case "n": return one(0x0A)
    case "v": return one(0x0B)
    case "f": return one(0x0C)
    case "r": return one(0x0D)
    case "b" where inClass: return one(0x08)
    case "0":
      if let next = peek(), ("0"..."9").contains(next) { throw Fault(message: "there are no octal escapes") }
      return one(0)
    case "1"..."9", "k": throw Fault(message: "a back reference has no linear-time match")
    case "c":
      guard let letter = peek(), ("a"..."z").contains(letter) || ("A"..."Z").contains(letter) else {
        throw Fault(message: "a letter is expected after \\c")
      }
      position += 1
      return one(letter.value % 32)
    case "x": return one(try hexadecimal(digits: 2))
    case "u": return one(try codePoint())
    case "p", "P": return try property(isNegated: scalar == "P")
    case "a"..."z", "A"..."Z": throw Fault(message: "there is no such escape as \\\(scalar)")
    default: return one(scalar.value)
    }
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

  /// After `\u`: four digits, two such units as a surrogate pair, or digits in braces.
  private mutating func codePoint() throws(Fault) -> UInt32 {
    if skip("{") {
      guard let end = scalars[position...].firstIndex(of: "}") else { throw Fault(message: "\\u{ has no end") }
      let digits = String(String.UnicodeScalarView(scalars[position..<end]))
      guard let value = UInt32(digits, radix: 16), value <= ScalarSet.last else {
        throw Fault(message: "\\u{\(digits)} is no code point")
      }
      position = end + 1
      return value
    }
    let unit = try hexadecimal(digits: 4)
    guard unit & 0xF800 == 0xD800 else { return unit }
    guard unit < 0xDC00, skip("\\"), skip("u") else { throw Self.halfPair }
    let second = try hexadecimal(digits: 4)
    guard second & 0xFC00 == 0xDC00 else { throw Self.halfPair }
    return 0x10000 + ((unit - 0xD800) << 10) + (second - 0xDC00)
  }

  private static let halfPair = Fault(message: "half of a surrogate pair matches nothing")

  /// After `\p`: a general category, or a script. RE2 has no tables for other properties.
  private mutating func property(isNegated: Bool) throws(Fault) -> ScalarSet {
    guard peek() == "{", let end = scalars[position...].firstIndex(of: "}") else {
      throw Fault(message: "a property's name in braces is expected after \\p")
    }
    let text = String(String.UnicodeScalarView(scalars[position + 1..<end]))
    position = end + 1
    guard let name = UnicodeProperty.name(text) else { throw Fault(message: "the property \(text) is not known") }
    return ScalarSet(property: .init(name: name, isNegated: isNegated))
  }
}

extension ScalarSet {
  /// The only code point, when it holds just one.
  fileprivate var single: UInt32? {
    guard properties.isEmpty, ranges.count == 1, ranges[0].count == 1 else { return nil }
    return ranges[0].lowerBound
  }
}
