/// A JSON value of a log line, read leniently: what a sensor wrote is evidence, whether or not it is tidy.
///
/// Unlike the bus's own parser this one takes duplicate keys (the first counts), numbers of any size (kept as written)
/// and bytes that are not UTF-8 (replaced by U+FFFD). Trees are plain values; a line of 1 KiB costs a few microseconds.
public enum JSONTree: Equatable, Sendable {
  case null
  case bool(Bool)
  /// As written, `18446744073709539627`.
  case number(String)
  case string(String)
  case array([JSONTree])
  case object([Member])

  public struct Member: Equatable, Sendable {
    var key: String
    var value: JSONTree
  }

  public subscript(key: String) -> JSONTree? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// Every value at a path of keys; arrays on the way stand for each of their elements.
  public func values(at path: some Sequence<String>) -> [JSONTree] {
    var found = [self]
    for key in path {
      found = found.flatMap(\.elements).compactMap { $0[key] }
      if found.isEmpty { return [] }
    }
    return found.flatMap(\.elements)
  }

  private var elements: [JSONTree] {
    if case .array(let values) = self { return values.flatMap(\.elements) }
    return [self]
  }

  /// A scalar as text: a string's characters, a number as written, `true`, `false`; nil for the rest.
  public var text: String? {
    switch self {
    case .string(let value), .number(let value): value
    case .bool(let value): value ? "true" : "false"
    case .null, .array, .object: nil
    }
  }

  public var double: Double? {
    if case .number(let text) = self { return Double(text) }
    return nil
  }
}

/// Where and why a line is not JSON; `offset` counts bytes from the line's start.
public struct JSONTreeError: Error, Equatable, CustomStringConvertible {
  public var offset: Int
  public var message: String
  public var description: String { "\(message) at byte \(offset)" }
}

extension JSONTree {
  /// Parses exactly one value; nesting deeper than 64 is refused.
  public init(parsing bytes: some Collection<UInt8>) throws(JSONTreeError) {
    var reader = JSONTreeReader(bytes: Array(bytes))
    self = try reader.document()
  }
}

private struct JSONTreeReader {
  static let maximumDepth = 64
  let bytes: [UInt8]
  var at = 0

  func fail(_ message: String) -> JSONTreeError { JSONTreeError(offset: at, message: message) }

  func peek() -> UInt8? { at < bytes.count ? bytes[at] : nil }

  mutating func skipSpace() {
    while let byte = peek(), byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { at += 1 }
  }

  mutating func document() throws(JSONTreeError) -> JSONTree {
    let value = try value(depth: 0)
    skipSpace()
    guard peek() == nil else { throw fail("something follows the value") }
    return value
  }

  mutating func value(depth: Int) throws(JSONTreeError) -> JSONTree {
    skipSpace()
    guard depth <= Self.maximumDepth else { throw fail("nested too deeply") }
    guard let byte = peek() else { throw fail("the line ends early") }
    switch byte {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: throw fail("a value was expected")
    }
  }

  mutating func word(_ text: StaticString, _ value: JSONTree) throws(JSONTreeError) -> JSONTree {
    let count = text.utf8CodeUnitCount
    guard at + count <= bytes.count else { throw fail("the line ends early") }
    for index in 0..<count where bytes[at + index] != text.utf8Start[index] { throw fail("a value was expected") }
    at += count
    return value
  }

  mutating func object(depth: Int) throws(JSONTreeError) -> JSONTree {
    at += 1
    var members: [JSONTree.Member] = []
    skipSpace()
    if peek() == UInt8(ascii: "}") {
      at += 1
      return .object(members)
    }
    while true {
      skipSpace()
      guard peek() == UInt8(ascii: "\"") else { throw fail("a member's name was expected") }
      let key = try string()
      skipSpace()
      guard peek() == UInt8(ascii: ":") else { throw fail("':' was expected") }
      at += 1
      members.append(.init(key: key, value: try value(depth: depth + 1)))
      if try isLast(UInt8(ascii: "}")) { return .object(members) }
    }
  }

  mutating func array(depth: Int) throws(JSONTreeError) -> JSONTree {
    at += 1
    var values: [JSONTree] = []
    skipSpace()
    if peek() == UInt8(ascii: "]") {
      at += 1
      return .array(values)
    }
    while true {
      values.append(try value(depth: depth + 1))
      if try isLast(UInt8(ascii: "]")) { return .array(values) }
    }
  }

  /// After an element: false for a comma, true for the closing byte.
  mutating func isLast(_ closing: UInt8) throws(JSONTreeError) -> Bool {
    skipSpace()
    guard let byte = peek() else { throw fail("the line ends early") }
    guard byte == closing || byte == UInt8(ascii: ",") else { throw fail("',' or the end was expected") }
    at += 1
    return byte == closing
  }

  mutating func number() throws(JSONTreeError) -> JSONTree {
    let start = at
    if peek() == UInt8(ascii: "-") { at += 1 }
    try digits()
    if peek() == UInt8(ascii: ".") {
      at += 1
      try digits()
    }
    if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
      at += 1
      if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { at += 1 }
      try digits()
    }
    return .number(String(decoding: bytes[start..<at], as: UTF8.self))
  }

  mutating func digits() throws(JSONTreeError) {
    let start = at
    while let byte = peek(), byte >= 0x30, byte <= 0x39 { at += 1 }
    guard at > start else { throw fail("a digit was expected") }
  }

  mutating func string() throws(JSONTreeError) -> String {
    at += 1
    let start = at
    while let byte = peek(), byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { at += 1 }
    if peek() == UInt8(ascii: "\"") {
      defer { at += 1 }
      return String(decoding: bytes[start..<at], as: UTF8.self)
    }
    var text = Array(bytes[start..<at])
    while let byte = peek() {
      at += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): try escape(into: &text)
      case 0..<0x20: throw fail("a control character in a string")
      default: text.append(byte)
      }
    }
    throw fail("the line ends early")
  }

  mutating func escape(into text: inout [UInt8]) throws(JSONTreeError) {
    guard let byte = peek() else { throw fail("the line ends early") }
    at += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      var scalar = try hexadecimal()
      if (0xD800..<0xDC00).contains(scalar), at + 1 < bytes.count, bytes[at] == UInt8(ascii: "\\"),
        bytes[at + 1] == UInt8(ascii: "u")
      {
        let mark = at
        at += 2
        let low = try hexadecimal()
        if (0xDC00..<0xE000).contains(low) {
          scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
        } else {
          at = mark
        }
      }
      text.append(contentsOf: String(Unicode.Scalar(scalar) ?? "\u{FFFD}").utf8)
    default: throw fail("an unknown escape")
    }
  }

  mutating func hexadecimal() throws(JSONTreeError) -> UInt32 {
    guard at + 4 <= bytes.count, let value = UInt32(String(decoding: bytes[at..<at + 4], as: UTF8.self), radix: 16)
    else { throw fail("four hexadecimal digits were expected") }
    at += 4
    return value
  }
}
