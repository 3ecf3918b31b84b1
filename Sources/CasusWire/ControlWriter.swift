internal import IJSON

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
  mutating func member(_ name: StaticString, sequence value: UInt64) {
    self.name(name)
    decimalString(value)
  }

  mutating func member(_ name: StaticString, ifPresent value: UInt64?) {
    if let value { member(name, sequence: value) }
  }

  mutating func member(_ name: StaticString, _ values: [String]) {
    array(name, values) { $0.string($1) }
  }

  mutating func member(_ name: StaticString, sequences values: [UInt64]) {
    array(name, values) { $0.decimalString($1) }
  }

  mutating func array<T>(_ name: StaticString, _ values: [T], _ element: (inout JSONWriter, T) -> Void) {
    array(name) { writer in
      for value in values { element(&writer, value) }
    }
  }
}
