internal import CasusNames
internal import SystemFiles
public import YAML

/// Reads one configuration file and collects everything that is wrong with it, each fault with its place.
///
/// Nothing is thrown before the end: a reader asks for values, gets nil or nothing where one is missing or wrong, and goes on
/// with what it has; `read` throws when there was any fault. For the time of one read, and of one thread.
public final class ConfigurationReader {
  /// As messages show it.
  public let file: String
  /// What `${NAME}` in a text may name; nil where a file has no variables.
  let variables: [String: String]?
  public private(set) var faults: [ConfigurationFault] = []

  public init(file: String, variables: [String: String]? = nil) {
    self.file = file
    self.variables = variables
  }

  /// Reads a mapping.
  /// - Throws: when there was any fault, also one that `body` reported.
  public static func read<Value>(
    _ bytes: [UInt8], file: String, as table: FieldTable, variables: [String: String]? = nil,
    _ body: (Members) -> Value?
  ) throws(ConfigurationError) -> Value {
    let reader = ConfigurationReader(file: file, variables: variables)
    let value = reader.document(bytes, table.name).flatMap { reader.members($0, of: table) }.flatMap(body)
    return try reader.finish(value)
  }

  static let withoutFile = "the settings (there is no file)"

  /// Reads a plugin's settings: the file that CASUS_SETTINGS names, or an empty mapping where there is none.
  public static func settings<Value>(
    _ path: String?, as table: FieldTable, _ body: (Members) -> Value?
  ) throws -> Value {
    guard let path else { return try read(Array("{}".utf8), file: withoutFile, as: table, body) }
    return try read(Files.read(path), file: path, as: table, body)
  }

  /// A reader of another file that this one names; its faults are to be reported here.
  public func reader(of file: String) -> ConfigurationReader { ConfigurationReader(file: file, variables: variables) }

  /// The value, unless there was a fault.
  public func finish<Value>(_ value: Value?) throws(ConfigurationError) -> Value {
    guard let value, faults.isEmpty else { throw ConfigurationError(faults) }
    return value
  }

  /// Where nothing more can be said of it: nil for the file as a whole.
  public func report(_ node: YAMLNode?, _ message: String) {
    faults.append(ConfigurationFault(file: file, place: node?.place, message))
  }

  /// Faults of another file that this one names, at the place where it does.
  public func report(_ faults: [ConfigurationFault]) { self.faults += faults }

  /// The file's value; nil when it is empty or no YAML.
  public func document(_ bytes: [UInt8], _ what: String) -> YAMLNode? {
    do throws(YAMLError) {
      let (node, duplicates) = try YAMLNode.read(bytes)
      faults += duplicates.map { ConfigurationFault(file: file, place: $0.place, $0.message) }
      if let node { return node }
      report(nil, "is empty; \(what) is expected")
    } catch {
      let message = error.code == .syntax ? "is no YAML here: \(error.message)" : error.message
      faults.append(ConfigurationFault(file: file, place: error.place, message))
    }
    return nil
  }

  /// Nothing here is told apart by a tag: one that is passed over would be taken for something that it does not do.
  func refuseTag(_ node: YAMLNode) {
    guard let tag = node.tag else { return }
    let prefix = "tag:yaml.org,2002:"
    let written = tag.hasPrefix(prefix) ? "!!\(tag.dropFirst(prefix.count))" : tag
    report(
      node, "the tag \(written) means nothing here; leave it out (a text that looks like something else needs quotes)")
  }

  /// A number with zeros in front: YAML 1.1 takes 0777 for 511, YAML 1.2 for 777.
  func refuseOctal(_ node: YAMLNode) -> Bool {
    guard let scalar = node.scalar, scalar.isPlain, scalar.beginsWithZeros else { return false }
    report(
      node,
      "\(scalar.text) is one number for some readers of YAML and another for others; write it without zeros in front")
    return true
  }

  /// A member that its mapping does not know.
  func reportUnknown(_ member: YAMLMember, in what: String, among names: [String]) {
    let suggestion = Suggestion.text(for: member.name, among: names)
    let known = suggestion.isEmpty ? "; it has \(names.joined(separator: ", "))" : suggestion
    report(member.key, "there is no setting \"\(member.name)\" in \(what)\(known)")
  }

