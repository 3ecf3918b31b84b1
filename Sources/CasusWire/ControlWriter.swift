/// Writes a control frame: one JSON object, members in the order written. Appends to one buffer; never fails.
struct ControlWriter {
  private(set) var bytes: [UInt8] = []
  private var needsComma = false

  init(op: StaticString) {
    bytes.reserveCapacity(256)
    bytes.append(UInt8(ascii: "{"))
    key("op")
    quoted(op)
    needsComma = true
  }

  consuming func finish() -> [UInt8] {
    bytes.append(UInt8(ascii: "}"))
    return bytes
  }

  private mutating func quoted(_ text: StaticString) {
    bytes.append(UInt8(ascii: "\""))
    text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func key(_ name: StaticString) {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    quoted(name)
    bytes.append(UInt8(ascii: ":"))
    needsComma = true
  }

  mutating func member(_ name: StaticString, _ value: String) {
    key(name)
    string(value)
  }

  mutating func member(_ name: StaticString, ifPresent value: String?) {
    if let value { member(name, value) }
  }

  mutating func member(_ name: StaticString, _ value: Int) {
    key(name)
    integer(value)
  }

  mutating func member(_ name: StaticString, ifPresent value: Int?) {
    if let value { member(name, value) }
  }

  /// True is written, false is left out: every flag of the protocol is false when absent.
  mutating func flag(_ name: StaticString, _ value: Bool) {
    guard value else { return }
    key(name)
    bytes.append(contentsOf: "true".utf8)
  }

  /// Sequences are decimal strings: they may exceed what a double holds.
  mutating func member(_ name: StaticString, sequence value: UInt64) {
    key(name)
    sequence(value)
  }

  mutating func member(_ name: StaticString, _ values: [String]) {
    array(name, values) { $0.string($1) }
  }

  mutating func member(_ name: StaticString, sequences values: [UInt64]) {
    array(name, values) { $0.sequence($1) }
  }

  /// JSON text as it is.
  mutating func member(_ name: StaticString, raw value: [UInt8]) {
    key(name)
    bytes.append(contentsOf: value)
  }

  mutating func array<T>(_ name: StaticString, _ values: [T], _ element: (inout Self, T) -> Void) {
    key(name)
    bytes.append(UInt8(ascii: "["))
    for (place, value) in values.enumerated() {
      if place > 0 { bytes.append(UInt8(ascii: ",")) }
      element(&self, value)
    }
    bytes.append(UInt8(ascii: "]"))
    needsComma = true
  }

  mutating func object(_ name: StaticString, _ body: (inout Self) -> Void) {
    key(name)
    object(body)
  }

  mutating func object(_ body: (inout Self) -> Void) {
    bytes.append(UInt8(ascii: "{"))
    needsComma = false
    body(&self)
    bytes.append(UInt8(ascii: "}"))
    needsComma = true
  }

  /// A member whose name is known only at run time.
  mutating func member(named name: String, _ value: String) {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    string(name)
    bytes.append(UInt8(ascii: ":"))
    string(value)
    needsComma = true
  }

  mutating func integer(_ value: Int) {
    bytes.append(contentsOf: String(value).utf8)
  }

  mutating func sequence(_ value: UInt64) {
    bytes.append(UInt8(ascii: "\""))
    bytes.append(contentsOf: String(value).utf8)
    bytes.append(UInt8(ascii: "\""))
  }

  mutating func string(_ value: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in value.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case 0..<0x20:
        bytes.append(contentsOf: "\\u00".utf8)
        bytes.append(Self.hex[Int(byte >> 4)])
        bytes.append(Self.hex[Int(byte & 15)])
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private static let hex = Array("0123456789abcdef".utf8)
}
