/// A JSON Pointer (RFC 6901) that grows token by token.
public struct JSONPointer: Sendable, Hashable, CustomStringConvertible {
  /// `/data/observables/0`; the empty text points to the whole document.
  public private(set) var text = ""

  public init() {}

  init(_ path: some Sequence<any CodingKey>) {
    for key in path {
      if let index = key.intValue { append(index: index) } else { append(name: key.stringValue) }
    }
  }

  public mutating func append(index: Int) {
    text += "/\(index)"
  }

  /// A member's name as it is, without escapes; bytes that aren't UTF-8 become U+FFFD.
  public mutating func append(name: some Sequence<UInt8>) {
    var token: [UInt8] = [UInt8(ascii: "/")]
    for byte in name {
      switch byte {
      case UInt8(ascii: "~"): token += [UInt8(ascii: "~"), UInt8(ascii: "0")]
      case UInt8(ascii: "/"): token += [UInt8(ascii: "~"), UInt8(ascii: "1")]
      default: token.append(byte)
      }
    }
    text += String(decoding: token, as: UTF8.self)
  }

  public mutating func append(name: String) {
    append(name: name.utf8)
  }

  public var description: String { text }
}
