import YAML

extension ConfigurationReader {
  /// `when`: members that all must hold, each a dotted path and a test.
  func conditions(_ node: YAMLNode) throws(ConfigurationError) -> [Condition] {
    var conditions: [Condition] = []
    for (path, value) in try members(node, of: "when") {
      guard !path.isEmpty, !path.split(separator: ".", omittingEmptySubsequences: false).contains("") else {
        throw fail(value, "'\(path)' is not a dotted path")
      }
      for test in try tests(value) { conditions.append(Condition(path: FieldPath(path), test: test)) }
    }
    guard !conditions.isEmpty else { throw fail(node, "'when' is empty") }
    return conditions
  }

  /// A value, a list of values, or a mapping of tests.
  private func tests(_ node: YAMLNode) throws(ConfigurationError) -> [Condition.Test] {
    guard node.mapping != nil else { return [.oneOf(try scalars(node))] }
    let known: Set = [
      "is", "contains", "starts", "ends", "at-least", "at-most", "present", "cidr", "same-as", "not", "not-contains",
    ]
    var tests: [Condition.Test] = []
    for (name, value) in try members(node, of: "a test", known: known) {
      switch name {
      case "is": tests.append(.oneOf(try scalars(value)))
      case "not": tests.append(.not(.oneOf(try scalars(value))))
      case "contains": tests.append(.contains(try texts(value)))
      case "not-contains": tests.append(.not(.contains(try texts(value))))
      case "starts": tests.append(.starts(try texts(value)))
      case "ends": tests.append(.ends(try texts(value)))
      case "at-least": tests.append(.atLeast(try number(value, name, -1e15...1e15)))
      case "at-most": tests.append(.atMost(try number(value, name, -1e15...1e15)))
      case "present":
        guard let text = value.string, text == "true" || text == "false" else {
          throw fail(value, "present must be true or false")
        }
        tests.append(text == "true" ? .present : .absent)
      case "cidr":
        var ranges: [AddressRange] = []
        for element in oneOrMore(value) {
          guard let range = AddressRange(try string(element, name)) else {
            throw fail(element, "cidr must be an address or a network such as 10.30.0.0/16")
          }
          ranges.append(range)
        }
        tests.append(.within(ranges))
      default: tests.append(.sameAs(FieldPath(try string(value, name))))
      }
    }
    guard !tests.isEmpty else { throw fail(node, "a test is missing") }
    return tests
  }

  private func scalars(_ node: YAMLNode) throws(ConfigurationError) -> [JSONTree] {
    var values: [JSONTree] = []
    for element in oneOrMore(node) {
      guard let text = element.string else { throw fail(element, "a value was expected") }
      values.append(.string(text))
    }
    guard !values.isEmpty else { throw fail(node, "the list is empty") }
    return values
  }

  /// In lower case, as they are compared.
  private func texts(_ node: YAMLNode) throws(ConfigurationError) -> [String] {
    var values: [String] = []
    for element in oneOrMore(node) { values.append(try string(element, "the test").lowercased()) }
    guard !values.isEmpty else { throw fail(node, "the list is empty") }
    return values
  }
}
