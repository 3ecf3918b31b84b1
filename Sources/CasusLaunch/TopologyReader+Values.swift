internal import CasusEvents
internal import CasusNames
internal import CasusWire
internal import SystemFiles
internal import YAML

// The kinds of value a topology is made of; each reports what is wrong with it at its own line.
extension TopologyReader {
  /// The types under `casus.`: a name there that is none of them is a slip of the pen, not a schema to come.
  private static let vocabulary = EventSchemas.all.map(\.type)

  mutating func report(_ node: YAMLNode, _ message: String) {
    problems.append(.init(file: file, line: node.place.line, column: node.place.column, message: message))
  }

  mutating func members(
    _ node: YAMLNode, of what: String, keys: [String], mayBeEmpty: Bool = false
  ) -> [String: YAMLNode]? {
    guard let mapping = node.mapping else {
      if mayBeEmpty, node.string?.isEmpty ?? false { return [:] }
      report(node, "\(what) is a mapping of \(keys.joined(separator: ", "))")
      return nil
    }
    var members: [String: YAMLNode] = [:]
    for member in mapping {
      let name = member.name
      if keys.contains(name) {
        members[name] = member.value
      } else {
        let suggestion = Suggestion.text(for: name, among: keys)
        let known = suggestion.isEmpty ? "; it has \(keys.joined(separator: ", "))" : suggestion
        report(member.key, "unknown key \"\(name)\" in \(what)\(known)")
      }
    }
    return members
  }

  mutating func text(_ node: YAMLNode, _ what: String) -> String? {
    guard let text = node.string else {
      report(node, "\(what) is a text")
      return nil
    }
    return expand(text, at: node)
  }

  mutating func word(_ node: YAMLNode, _ what: String) -> String? {
    guard let name = text(node, what) else { return nil }
    if Name.isValid(name) { return name }
    report(node, "\(what) \"\(name)\" is not of words of a-z, 0-9 and - joined by dots")
    return nil
  }

  mutating func strings(_ node: YAMLNode, _ what: String) -> [String] {
    guard let sequence = node.sequence else {
      report(node, "\(what) is a list: [a, b]")
      return []
    }
    return sequence.compactMap { text($0, what) }
  }

  mutating func command(_ node: YAMLNode) -> [String]? {
    let words = strings(node, "run")
    if let first = words.first, !first.isEmpty { return words }
    if node.sequence != nil { report(node, "run names no program") }
    return nil
  }

  mutating func integer(_ node: YAMLNode, _ what: String, in range: ClosedRange<Int>) -> Int? {
    if let text = text(node, what) {
      if let number = Int(text), range.contains(number) { return number }
      report(node, "\(what) is a whole number from \(range.lowerBound) to \(range.upperBound), not \"\(text)\"")
    }
    return nil
  }

  mutating func flag(_ node: YAMLNode, _ what: String) -> Bool? {
    switch text(node, what) {
    case "true": return true
    case "false": return false
    case let text?:
      report(node, "\(what) is true or false, not \"\(text)\"")
      return nil
    case nil: return nil
    }
  }

  mutating func duration(_ node: YAMLNode, _ what: String) -> Int64? {
    guard let text = text(node, what) else { return nil }
    if let span = TimeSpan.nanoseconds(text) { return span }
    report(node, "\(what) is a span of time as 500ms, 30s, 5m or 2h, not \"\(text)\"")
    return nil
  }

  mutating func patterns(_ node: YAMLNode, _ what: String) -> [String] {
    let known = Self.vocabulary
    let patterns = strings(node, what)
    for (pattern, item) in zip(patterns, node.sequence ?? []) {
      if TypePattern(pattern) == nil {
        report(
          item,
          "\"\(pattern)\" is no type pattern: words joined by dots, * for one word, a last > for the rest")
      } else if pattern.hasPrefix("casus."), !pattern.contains(where: { $0 == "*" || $0 == ">" }),
        !known.contains(pattern)
      {
        report(item, "there is no type \(pattern)\(Suggestion.text(for: pattern, among: known))")
      }
    }
    return patterns
  }

  mutating func roles(_ node: YAMLNode) -> [String] {
    let known = ["exercise", "observer", "operator", "replay"]
    let roles = strings(node, "roles")
    for (role, item) in zip(roles, node.sequence ?? []) where !known.contains(role) {
      let suggestion = Suggestion.text(for: role, among: known)
      report(
        item, "there is no role \"\(role)\"\(suggestion.isEmpty ? ": \(known.joined(separator: ", "))" : suggestion)")
    }
    return roles
  }

