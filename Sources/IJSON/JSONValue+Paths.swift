/// For texts whose shape is somebody else's.
extension JSONValue {
  /// Every value at a path of member names; arrays on the way stand for each of their elements, also at the end.
  public func values(at path: some Sequence<String>) -> [JSONValue] {
    var found = [self]
    for name in path {
      var name = name
      found = found.flatMap(\.flattened).compactMap { value in name.withUTF8 { value.member($0) } }
      if found.isEmpty { return [] }
    }
    return found.flatMap(\.flattened)
  }

  private var flattened: [JSONValue] { kind == .array ? elements.flatMap(\.flattened) : [self] }

  /// A scalar as text: a string's characters, a number's shortest digits, `true`, `false`; nil for the rest.
  public var text: String? {
    switch kind {
    case .string: return string
    case .boolean: return bool.map { $0 ? "true" : "false" }
    case .integer: return int64.map { "\($0)" } ?? uint64.map { "\($0)" }
    case .double:
      var digits: [UInt8] = []
      digits.appendShortest(double ?? 0)
      return String(decoding: digits, as: UTF8.self)
    case .null, .array, .object: return nil
    }
  }
}
