import CasusConfiguration
import YAML

extension ConfigurationReader {
  /// `when`: members that all must hold, each a dotted path and a test.
  func conditions(_ node: YAMLNode) -> [Condition] {
    guard let members = node.mapping, !members.isEmpty else {
      report(node, "'when' is empty: a mapping of dotted paths and what they must be")
      return []
    }
    return members.flatMap { member -> [Condition] in
      let path = member.name
      guard !path.isEmpty, !path.split(separator: ".", omittingEmptySubsequences: false).contains("") else {
        report(member.key, "'\(path)' is not a dotted path")
        return []
      }
      return tests(member.value).map { Condition(path: FieldPath(path), test: $0) }
    }
  }

  /// A value, a list of values, or a mapping of tests.
  private func tests(_ node: YAMLNode) -> [Condition.Test] {
    guard node.mapping != nil else { return [.oneOf(scalars(node))] }
    guard let members = members(node, of: Self.tests) else { return [] }
    var tests: [Condition.Test] = []
    for name in Self.tests.names {
      guard let value = members[name] else { continue }
      switch name {
      case "is": tests.append(.oneOf(scalars(value)))
      case "not": tests.append(.not(.oneOf(scalars(value))))
      case "contains": tests.append(.contains(words(members, name)))
      case "not-contains": tests.append(.not(.contains(words(members, name))))
      case "starts": tests.append(.starts(words(members, name)))
      case "ends": tests.append(.ends(words(members, name)))
      case "at-least": if let number = members.number(name) { tests.append(.atLeast(number)) }
      case "at-most": if let number = members.number(name) { tests.append(.atMost(number)) }
      case "present": if let flag = members.flag(name) { tests.append(flag ? .present : .absent) }
      case "cidr": tests.append(.within(members.addressRanges(name)))
      default: if let path = members.text(name) { tests.append(.sameAs(FieldPath(path))) }
      }
    }
    if tests.isEmpty { report(node, "a test is missing") }
    return tests
  }

  private static let tests = FieldTable(
    "a test",
    [
      Field("is", .any("a value or a list of them"), "One of these values."),
      Field("not", .any("a value or a list of them"), "None of these values."),
      Field("contains", .oneOrMore(.text), "Has one of these texts in it, whatever its case."),
      Field("not-contains", .oneOrMore(.text), "Has none of these texts in it."),
      Field("starts", .oneOrMore(.text), "Begins with one of these texts."),
      Field("ends", .oneOrMore(.text), "Ends with one of these texts."),
      Field("at-least", .number(-1e15...1e15), "A number of this size or larger."),
      Field("at-most", .number(-1e15...1e15), "A number of this size or smaller."),
      Field("present", .flag, "Whether the field is there."),
      Field("cidr", .oneOrMore(.text), "An address in one of these networks."),
      Field("same-as", .text, "The same value as another field, a dotted path."),
    ])

  private func scalars(_ node: YAMLNode) -> [String] {
    let elements = node.sequence ?? [node]
    if elements.isEmpty { report(node, "the list is empty") }
    return elements.compactMap { element in
      if let text = element.string { return text }
      report(element, "a value is expected")
      return nil
    }
  }

  /// In lower case, as they are compared.
  private func words(_ members: Members, _ name: String) -> [String] {
    if members.isEmptyList(name) { members.report(name, "the list is empty") }
    return members.texts(name).map { $0.lowercased() }
  }
}

extension Members {
  /// Addresses or networks.
  func addressRanges(_ name: String) -> [AddressRange] {
    items(name).compactMap { text, node in
      if let range = AddressRange(text) { return range }
      reader.report(node, "\(name) must be an address or a network such as 10.30.0.0/16, not \"\(text)\"")
      return nil
    }
  }
}
