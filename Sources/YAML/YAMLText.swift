/// A value to be written as YAML: mappings and the lists of them over several lines, what is inside them on one. Any reader
/// of YAML 1.1, 1.2 or, on one line, of a superset of JSON gets the same texts back. A plain value.
public indirect enum YAMLText: Sendable {
  /// A text, in quotes where it could be read as something else.
  case text(String)
  case integer(Int)
  case flag(Bool)
  case list([YAMLText])
  /// In this order.
  case mapping([(name: String, value: YAMLText)])

  public static func texts(_ texts: some Sequence<String>) -> YAMLText { .list(texts.map { .text($0) }) }

  /// The whole of a file.
  /// - Parameter comment: its first line, without `# `.
  public func file(comment: String) -> String {
    var text = "# \(comment)\n"
    guard case .mapping(let members) = self else { return text + line + "\n" }
    for (name, value) in members {
      text += Self.scalar(name) + ":"
      switch value {
      case .mapping(let inner) where !inner.isEmpty:
        text += "\n"
        for (name, value) in inner { text += "  \(Self.scalar(name)): \(value.line)\n" }
      case .list(let elements) where elements.contains(where: \.isMapping):
        text += "\n"
        for element in elements { text += "  - \(element.line)\n" }
      default: text += " \(value.line)\n"
      }
    }
    return text
  }

  private var isMapping: Bool { if case .mapping = self { true } else { false } }

  /// On one line.
  public var line: String {
    switch self {
    case .text(let text): Self.scalar(text)
    case .integer(let number): String(number)
    case .flag(let flag): flag ? "true" : "false"
    case .list(let elements): "[\(elements.map(\.line).joined(separator: ", "))]"
    case .mapping(let members):
      "{\(members.map { "\(Self.scalar($0.name)): \($0.value.line)" }.joined(separator: ", "))}"
    }
  }

  /// Plain where nobody could take it for anything but this text: letters, digits and some marks, a letter first, and no word
  /// of YAML's own.
  private static func scalar(_ text: String) -> String {
    let isBare =
      (text.utf8.first.map { (97...122).contains($0 | 0x20) } ?? false)
      && text.utf8.allSatisfy { byte in
        (97...122).contains(byte | 0x20) || (48...57).contains(byte) || [0x2d, 0x2e, 0x2f, 0x5f].contains(byte)
      }
    let words = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"]
    return isBare && !words.contains(text.lowercased()) ? text : quoted(text)
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\u{20}"..."\u{7e}": quoted.unicodeScalars.append(scalar)
      default:
        let digits = String(scalar.value, radix: 16)
        let width = scalar.value < 0x10000 ? 4 : 8
        quoted += (width == 4 ? "\\u" : "\\U") + String(repeating: "0", count: width - digits.count) + digits
      }
    }
    return quoted + "\""
  }
}
