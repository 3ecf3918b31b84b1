internal import CasusEvents
package import YAML

/// What is wrong with a mapping or an asset list, and where.
package struct ConfigurationError: Error, Equatable, CustomStringConvertible {
  package var file: String
  /// From 1; nil when the file as a whole is meant.
  package var line: Int?
  package var message: String

  package init(file: String, line: Int? = nil, message: String) {
    self.file = file
    self.line = line
    self.message = message
  }

  package var description: String { line.map { "\(file):\($0): \(message)" } ?? "\(file): \(message)" }
}

/// Reads YAML (or JSON, which is YAML too) with the line of everything that is wrong.
package struct ConfigurationReader {
  package let file: String

  package init(file: String) { self.file = file }

  package func fail(_ node: YAMLNode?, _ message: String) -> ConfigurationError {
    ConfigurationError(file: file, line: node?.place.line, message: message)
  }

  package func document(_ text: String) throws(ConfigurationError) -> YAMLNode {
    let node: YAMLNode?
    do {
      node = try YAMLNode.parse(text)
    } catch {
      throw ConfigurationError(file: file, line: error.place?.line, message: error.message)
    }
    guard let node else { throw ConfigurationError(file: file, message: "it is empty") }
    return node
  }

  /// A mapping's members, none of them unknown.
  package func members(_ node: YAMLNode, of what: String, known: Set<String>? = nil) throws(ConfigurationError) -> [(
    String, YAMLNode
  )] {
    guard let mapping = node.mapping else { throw fail(node, "\(what) must be a mapping") }
    var members: [(String, YAMLNode)] = []
    for member in mapping {
      if let known, !known.contains(member.name) {
        throw fail(member.key, "\(what) has no '\(member.name)'; it has \(known.sorted().joined(separator: ", "))")
      }
      members.append((member.name, member.value))
    }
    return members
  }

  package func elements(_ node: YAMLNode, of what: String) throws(ConfigurationError) -> [YAMLNode] {
    guard let elements = node.sequence else { throw fail(node, "\(what) must be a list") }
    return elements
  }

  package func string(_ node: YAMLNode, _ what: String) throws(ConfigurationError) -> String {
    guard let text = node.string, !text.isEmpty else { throw fail(node, "\(what) must be a text") }
    return text
  }

  package func number(_ node: YAMLNode, _ what: String, _ range: ClosedRange<Double>) throws(ConfigurationError)
    -> Double
  {
    guard let text = node.string, let value = Double(text), range.contains(value) else {
      throw fail(node, "\(what) must be a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// One value or a list of them.
  package func oneOrMore(_ node: YAMLNode) -> [YAMLNode] { node.sequence ?? [node] }

  package func choice<T: CaseIterable & RawRepresentable>(_ node: YAMLNode, _ what: String, _: T.Type)
    throws(ConfigurationError)
    -> T
  where T.RawValue == String {
    guard let value = try T(rawValue: string(node, what)) else {
      throw fail(node, "\(what) must be one of \(T.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return value
  }
}