  /// A mapping's members. An unknown name is a fault, and so is a missing one that must be there; nothing at all is an empty
  /// mapping.
  public func members(_ node: YAMLNode, of table: FieldTable) -> Members? {
    var values: [String: YAMLNode] = [:]
    refuseTag(node)
    if let mapping = node.mapping {
      for member in mapping {
        refuseTag(member.key)
        if table[member.name] != nil {
          // Nothing is as good as left out.
          if !(member.value.scalar?.isNull ?? false) { values[member.name] = member.value }
        } else {
          reportUnknown(member, in: table.name, among: table.names)
        }
      }
    } else if !(node.scalar?.isNull ?? false) {
      report(node, "\(table.name) is a mapping of \(table.names.joined(separator: ", "))")
      return nil
    }
    for field in table.fields where field.isRequired && values[field.name] == nil {
      report(node, "\(table.name) needs '\(field.name)': \(field.doc)")
    }
    return Members(reader: self, table: table, node: node, values: values)
  }
}

/// The members of one mapping, read as the rows of its table say. A wrong value is reported and is then as good as absent.
public struct Members {
  public let reader: ConfigurationReader
  public let table: FieldTable
  /// The mapping itself.
  public let node: YAMLNode
  let values: [String: YAMLNode]

  /// A member as it stands there.
  public subscript(name: String) -> YAMLNode? {
    precondition(table[name] != nil, "\(table.name) has no '\(name)'")
    return values[name]
  }

  /// How many members there are.
  public var count: Int { values.count }

  /// Whether it stands there as a list without elements.
  public func isEmptyList(_ name: String) -> Bool { self[name]?.sequence?.isEmpty ?? false }

  /// A fault of one member, or of the mapping where that is absent.
  public func report(_ name: String, _ message: String) { reader.report(self[name] ?? node, message) }

  /// A fault of the mapping itself.
  public func report(_ message: String) { reader.report(node, message) }

  private func kind(_ name: String) -> Field.Kind {
    guard let field = table[name] else { preconditionFailure("\(table.name) has no '\(name)'") }
    return field.kind
  }

  /// Any kind that is one text: names, patterns, paths, choices.
  public func text(_ name: String) -> String? {
    self[name].flatMap { reader.text($0, kind(name), name) }
  }

  /// The texts of a list, or of one value where one will do; empty when there is none.
  public func texts(_ name: String) -> [String] { items(name).map(\.text) }

  /// The same, each with its place.
  public func items(_ name: String) -> [(text: String, node: YAMLNode)] {
    guard let node = self[name] else { return [] }
    return reader.elements(node, kind(name), name).compactMap { element in
      reader.text(element.node, element.kind, name).map { ($0, element.node) }
    }
  }

  public func integer(_ name: String) -> Int? {
    guard case .integer(let range) = kind(name) else { preconditionFailure("'\(name)' is no whole number") }
    return self[name].flatMap { reader.integer($0, in: range, name) }
  }

  public func number(_ name: String) -> Double? {
    guard case .number(let range) = kind(name) else { preconditionFailure("'\(name)' is no number") }
    return self[name].flatMap { reader.number($0, in: range, name) }
  }

  public func flag(_ name: String) -> Bool? { self[name].flatMap { reader.flag($0, name) } }

  /// Nanoseconds.
  public func span(_ name: String) -> Int64? {
    guard let text = text(name) else { return nil }
    return TimeSpan.nanoseconds(text)
  }

  public func choice<T: RawRepresentable>(_ name: String, as _: T.Type = T.self) -> T? where T.RawValue == String {
    guard let text = text(name) else { return nil }
    guard let value = T(rawValue: text) else {
      preconditionFailure("'\(name)' may be \(text), which \(T.self) does not know")
    }
    return value
  }

  public func members(_ name: String) -> Members? {
    guard case .table(let table) = kind(name) else { preconditionFailure("'\(name)' is no mapping") }
    return self[name].flatMap { reader.members($0, of: table) }
  }

  /// The mappings of a list, or of one where one will do.
  public func list(_ name: String) -> [Members] {
    guard let node = self[name] else { return [] }
    return reader.elements(node, kind(name), name).compactMap { element in
      guard case .table(let table) = element.kind else { preconditionFailure("'\(name)' is no list of mappings") }
      return reader.members(element.node, of: table)
    }
  }

  /// A mapping whose names the file chooses: each with its key, for its place, and its value.
  public func map(_ name: String) -> [(name: String, key: YAMLNode, value: YAMLNode)] {
    guard case .map = kind(name) else { preconditionFailure("'\(name)' is no mapping of any names") }
    guard let node = self[name], !(node.scalar?.isNull ?? false) else { return [] }
    reader.refuseTag(node)
    guard let mapping = node.mapping else {
      reader.report(node, "\(name) is a mapping: NAME: value")
      return []
    }
    return mapping.compactMap { member in reader.expanded(member.key).map { ($0, member.key, member.value) } }
  }
}
