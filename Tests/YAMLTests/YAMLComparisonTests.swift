import Foundation
import SeededRandom
import TestSupport
import Testing
import YAML

@Suite("Who reads YAML otherwise reads the same")
struct YAMLComparisonTests {
  /// JSON is YAML, and another reader knows what it says.
  @Test
  func `of every schema and example in JSON`() throws {
    let folders = ["Sources/CasusEvents/Schemas", "docs/events"]
    var compared = 0
    for folder in folders {
      let names = try FileManager.default.subpathsOfDirectory(atPath: Checkout.root.appending(path: folder).path)
      for name in names where name.hasSuffix(".json") {
        let data = try Data(contentsOf: Checkout.root.appending(path: "\(folder)/\(name)"))
        let node = try #require(try YAMLNode.parse(Array(data)), "\(name)")
        let value = try JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed)
        #expect(isSame(node, value), "\(name)")
        compared += 1
      }
    }
    #expect(compared > 20)
  }

  private func isSame(_ node: YAMLNode, _ value: Any) -> Bool {
    switch node.content {
    case .mapping(let members):
      guard let object = value as? [String: Any], object.count == members.count else { return false }
      return members.allSatisfy { member in object[member.name].map { isSame(member.value, $0) } ?? false }
    case .sequence(let elements):
      guard let array = value as? [Any], array.count == elements.count else { return false }
      return zip(elements, array).allSatisfy { isSame($0, $1) }
    case .scalar(let scalar):
      if scalar.style == .doubleQuoted { return scalar.text == value as? String }
      switch scalar.text {
      case "true", "false": return (value as? Bool).map { "\($0)" } == scalar.text
      case "null": return value is NSNull
      default: return (value as? NSNumber)?.doubleValue == Double(scalar.text)
      }
    }
  }

  @Test
  func `of every tree that is written down, in flow and in block style`() throws {
    var random = SeededGenerator(seed: 11)
    for _ in 0..<200 {
      let tree = tree(3, &random)
      let expected = outline(tree)
      #expect(try read(flow(tree)) == expected)
      #expect(try read(block(tree, "")) == expected)
    }
  }

  private func tree(_ depth: Int, _ random: inout SeededGenerator) -> YAMLNode {
    let content: YAMLNode.Content
    switch depth == 0 ? 0 : Int.random(in: 0..<3, using: &random) {
    case 1: content = .sequence((0..<Int.random(in: 1..<5, using: &random)).map { _ in tree(depth - 1, &random) })
    case 2:
      content = .mapping(
        (0..<Int.random(in: 1..<5, using: &random)).map { number in
          let name = "\(number)\(text(&random))"
          return YAMLMember(name: name, key: scalar(name), value: tree(depth - 1, &random))
        })
    default: return scalar(text(&random))
    }
    return YAMLNode(content, at: YAMLPlace(line: 1, column: 1))
  }

  private func scalar(_ text: String) -> YAMLNode {
    YAMLNode(.scalar(YAMLScalar(text: text, style: .doubleQuoted)), at: YAMLPlace(line: 1, column: 1))
  }

  private func text(_ random: inout SeededGenerator) -> String {
    let characters: [Character] = [
      "a", " ", "\n", "\"", "\\", ":", "#", "-", "*", "&", "[", "}", "é", "あ", "😀", "'", "\t",
    ]
    return String((0..<Int.random(in: 0..<12, using: &random)).map { _ in characters.randomElement(using: &random)! })
  }

  private func quoted(_ text: String) -> String {
    var escaped = "\""
    for character in text {
      switch character {
      case "\"", "\\": escaped += "\\\(character)"
      case "\n": escaped += "\\n"
      case "\t": escaped += "\\t"
      default: escaped.append(character)
      }
    }
    return escaped + "\""
  }

  private func flow(_ node: YAMLNode) -> String {
    switch node.content {
    case .scalar(let scalar): quoted(scalar.text)
    case .sequence(let elements): "[" + elements.map(flow).joined(separator: ", ") + "]"
    case .mapping(let members):
      "{" + members.map { quoted($0.name) + ": " + flow($0.value) }.joined(separator: ", ") + "}"
    }
  }

  private func block(_ node: YAMLNode, _ indent: String) -> String {
    switch node.content {
    case .scalar(let scalar): " " + quoted(scalar.text) + "\n"
    case .sequence(let elements): "\n" + elements.map { indent + "-" + block($0, indent + "  ") }.joined()
    case .mapping(let members):
      "\n" + members.map { indent + quoted($0.name) + ":" + block($0.value, indent + "  ") }.joined()
    }
  }
}
