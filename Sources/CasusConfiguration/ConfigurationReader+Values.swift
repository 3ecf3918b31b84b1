internal import CasusNames
internal import CasusWire
public import YAML
internal import ZeroMQ

// What a single value may be; each says what is wrong with it at its own place.
extension ConfigurationReader {
  /// A scalar's text with its variables put in; nil, and a fault, for a list or a mapping.
  public func expanded(_ node: YAMLNode) -> String? {
    guard let scalar = node.scalar else {
      report(node, "one value is expected, not \(node.sequence != nil ? "a list" : "a mapping")")
      return nil
    }
    refuseTag(node)
    guard variables != nil else { return scalar.text }
    let before = faults.count
    let text = expand(scalar.text, at: node)
    return faults.count == before ? text : nil
  }

  /// A text of a kind; nil, and a fault, when it is none.
  public func text(_ node: YAMLNode, _ kind: Field.Kind, _ name: String) -> String? {
    guard node.scalar != nil else {
      report(node, "\(name) is one value: \(kind.text)")
      return nil
    }
    guard let text = expanded(node) else { return nil }
    guard let fault = Self.fault(of: text, kind) else { return text }
    report(node, fault)
    return nil
  }

  /// Why a text is not of a kind; nil when it is.
  private static func fault(of text: String, _ kind: Field.Kind) -> String? {
    func no(_ what: String) -> String { "\"\(HarmlessText.bounded(text, bytes: 200))\" is no \(what)" }
    switch kind {
    case .name: return Name.isValid(text) ? nil : no("name: \(Name.alphabet)")
    case .identity: return PluginName(text) != nil ? nil : no("name: agency/plugin, as jp.nisc/suricata-1")
    case .pattern:
      return TypePattern(text) != nil
        ? nil : no("type pattern: words joined by dots, * for one word, a last > for the rest")
    case .prefix:
      guard Name.isValid(text) else { return no("beginning of types: \(Name.alphabet)") }
      return Name.isVocabulary(text)
        ? "types that begin with casus are the vocabulary's, which comes with the program" : nil
    case .key:
      return CurvePublicKey(z85: text) != nil ? nil : no("public key: 40 characters of Z85")
    case .nation:
      return text.utf8.count == 2 && text.utf8.allSatisfy { (65...90).contains($0) }
        ? nil : no("nation: two capital letters (ISO 3166-1)")
    case .endpoint:
      do throws(Endpoint.Fault) {
        _ = try Endpoint(text, for: .bind)
        return nil
      } catch {
        return no("endpoint: it \(error)")
      }
    case .span: return TimeSpan.nanoseconds(text) != nil ? nil : no("span of time as 500ms, 30s, 5m or 2h")
    case .choice(let words):
      guard !words.contains(where: { $0.word.utf8.elementsEqual(text.utf8) }) else { return nil }
      let known = words.map { $0.meaning.isEmpty ? $0.word : "\($0.word) (\($0.meaning))" }.joined(separator: ", ")
      return no("choice: \(known)\(Suggestion.text(for: text, among: words.map(\.word)))")
    default: return text.isEmpty ? "a text is expected" : nil
    }
  }

  public func integer(_ node: YAMLNode, in range: ClosedRange<Int>, _ name: String) -> Int? {
    guard let text = scalar(node, name), !refuseOctal(node) else { return nil }
    if let number = Int(text), range.contains(number) { return number }
    report(node, "\(name) is a whole number from \(range.lowerBound) to \(range.upperBound), not \"\(text)\"")
    return nil
  }

  public func number(_ node: YAMLNode, in range: ClosedRange<Double>, _ name: String) -> Double? {
    guard let text = scalar(node, name), !refuseOctal(node) else { return nil }
    if let number = Double(text), range.contains(number) { return number }
    report(node, "\(name) is a number from \(range.lowerBound) to \(range.upperBound), not \"\(text)\"")
    return nil
  }

  public func flag(_ node: YAMLNode, _ name: String) -> Bool? {
    guard let text = scalar(node, name) else { return nil }
    if let flag = Bool(text) { return flag }
    report(node, "\(name) is true or false, not \"\(text)\"")
    return nil
  }

  /// The elements of a list with their kind; one value is a list of itself where its kind says so.
  func elements(_ node: YAMLNode, _ kind: Field.Kind, _ name: String) -> [(node: YAMLNode, kind: Field.Kind)] {
    if node.sequence != nil { refuseTag(node) }
    switch (kind, node.sequence) {
    case (.list(let inner), let list?), (.oneOrMore(let inner), let list?): return list.map { ($0, inner) }
    case (.oneOrMore(let inner), nil): return [(node, inner)]
    case (.list, nil):
      if node.scalar?.isNull ?? false { return [] }
      report(node, "\(name) is a list: [a, b]")
      return []
    default: preconditionFailure("'\(name)' is no list")
    }
  }

  private func scalar(_ node: YAMLNode, _ name: String) -> String? {
    guard node.scalar != nil else {
      report(node, "\(name) is one value")
      return nil
    }
    return expanded(node)
  }

  /// `${NAME}` and `${NAME:-default}` replaced; `$${` stands for a plain `${`, any other `$` for itself.
  private func expand(_ text: String, at node: YAMLNode) -> String {
    var result = ""
    var rest = text[...]
    while let opening = rest.firstRange(of: "${") {
      let before = rest[..<opening.lowerBound]
      rest = rest[opening.upperBound...]
      if before.hasSuffix("$") {
        result += before.dropLast() + "${"
        continue
      }
      result += before
      guard let end = rest.firstIndex(of: "}") else {
        report(node, "a variable without its closing brace: ${\(rest)")
        return result
      }
      result += variable(rest[..<end], at: node)
      rest = rest[rest.index(after: end)...]
    }
    return result + rest
  }

  private func variable(_ inside: Substring, at node: YAMLNode) -> Substring {
    let separator = inside.firstRange(of: ":-")
    let name = String(separator.map { inside[..<$0.lowerBound] } ?? inside)
    if let value = variables?[name], !value.isEmpty { return value[...] }
    if let separator { return inside[separator.upperBound...] }
    report(node, "the environment has no variable \(name)")
    return ""
  }
}