  mutating func groups(_ node: YAMLNode) -> [String] {
    let groups = strings(node, "groups")
    for (group, item) in zip(groups, node.sequence ?? []) where !Name.isValid(group) {
      report(item, "a group is named in words of a-z, 0-9 and - joined by dots, not \"\(group)\"")
    }
    return groups
  }

  mutating func clearance(_ node: YAMLNode) -> String? {
    guard let text = text(node, "clearance") else { return nil }
    if TLP(rawValue: text) == nil {
      report(node, "clearance is \(TLP.allCases.map(\.rawValue).joined(separator: ", ")), not \"\(text)\"")
    }
    return text
  }

  mutating func restart(_ node: YAMLNode) -> RestartPolicy {
    var policy = RestartPolicy()
    if node.scalar != nil {
      policy.when = when(node) ?? policy.when
      return policy
    }
    let keys = ["when", "delay", "longest", "crashes", "window"]
    guard let members = members(node, of: "restart", keys: keys) else { return policy }
    if let node = members["when"] { policy.when = when(node) ?? policy.when }
    if let node = members["delay"] { policy.delay = duration(node, "delay") ?? policy.delay }
    if let node = members["longest"] { policy.longestDelay = duration(node, "longest") ?? policy.longestDelay }
    if let node = members["crashes"] { policy.crashes = integer(node, "crashes", in: 1...1000) ?? policy.crashes }
    if let node = members["window"] { policy.window = duration(node, "window") ?? policy.window }
    return policy
  }

  private mutating func when(_ node: YAMLNode) -> RestartPolicy.When? {
    guard let text = text(node, "restart") else { return nil }
    if let when = RestartPolicy.When(rawValue: text) { return when }
    let known = RestartPolicy.When.allCases.map(\.rawValue)
    report(
      node,
      "restart is \(known.joined(separator: ", ")), not \"\(text)\"\(Suggestion.text(for: text, among: known))")
    return nil
  }

  /// `${NAME}` and `${NAME:-default}` replaced; `$${` stands for a plain `${`, any other `$` for itself.
  private mutating func expand(_ text: String, at node: YAMLNode) -> String {
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

  private mutating func variable(_ inside: Substring, at node: YAMLNode) -> Substring {
    let separator = inside.firstRange(of: ":-")
    let name = String(separator.map { inside[..<$0.lowerBound] } ?? inside)
    if let value = environment[name], !value.isEmpty { return value[...] }
    if let separator { return inside[separator.upperBound...] }
    report(node, "the environment has no variable \(name)")
    return ""
  }

  /// `!file policy.yaml`: the value that another file of YAML or JSON holds.
  private mutating func contents(of path: String, at node: YAMLNode) -> String {
    let path = path.hasPrefix("/") ? path : "\(folder)/\(path)"
    guard depth < 8 else {
      report(node, "files that name files that name files: \(path) is not read")
      return "null"
    }
    do {
      let text = try HomeFiles.read(path)
      guard let root = try YAMLNode.parse(text) else { return "null" }
      var inner = TopologyReader(file: path, folder: Files.folder(of: path), environment: environment, depth: depth + 1)
      let value = inner.json(root)
      problems += inner.problems
      return value
    } catch let error as LaunchError {
      report(node, error.description)
    } catch let error as YAMLError {
      report(node, error.description(in: path))
    } catch {
      report(node, "\(path) cannot be read: \(error)")
    }
    return "null"
  }

  /// A value as JSON text. Plain scalars follow YAML 1.2's core schema, so `no` and `on` stay words; a plain `${NAME}` is
  /// whatever its value is.
  mutating func json(_ node: YAMLNode) -> String {
    switch node.content {
    case .mapping(let mapping):
      let members = mapping.map { member in
        (JSONText.quoted(text(member.key, "a setting's name") ?? ""), json(member.value))
      }
      return "{" + members.map { "\($0):\($1)" }.joined(separator: ",") + "}"
    case .sequence(let sequence):
      return "[" + sequence.map { json($0) }.joined(separator: ",") + "]"
    case .scalar(let scalar):
      let text = expand(scalar.text, at: node)
      if scalar.tag == "!file" { return contents(of: text, at: node) }
      return (scalar.isPlain ? JSONText.literal(text) : nil) ?? JSONText.quoted(text)
    }
  }
}
