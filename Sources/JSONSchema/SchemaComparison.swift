internal import IJSON

/// Walks two schemas side by side. A queue, not recursion; a pair of schemas that was compared isn't again, so that
/// recursive schemas end.
struct SchemaComparison {
  /// A schema on one side; `value` nil is the one that accepts everything.
  struct Side {
    var registry: Registry
    var resource: Int
    var value: JSONValue?
    var document: SchemaDocument
    var pointer: JSONPointer

    init(registry: Registry, resource: Int) {
      let found = registry.resources[resource]
      self.init(
        registry: registry, resource: resource, value: found.root, document: found.document,
        pointer: found.document.locations[found.root.index]?.pointer ?? JSONPointer())
    }

    init(registry: Registry, resource: Int, value: JSONValue?, document: SchemaDocument, pointer: JSONPointer) {
      self.registry = registry
      self.resource = resource
      self.value = value
      self.document = document
      self.pointer = pointer
    }

    var isFalse: Bool { value?.bool == false }

    func keyword(_ name: StaticString) -> JSONValue? { value?[name] }

    /// The subschema under a path of this one.
    func child(_ value: JSONValue?, _ path: [String]) -> Side {
      var pointer = self.pointer
      for token in path { pointer.append(name: token) }
      var side = self
      side.value = value
      side.pointer = pointer
      if let value, let location = document.locations[value.index] { side.resource = location.resource }
      return side
    }

    /// Which schema it is.
    var identity: Int { value.map { $0.index } ?? -1 }

    /// The place of a keyword, for a report.
    func place(_ keyword: String?) -> String {
      var pointer = self.pointer
      if let keyword { pointer.append(name: keyword) }
      return (document.number == 0 ? "" : document.uri + "#") + pointer.text
    }
  }

  /// How a change inside a subschema acts on the whole.
  enum Effect: Hashable {
    case same
    /// Under `not`, what narrows the inner schema widens the whole.
    case inverted
    /// It can't be told.
    case unknown

    func then(_ inner: Effect) -> Effect {
      if self == .unknown || inner == .unknown { return .unknown }
      return self == inner ? .same : .inverted
    }
  }

  struct Pair {
    var old: Side
    var new: Side
    var effect = Effect.same
    /// Set where an old `false` meant that a member wasn't known at all.
    var isOpening = false
  }

  private struct Key: Hashable {
    var oldDocument: Int
    var old: Int
    var newDocument: Int
    var new: Int
    var effect: Effect
    var isOpening: Bool
  }

  private(set) var changes: [SchemaChange] = []
  private var seen: Set<SchemaChange> = []
  private var compared: Set<Key> = []
  private var queue: [Pair]
  private var next = 0

  init(_ start: Pair) {
    queue = [start]
  }

  mutating func run() throws(SchemaError) {
    while next < queue.count {
      let pair = queue[next]
      next += 1
      try compare(pair)
    }
  }

  mutating func enqueue(_ pair: Pair) {
    let key = Key(
      oldDocument: pair.old.document.number, old: pair.old.identity, newDocument: pair.new.document.number,
      new: pair.new.identity, effect: pair.effect, isOpening: pair.isOpening)
    // Two schemas that accept everything are the same wherever they stand.
    if pair.old.value == nil, pair.new.value == nil { return }
    if compared.insert(key).inserted { queue.append(pair) }
  }

  /// Notes a change; `narrows` and `widens` are of this schema, `effect` says what that does to the whole.
  mutating func note(
    _ pair: Pair, _ keyword: String?, _ message: String, narrows: Bool = false, widens: Bool = false
  ) {
    var (writers, readers) = (narrows, widens)
    switch pair.effect {
    case .same: break
    case .inverted: swap(&writers, &readers)
    case .unknown:
      let either = writers || readers
      (writers, readers) = (either, either)
    }
    if pair.isOpening { readers = false }
    let last = pair.new.pointer.text.split(separator: "/").last.map(String.init) ?? ""
    let change = SchemaChange(
      pointer: pair.new.place(keyword), keyword: keyword ?? last, message: message, breaksReaders: readers,
      breaksWriters: writers)
    if seen.insert(change).inserted { changes.append(change) }
  }

  private mutating func compare(_ pair: Pair) throws(SchemaError) {
    var pair = pair
    pair.old = try followed(pair.old)
    pair.new = try followed(pair.new)
    switch (pair.old.isFalse, pair.new.isFalse) {
    case (true, true): return
    case (true, false): return note(pair, nil, "nothing was allowed here, and something is now", widens: true)
    case (false, true): return note(pair, nil, "nothing is allowed here any more", narrows: true)
    case (false, false): break
    }
    compareTypes(pair)
    compareValues(pair)
    compareBounds(pair)
    compareTexts(pair)
    compareRequired(pair)
    try compareMembers(pair)
    compareElements(pair)
    compareInPlace(pair)
    try compareReferences(pair)
  }

  /// A schema that is nothing but a reference is where it leads.
  private func followed(_ side: Side) throws(SchemaError) -> Side {
    var side = side
    // The compiler has refused circles of references.
    while let reference = side.keyword("$ref")?.string, isOnlyReference(side) {
      side = try target(reference, side)
    }
    return side
  }

  private func isOnlyReference(_ side: Side) -> Bool {
    side.value?.members.allSatisfy { member in
      let name = String(decoding: member.name, as: UTF8.self)
      guard name != "$ref", let keyword = Keyword.byName[name] else { return true }
      return keyword.vocabulary == .metaData || name == "$comment" || name == "$defs" || name == "$schema"
        || name == "$id"
    } ?? false
  }

  private func target(_ reference: String, _ side: Side) throws(SchemaError) -> Side {
    let found = try side.registry.resolve(reference, from: side.resource) { message in
      SchemaError(code: .reference, document: side.document.uri, pointer: side.place("$ref"), message: message)
    }
    return Side(
      registry: side.registry, resource: found.resource, value: found.value, document: found.document,
      pointer: found.pointer)
  }

  /// References beside other keywords; one that only one side has is a condition more or less.
  private mutating func compareReferences(_ pair: Pair) throws(SchemaError) {
    let old = pair.old.keyword("$ref")?.string
    let new = pair.new.keyword("$ref")?.string
    switch (old, new) {
    case (let old?, let new?):
      enqueue(Pair(old: try target(old, pair.old), new: try target(new, pair.new), effect: pair.effect))
    case (nil, let new?): note(pair, "$ref", "what \(new) asks is asked besides", narrows: true)
    case (let old?, nil): note(pair, "$ref", "what \(old) asks is not asked any more", widens: true)
    case (nil, nil): break
    }
    if pair.old.keyword("$dynamicRef")?.string != pair.new.keyword("$dynamicRef")?.string {
      note(pair, "$dynamicRef", "the dynamic reference changed", narrows: true, widens: true)
    }
  }
}
