internal import IJSON

/// A control frame: one JSON object whose first member is `op`.
func controlFrame(_ op: StaticString, _ members: (inout JSONWriter) -> Void) -> [UInt8] {
  var bytes: [UInt8] = []
  bytes.reserveCapacity(256)
  var writer = JSONWriter(into: bytes)
  writer.object { writer in
    writer.name("op")
    op.withUTF8Buffer { writer.string(utf8: $0) }
    members(&writer)
  }
  return writer.bytes
}

extension JSONWriter {
  mutating func member(_ name: StaticString, _ value: String) { string(name, value) }

  mutating func member(_ name: StaticString, ifPresent value: String?) {
    if let value { string(name, value) }
  }

  mutating func member(_ name: StaticString, _ value: Int) { int(name, value) }

  mutating func member(_ name: StaticString, ifPresent value: Int?) {
    if let value { int(name, value) }
  }

  /// True is written, false is left out: every flag of the protocol is false when absent.
  mutating func flag(_ name: StaticString, _ value: Bool) {
    if value { bool(name, true) }
  }

  /// Sequences are decimal strings: they may exceed what a double holds.
  mutating func member(_ name: StaticString, sequence value: UInt64) { string(name, String(value)) }

  mutating func member(_ name: StaticString, _ values: [String]) {
    array(name, values) { $0.string($1) }
  }

  mutating func member(_ name: StaticString, sequences values: [UInt64]) {
    array(name, values) { $0.string(String($1)) }
  }

  mutating func array<T>(_ name: StaticString, _ values: [T], _ element: (inout JSONWriter, T) -> Void) {
    array(name) { writer in
      for value in values { element(&writer, value) }
    }
  }

  /// A parsed value, written anew.
  mutating func value(_ value: JSONValue) {
    switch value.kind {
    case .object:
      object { writer in
        value.forEachMember { name, member in
          writer.name(dynamic: String(decoding: name, as: UTF8.self))
          writer.value(member)
        }
      }
    case .array:
      array { writer in value.forEachElement { writer.value($0) } }
    default:
      if let text = value.string {
        string(text)
      } else if let flag = value.bool {
        bool(flag)
      } else if let number = value.int64 {
        int(number)
      } else if let number = value.double {
        double(number)
      } else {
        null()
      }
    }
  }
}
