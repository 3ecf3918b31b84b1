internal import CasusEvents
internal import CasusNames
internal import IJSON
internal import SystemFiles
public import YAML

extension ConfigurationReader {
  /// Reads a plugin's settings over their defaults: what the file leaves out keeps its default.
  ///
  /// The defaults say what the file may hold: a mapping has their members, so that a misspelt name is a fault, as is a value of
  /// another kind; a mapping that is empty among them is a table that the file fills. Every member needs a default, which is
  /// not nil. For settings of which only few rows need a sentence of their own; others have a table.
  ///
  /// - Parameters:
  ///   - path: the file that CASUS_SETTINGS names; nil where there is none: the defaults as they are.
  ///   - check: reports what no settings may say, each by the member's dotted path, `dominance.minimum`.
  /// - Throws: `ConfigurationError` with every fault, `SystemError` where the file cannot be read.
  public static func settings<Value: Codable>(
    _ path: String?, over defaults: Value,
    _ check: (_ value: Value, _ report: @escaping (_ path: String, _ message: String) -> Void) -> Void
  ) throws -> Value {
    guard let path else {
      let reader = ConfigurationReader(file: withoutFile)
      check(defaults) { reader.report(nil, "\($0): \($1)") }
      return try reader.finish(defaults)
    }
    let reader = ConfigurationReader(file: path)
    let bytes = try Files.read(path)
    guard let given = reader.document(bytes, "a mapping of settings"),
      let standard = try YAMLNode.parse(canonicalJSON(defaults))
    else { return try reader.finish(nil) }
    let overlay = Overlay(reader: reader, standard: standard, given: given)
    return try reader.finish(overlay.read(check))
  }

  /// A value as JSON text. Plain scalars follow YAML 1.2's core schema, so `no` and `on` stay words; a plain `${NAME}` is
  /// whatever its value is.
  ///
  /// - Parameter tagged: what a scalar with a tag stands for; nil where it stands for itself.
  public func json(
    _ node: YAMLNode, tagged: (_ tag: String, _ text: String, _ node: YAMLNode) -> String? = { _, _, _ in nil }
  ) -> String {
    switch node.content {
    case .mapping(let mapping):
      refuseTag(node)
      let members = mapping.map { "\(JSONWriter.quoted(expanded($0.key) ?? "")):\(json($0.value, tagged: tagged))" }
      return "{" + members.joined(separator: ",") + "}"
    case .sequence(let sequence):
      refuseTag(node)
      return "[" + sequence.map { json($0, tagged: tagged) }.joined(separator: ",") + "]"
    case .scalar(let scalar):
      var untagged = node
      untagged.tag = nil
      let text = expanded(untagged) ?? ""
      if let tag = node.tag, let json = tagged(tag, text, node) { return json }
      refuseTag(node)
      _ = refuseOctal(node)
      return (scalar.isPlain ? YAMLScalar.literal(text) : nil) ?? JSONWriter.quoted(text)
    }
  }
}

/// What a file says over what holds without it. For the time of one read.
private final class Overlay {
  let reader: ConfigurationReader
  let standard: YAMLNode
  let given: YAMLNode
  /// Members whose value in the file is a fault: they keep their default, so that the others can be looked at.
  private var dropped: Set<[String]> = []

  init(reader: ConfigurationReader, standard: YAMLNode, given: YAMLNode) {
    self.reader = reader
    self.standard = standard
    self.given = given
  }

  func read<Value: Decodable>(
    _ check: (_ value: Value, _ report: @escaping (_ path: String, _ message: String) -> Void) -> Void
  ) -> Value? {
    judge(given, standard, [])
    while true {
      do {
        let text = merged(standard, given, [])
        let value = try JSONDocument(Array(text.utf8)).decode(Value.self)
        check(value) { [self] path, message in reader.report(node(at: path[...], in: given), "\(path): \(message)") }
        return value
      } catch {
        let fault = error as? JSONError
        let path = fault?.pointer.map(Self.names) ?? []
        // Each round drops one more member of the file, so there is an end.
        guard let member = member(at: path), dropped.insert(member).inserted else {
          reader.report(given, fault?.message ?? "\(error)")
          return nil
        }
        let name = path.joined(separator: ".")
        reader.report(node(at: path[...], in: given), "\(name) \(fault?.message ?? "\(error)")")
      }
    }
  }

  /// Names that the defaults do not have, and values in the place of mappings.
  private func judge(_ given: YAMLNode, _ standard: YAMLNode, _ path: [String]) {
    guard let known = standard.mapping, !known.isEmpty, !(given.scalar?.isNull ?? false) else { return }
    let what = path.isEmpty ? "the settings" : path.joined(separator: ".")
    let names = known.map(\.name)
    guard let members = given.mapping else {
      reader.report(given, "\(what): a mapping of \(names.joined(separator: ", ")) is expected")
      return
    }
    for member in members {
      if let inner = standard[member.name] {
        judge(member.value, inner, path + [member.name])
      } else {
        reader.reportUnknown(member, in: what, among: names)
      }
    }
  }

  private func merged(_ standard: YAMLNode, _ given: YAMLNode?, _ path: [String]) -> String {
    guard let given, !dropped.contains(path), !(given.scalar?.isNull ?? false) else { return reader.json(standard) }
    guard let members = standard.mapping, !members.isEmpty else { return reader.json(given) }
    let texts = members.map { member in
      JSONWriter.quoted(member.name) + ":" + merged(member.value, given[member.name], path + [member.name])
    }
    return "{" + texts.joined(separator: ",") + "}"
  }

  /// The member of the file that can be left out for its default: not a part of a list, nor of a table that the file fills.
  private func member(at path: [String]) -> [String]? {
    var (standard, given) = (standard, given)
    var member: [String] = []
    for name in path {
      guard let inner = standard[name], let value = given[name] else { break }
      (standard, given) = (inner, value)
      member.append(name)
    }
    return member.isEmpty ? nil : member
  }

  /// The value that a path names, or as much of the way to it as there is.
  private func node(at path: ArraySlice<String>, in node: YAMLNode) -> YAMLNode {
    guard let name = path.first else { return node }
    if let elements = node.sequence, let index = Int(name), elements.indices.contains(index) {
      return self.node(at: path.dropFirst(), in: elements[index])
    }
    return node[name].map { self.node(at: path.dropFirst(), in: $0) } ?? node
  }

  /// The same with a dotted path; a name may have dots, too.
  private func node(at path: Substring, in node: YAMLNode) -> YAMLNode {
    for member in node.mapping ?? [] {
      if path.utf8.elementsEqual(member.name.utf8) { return member.value }
      if path.hasPrefix(member.name + ".") {
        return self.node(at: path.dropFirst(member.name.count + 1), in: member.value)
      }
    }
    return node
  }

  private static func names(_ pointer: String) -> [String] {
    pointer.split(separator: "/").map { String($0).replacing("~1", with: "/").replacing("~0", with: "~") }
  }
}
