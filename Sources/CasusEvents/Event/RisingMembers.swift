public import IJSON

/// Members of an object that must not fall: `low` ≤ `value` ≤ `high`, `started` ≤ `ended`. JSON Schema cannot compare two
/// members, so the vocabulary's schemas say it in an annotation of their own beside `properties`,
///
///     "x-rising": [["low", "value", "high"]]
///
/// and this reads it, with every reference followed, and checks events by it after the schema. Members that are absent are
/// passed over; numbers are compared as numbers, texts as RFC 3339 times. A plain value; a check allocates nothing for an event
/// that keeps it, and is a comparison for types that say nothing of the kind.
public struct RisingMembers: Sendable {
  /// What is wrong, and where.
  public struct Fault: Hashable, Sendable {
    public var message: String
    /// JSON Pointer of the member that is too small.
    public var pointer: String
    /// Of the annotation, from the object's schema.
    public var schemaPointer: String
  }

  private struct Rule: Sendable {
    /// Names on the way from the root; nil for every element of an array.
    var path: [[UInt8]?]
    var members: [[UInt8]]
  }

  private var rules: [Rule] = []
  static let keyword = "x-rising"
  /// Schemas that refer to themselves end somewhere.
  private static let deepest = 16

  /// Of a schema of the vocabulary, or a shared one, by its URN; empty for others: what plugins bring has no such annotation.
  public init(schema name: String) {
    guard let bytes = EventSchemas.documents[name], let document = try? JSONDocument(bytes) else { return }
    document.read { root in collect(root, root, [], 0) }
  }

  public var isEmpty: Bool { rules.isEmpty }

  private mutating func collect(_ schema: JSONValue, _ root: JSONValue, _ path: [[UInt8]?], _ depth: Int) {
    guard depth < Self.deepest, schema.kind == .object else { return }
    for list in schema[Array(Self.keyword.utf8)].map({ Array($0.elements) }) ?? [] {
      rules.append(Rule(path: path, members: list.elements.compactMap { $0.string.map { Array($0.utf8) } }))
    }
    if let reference = schema["$ref"]?.string { follow(reference, root, path, depth) }
    if let properties = schema["properties"] {
      for member in properties.members { collect(member.value, root, path + [Array(member.name)], depth + 1) }
    }
    if let items = schema["items"] { collect(items, root, path + [nil], depth + 1) }
  }

  private mutating func follow(_ reference: String, _ root: JSONValue, _ path: [[UInt8]?], _ depth: Int) {
    let parts = reference.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
    let names = (parts.count > 1 ? parts[1] : "").split(separator: "/").map { Array($0.utf8) }
    func target(_ root: JSONValue) -> JSONValue? {
      names.reduce(root as JSONValue?) { value, name in value.flatMap { $0[name] } }
    }
    if parts[0].isEmpty {
      if let schema = target(root) { collect(schema, root, path, depth + 1) }
    } else if let bytes = EventSchemas.documents[String(parts[0])], let document = try? JSONDocument(bytes) {
      document.read { other in
        if let schema = target(other) { collect(schema, other, path, depth + 1) }
      }
    }
  }

  /// The first fault of a value that keeps its schema; nil when nothing falls.
  // Counted loops: iterating an array allocates its iterator where the optimizer does not take it away.
  public func fault(in value: JSONValue) -> Fault? {
    var place = 0
    while place < rules.count {
      if let fault = check(value, rules[place], 0) { return fault }
      place += 1
    }
    return nil
  }

  private func check(_ value: JSONValue, _ rule: Rule, _ step: Int) -> Fault? {
    guard step < rule.path.count else { return compare(value, rule) }
    if let name = rule.path[step] {
      return value[name].flatMap { check($0, rule, step + 1) }
    }
    for element in value.elements {
      if let fault = check(element, rule, step + 1) { return fault }
    }
    return nil
  }

  private func compare(_ object: JSONValue, _ rule: Rule) -> Fault? {
    var before: (place: Int, value: JSONValue)?
    var place = 0
    while place < rule.members.count {
      defer { place += 1 }
      guard let value = object[rule.members[place]] else { continue }
      if let before, isLess(value, before.value) {
        let low = String(decoding: rule.members[before.place], as: UTF8.self)
        let high = String(decoding: rule.members[place], as: UTF8.self)
        return Fault(
          message: "\(high) must not be less than \(low)", pointer: value.pointer,
          schemaPointer: "/\(Self.keyword)")
      }
      before = (place, value)
    }
    return nil
  }

  private func isLess(_ value: JSONValue, _ other: JSONValue) -> Bool {
    if let left = value.double, let right = other.double { return left < right }
    guard let left = value.utf8.flatMap({ Timestamp(rfc3339: $0) }),
      let right = other.utf8.flatMap({ Timestamp(rfc3339: $0) })
    else { return false }
    return left < right
  }
}
