internal import CasusEvents
package import Yams

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

  package func fail(_ node: Node?, _ message: String) -> ConfigurationError {
    ConfigurationError(file: file, line: node?.mark?.line, message: message)
  }

  package func document(_ text: String) throws(ConfigurationError) -> Node {
    guard !YAMLAliases.areTooMany(in: text) else {
      throw ConfigurationError(
        file: file, message: "more than \(YAMLAliases.most) aliases (*name); write the values out")
    }
    do {
      guard let node = try Yams.compose(yaml: text) else {
        throw ConfigurationError(file: file, message: "it is empty")
      }
      return node
    } catch let error as ConfigurationError {
      throw error
    } catch let error as YamlError {
      switch error {
      case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
        .composer(_, let problem, let mark, _):
        throw ConfigurationError(file: file, line: mark.line, message: problem)
      default: throw ConfigurationError(file: file, message: "\(error)")
      }
    } catch {
      throw ConfigurationError(file: file, message: "\(error)")
    }
  }

  /// A mapping's members, none of them unknown.
  package func members(_ node: Node, of what: String, known: Set<String>? = nil) throws(ConfigurationError) -> [(
    String, Node
  )] {
    guard case .mapping(let mapping) = node else { throw fail(node, "\(what) must be a mapping") }
    var members: [(String, Node)] = []
    for (key, value) in mapping {
      guard let name = key.string else { throw fail(key, "a name was expected") }
      if let known, !known.contains(name) {
        throw fail(key, "\(what) has no '\(name)'; it has \(known.sorted().joined(separator: ", "))")
      }
      members.append((name, value))
    }
    return members
  }

  package func elements(_ node: Node, of what: String) throws(ConfigurationError) -> [Node] {
    guard case .sequence(let sequence) = node else { throw fail(node, "\(what) must be a list") }
    return Array(sequence)
  }

  package func string(_ node: Node, _ what: String) throws(ConfigurationError) -> String {
    guard case .scalar(let scalar) = node, !scalar.string.isEmpty else { throw fail(node, "\(what) must be a text") }
    return scalar.string
  }

  package func number(_ node: Node, _ what: String, _ range: ClosedRange<Double>) throws(ConfigurationError) -> Double {
    guard let text = node.scalar?.string, let value = Double(text), range.contains(value) else {
      throw fail(node, "\(what) must be a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// One value or a list of them.
  package func oneOrMore(_ node: Node) -> [Node] {
    if case .sequence(let sequence) = node { return Array(sequence) }
    return [node]
  }

  package func choice<T: CaseIterable & RawRepresentable>(_ node: Node, _ what: String, _: T.Type)
    throws(ConfigurationError)
    -> T
  where T.RawValue == String {
    guard let value = try T(rawValue: string(node, what)) else {
      throw fail(node, "\(what) must be one of \(T.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return value
  }
}
