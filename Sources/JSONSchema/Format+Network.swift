extension TextReader {
  /// RFC 2673, section 3.2: four decimal octets without leading zeros.
  mutating func ipv4() -> Bool {
    for index in 0..<4 {
      if index > 0, !skip(".") { return false }
      let start = position
      var value = 0
      while position - start < 3, let digit = digit() { value = value * 10 + digit }
      let count = position - start
      guard count > 0, value < 256, count == 1 || text[start] != UInt8(ascii: "0") else { return false }
    }
    return true
  }

  /// RFC 4291, section 2.2: eight groups, one run of which may be `::`, the last two perhaps an IPv4 address.
  mutating func ipv6() -> Bool {
    var groups = 0
    var hasGap = false
    if peek == UInt8(ascii: ":") {
      guard skip(":"), skip(":") else { return false }
      hasGap = true
    }
    while groups < 8 {
      let start = position
      let count = hexDigits(atMost: 4)
      if count == 0 { break }
      if peek == UInt8(ascii: ".") {
        position = start
        guard ipv4() else { return false }
        groups += 2
        return hasGap ? groups < 8 : groups == 8
      }
      groups += 1
      guard peek == UInt8(ascii: ":") else { break }
      if position + 1 < text.count, text[position + 1] == UInt8(ascii: ":") {
        guard !hasGap else { return false }
        hasGap = true
        position += 2
      } else {
        guard groups < 8 else { return false }
        position += 1
        // A group must follow a single colon.
        guard let next = peek, hexValue(next) != nil else { return false }
      }
    }
    return hasGap ? groups < 8 : groups == 8
  }

  /// RFC 3986: a URI, or a reference to one.
  mutating func uriReference(needsScheme: Bool) -> Bool {
    let hasScheme = scheme()
    if needsScheme, !hasScheme { return false }
    if peek == UInt8(ascii: "/"), position + 1 < text.count, text[position + 1] == UInt8(ascii: "/") {
      position += 2
      guard authority() else { return false }
      if let byte = peek, byte != UInt8(ascii: "/"), byte != UInt8(ascii: "?"), byte != UInt8(ascii: "#") {
        return false
      }
    } else if !hasScheme {
      // A colon in the first segment would make it a scheme.
      guard characters(.firstSegment) else {
        return false
      }
      if peek == UInt8(ascii: ":") { return false }
    }
    guard characters(.path) else { return false }
    if skip("?"), !characters(.query) { return false }
    if skip("#"), !characters(.query) { return false }
    return isAtEnd
  }

  /// Passes a scheme and its colon, or nothing.
  private mutating func scheme() -> Bool {
    let start = position
    guard let first = peek, isLetter(first) else { return false }
    while let byte = peek,
      isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
        || byte == UInt8(ascii: ".")
    {
      position += 1
    }
    if skip(":") { return true }
    position = start
    return false
  }

  private mutating func authority() -> Bool {
    let start = position
    // User information, when an @ follows it.
    if !(characters(.user) && skip("@")) { position = start }
    if skip("[") {
      guard ipLiteral(), skip("]") else { return false }
    } else {
      guard characters(.host) else { return false }
    }
    if skip(":") { _ = digits() }
    return true
  }

  private mutating func ipLiteral() -> Bool {
    guard skipLetter("v") else { return ipv6() }
    guard hexDigits(atMost: .max) > 0, skip(".") else { return false }
    let start = position
    return characters(.user)
      && position > start
  }

  /// Passes the allowed bytes and whole percent-escapes; false at a broken escape.
  private mutating func characters(_ allowed: URIBytes) -> Bool {
    while let byte = peek {
      if byte == UInt8(ascii: "%") {
        position += 1
        if hexDigits(atMost: 2) != 2 { return false }
      } else if !allowed.isDisjoint(with: URIBytes.of(byte)) {
        position += 1
      } else {
        return true
      }
    }
    return true
  }

  private func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }
}

/// The classes of characters that RFC 3986 builds its parts from.
private struct URIBytes: OptionSet {
  let rawValue: UInt8

  static let unreserved = URIBytes(rawValue: 1)
  static let subDelimiter = URIBytes(rawValue: 2)
  static let colon = URIBytes(rawValue: 4)
  static let at = URIBytes(rawValue: 8)
  static let slash = URIBytes(rawValue: 16)
  static let question = URIBytes(rawValue: 32)

  static let host: URIBytes = [.unreserved, .subDelimiter]
  static let user: URIBytes = [.unreserved, .subDelimiter, .colon]
  static let firstSegment: URIBytes = [.unreserved, .subDelimiter, .at]
  static let path: URIBytes = [.unreserved, .subDelimiter, .colon, .at, .slash]
  static let query: URIBytes = [.unreserved, .subDelimiter, .colon, .at, .slash, .question]

  static func of(_ byte: UInt8) -> URIBytes {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
      UInt8(ascii: "~"):
      .unreserved
    case UInt8(ascii: "!"), UInt8(ascii: "$"), UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "("),
      UInt8(ascii: ")"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: ","), UInt8(ascii: ";"),
      UInt8(ascii: "="):
      .subDelimiter
    case UInt8(ascii: ":"): .colon
    case UInt8(ascii: "@"): .at
    case UInt8(ascii: "/"): .slash
    case UInt8(ascii: "?"): .question
    default: []
    }
  }
}
