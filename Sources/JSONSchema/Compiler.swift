internal import IJSON

/// Turns schemas into a program: each schema once, wherever it is used. A queue, not recursion, so that neither deep
/// schemas nor long chains of references need stack.
struct Compiler {
  /// A keyword's place, for reports.
  struct Place: Sendable {
    var keyword: String
    var pointer: String
  }

  struct Key: Hashable {
    var document: Int
    var index: Int
  }

  struct Pending {
    var node: UInt32
    var document: SchemaDocument
    var value: JSONValue
    var resource: Int
    var pointer: JSONPointer
  }

  /// A `$dynamicRef` whose targets are known only when all schemas in reach are.
  struct DynamicReference {
    var node: UInt32
    var operation: Int
    var anchor: String
    var place: UInt32
  }

  let registry: Registry
  let assertFormats: Bool
  let limits: SchemaLimits
  var builder = ProgramBuilder()
  var places: [Place] = []
  /// Each node's own place, by node.
  var origins: [(document: String, pointer: String)] = []
  var dynamicReferences: [DynamicReference] = []
  var knownPatterns: [[UInt8]: UInt32] = [:]
  /// What may still be tried to make automatons of patterns.
  var patternWork = 8_000_000
  private var known: [Key: UInt32] = [:]
  private var queue: [Pending] = []
  private var usedResources: Set<Int> = []

  init(_ registry: Registry, assertFormats: Bool, limits: SchemaLimits) {
    self.registry = registry
    self.assertFormats = assertFormats
    self.limits = limits
  }

  /// Compiles a resource's root and all that it reaches.
  mutating func compile(resource: Int) throws(SchemaError) -> Program {
    let start = registry.resources[resource]
    do throws(SchemaError) {
      let root = try node(start.document, start.root, resource, JSONPointer())
      try drain()
      try bindDynamicReferences()
      try refuseEndlessReferences()
      let forwards = self.forwards()
      return builder.build(root: root) { $0 == none ? none : forwards[Int($0)] }
    } catch {
      for pattern in builder.patterns { pattern.destroy() }
      throw error
    }
  }

  private mutating func drain() throws(SchemaError) {
    while let pending = queue.popLast() { try compile(pending) }
  }

  /// The node of a schema, which is compiled later.
  mutating func node(
    _ document: SchemaDocument, _ value: JSONValue, _ resource: Int, _ pointer: JSONPointer
  ) throws(SchemaError) -> UInt32 {
    let key = Key(document: document.number, index: value.index)
    if let node = known[key] { return node }
    let origin = registry.resources[resource].document.uri
    guard builder.drafts.count < limits.maxSchemas else {
      throw SchemaError(
        code: .limit, document: origin, pointer: pointer.text, message: "more than \(limits.maxSchemas) schemas")
    }
    if let error = registry.resources[resource].dialectError { throw error }
    let node = UInt32(builder.drafts.count)
    builder.drafts.append(.init())
    origins.append((origin, pointer.text))
    known[key] = node
    usedResources.insert(resource)
    queue.append(Pending(node: node, document: document, value: value, resource: resource, pointer: pointer))
    return node
  }

  private mutating func compile(_ pending: Pending) throws(SchemaError) {
    guard let resource = UInt16(exactly: pending.resource) else {
      throw SchemaError(code: .limit, document: "", pointer: pending.pointer.text, message: "more than 65535 resources")
    }
    var draft = ProgramBuilder.Draft()
    draft.node.resource = resource
    var scope = SchemaScope(
      document: pending.document, value: pending.value, resource: pending.resource, pointer: pending.pointer,
      vocabulary: registry.resources[pending.resource].vocabulary, node: pending.node)
    switch pending.value.bool {
    case true?: break
    case false?:
      draft.any.append(Operation(code: .never, location: addPlace(pending.document, pending.pointer, holder(pending))))
    case nil:
      guard pending.value.kind == .object else {
        throw scope.fault("a schema is an object or a boolean")
      }
      try compileCore(&scope, &draft)
      try compileValidation(&scope, &draft)
      try compileApplicators(&scope, &draft)
      // After the walk over the members: see `Evaluator.seen`.
      try compileDependentRequired(scope, &draft)
    }
    let groups = [draft.any, draft.number, draft.string, draft.array, draft.object, draft.inPlace]
    guard groups.reduce(0, { $0 + $1.count }) <= Int(UInt16.max) else {
      throw SchemaError(
        code: .limit, document: pending.document.uri, pointer: pending.pointer.text,
        message: "more than 65535 checks in one schema")
    }
    builder.drafts[Int(pending.node)] = draft
  }

