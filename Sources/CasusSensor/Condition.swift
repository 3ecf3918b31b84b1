public import IJSON

/// One test of a rule: a field and what its value must be. Without a value at the path only `absent` holds.
public struct Condition: Sendable {
  public var path: FieldPath
  public var test: Test

  public indirect enum Test: Sendable {
    /// Equal as text; numbers as numbers.
    case oneOf([String])
    /// Upper and lower case count as the same in these three.
    case contains([String])
    case starts([String])
    case ends([String])
    case atLeast(Double)
    case atMost(Double)
    case present
    case absent
    case within([AddressRange])
    case sameAs(FieldPath)
    case not(Test)
  }

  /// True when any value at the path passes the test.
  public func holds(for record: JSONValue) -> Bool { Self.holds(test, path.values(in: record), record) }

  private static func holds(_ test: Test, _ values: [JSONValue], _ record: JSONValue) -> Bool {
    switch test {
    case .absent: values.isEmpty
    case .present: !values.isEmpty
    case .not(let test): !values.isEmpty && !holds(test, values, record)
    case .oneOf(let wanted): values.contains { value in wanted.contains { isEqual($0, value.text) } }
    case .contains(let parts): anyText(values) { text in parts.contains { text.utf8.firstRange(of: $0.utf8) != nil } }
    case .starts(let parts): anyText(values) { text in parts.contains { text.hasPrefix($0) } }
    case .ends(let parts): anyText(values) { text in parts.contains { text.hasSuffix($0) } }
    case .atLeast(let bound): values.contains { $0.double.map { $0 >= bound } ?? false }
    case .atMost(let bound): values.contains { $0.double.map { $0 <= bound } ?? false }
    case .within(let ranges):
      values.contains { value in
        guard let text = value.text, let address = Address(text) else { return false }
        return ranges.contains { $0.contains(address) }
      }
    case .sameAs(let other):
      values.contains { value in other.values(in: record).contains { isEqual($0.text, value.text) } }
    }
  }

  /// `5`, `5.0` and `"5"` are the same; so are `true` and `"true"`.
  /// What is no scalar equals nothing.
  private static func isEqual(_ a: String?, _ b: String?) -> Bool {
    guard let first = a, let second = b else { return false }
    if first.utf8.elementsEqual(second.utf8) { return true }
    guard let x = Double(first), let y = Double(second) else { return false }
    return x == y
  }

  private static func anyText(_ values: [JSONValue], _ body: (String) -> Bool) -> Bool {
    values.contains { value in value.text.map { body($0.lowercased()) } ?? false }
  }
}
