internal import IJSON

/// A set of JSON Schema's types. A whole number is an `integer` and a `number`.
struct JSONType: OptionSet {
  let rawValue: UInt8

  static let null = JSONType(rawValue: 1)
  static let boolean = JSONType(rawValue: 2)
  static let integer = JSONType(rawValue: 4)
  static let fraction = JSONType(rawValue: 8)
  static let string = JSONType(rawValue: 16)
  static let array = JSONType(rawValue: 32)
  static let object = JSONType(rawValue: 64)

  static let number: JSONType = [.integer, .fraction]
  static let any = JSONType(rawValue: 127)

  static let names: [(name: String, type: JSONType)] = [
    ("array", .array), ("boolean", .boolean), ("integer", .integer), ("null", .null), ("number", .number),
    ("object", .object), ("string", .string),
  ]

  /// The type of a tape word's kind; a double counts as a fraction until it is looked at.
  @inline(__always)
  static func of(_ kind: UInt8) -> JSONType {
    switch kind {
    case Tape.string: .string
    case Tape.object: .object
    case Tape.int64, Tape.uint64: .integer
    case Tape.double: .fraction
    case Tape.array: .array
    case Tape.yes, Tape.no: .boolean
    default: .null
    }
  }

  /// `a string or a number`, for messages.
  var text: String {
    var names: [String] = []
    for (name, type) in Self.names where isSuperset(of: type) && !type.isEmpty {
      if name == "integer", isSuperset(of: .number) { continue }
      names.append(
        (name == "array" || name == "integer" || name == "object" ? "an " : name == "null" ? "" : "a ") + name)
    }
    guard let last = names.popLast() else { return "nothing" }
    return names.isEmpty ? last : names.joined(separator: ", ") + " or " + last
  }
}