  /// The keyword that a boolean schema stands under.
  private func holder(_ pending: Pending) -> String {
    let tokens = pending.pointer.text.split(separator: "/").suffix(2)
    return tokens.reversed().first { Keyword.byName[String($0)] != nil }.map(String.init) ?? "false"
  }

  mutating func addPlace(_ document: SchemaDocument, _ pointer: JSONPointer, _ keyword: String) -> UInt32 {
    let prefix = document.number == 0 ? "" : document.uri + "#"
    places.append(Place(keyword: keyword, pointer: prefix + pointer.text))
    return UInt32(places.count - 1)
  }

  /// Core, section 8.2.3.2: a `$dynamicRef` leads to the outermost schema in scope that has its dynamic anchor. Only
  /// resources with a compiled schema can be in scope, so they are bound until no new one appears.
  private mutating func bindDynamicReferences() throws(SchemaError) {
    var bound: [[Int: UInt32]] = []
    var hasGrown = true
    while hasGrown {
      hasGrown = false
      bound += Array(repeating: [:], count: dynamicReferences.count - bound.count)
      for index in bound.indices {
        for number in usedResources.sorted() where bound[index][number] == nil {
          let resource = registry.resources[number]
          guard let target = resource.dynamicAnchors[dynamicReferences[index].anchor] else { continue }
          guard let location = resource.document.locations[target] else { continue }
          bound[index][number] = try node(
            resource.document, resource.root.at(target), location.resource, location.pointer)
          hasGrown = true
        }
      }
      try drain()
      if dynamicReferences.count > bound.count { hasGrown = true }
    }
    for (index, reference) in dynamicReferences.enumerated() {
      let targets = bound[index].sorted { $0.key < $1.key }
      let initial = builder.drafts[Int(reference.node)].inPlace[reference.operation].a
      if targets.allSatisfy({ $0.value == initial }) {
        builder.drafts[Int(reference.node)].inPlace[reference.operation].code = .reference
      } else {
        builder.drafts[Int(reference.node)].inPlace[reference.operation].b = UInt32(builder.scopes.count)
        builder.drafts[Int(reference.node)].inPlace[reference.operation].c = UInt32(targets.count)
        builder.scopes += targets.map { ScopeRule(resource: UInt32($0.key), node: $0.value) }
      }
    }
  }

  /// For each node the one that stands for it: a schema that is nothing but a reference is its target, unless entering
  /// its resource matters to a `$dynamicRef`.
  private func forwards() -> [UInt32] {
    let dynamic = builder.drafts.contains { $0.inPlace.contains { $0.code == .dynamicReference } }
    func step(_ node: UInt32) -> UInt32? {
      let draft = builder.drafts[Int(node)]
      guard draft.inPlace.count == 1, draft.inPlace[0].code == .reference, draft.any.isEmpty, draft.number.isEmpty,
        draft.string.isEmpty, draft.array.isEmpty, draft.object.isEmpty, !draft.node.tracks,
        draft.node.types.rawValue == JSONType.any.rawValue
      else { return nil }
      let target = draft.inPlace[0].a
      return dynamic && draft.node.resource != builder.drafts[Int(target)].node.resource ? nil : target
    }
    // Each chain is walked once. It ends, since endless references were refused.
    var ends = Array(repeating: none, count: builder.drafts.count)
    for start in 0..<UInt32(builder.drafts.count) {
      var path: [UInt32] = []
      var node = start
      while ends[Int(node)] == none, let next = step(node) {
        path.append(node)
        node = next
      }
      let end = ends[Int(node)] == none ? node : ends[Int(node)]
      ends[Int(node)] = end
      for each in path { ends[Int(each)] = end }
    }
    return ends
  }
}
