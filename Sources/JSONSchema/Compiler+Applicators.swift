internal import IJSON

extension Compiler {
  /// The applicator and unevaluated vocabularies (Core, sections 10 and 11).
  mutating func compileApplicators(
    _ scope: inout SchemaScope, _ draft: inout ProgramBuilder.Draft
  ) throws(SchemaError) {
    try compileMembers(scope, &draft)
    try compileElements(scope, &draft)
    try compileInPlace(scope, &draft)
    if let value = scope.keyword("unevaluatedItems", .unevaluated) {
      draft.node.unevaluatedItems = try child(scope, ["unevaluatedItems"], value)
      draft.node.tracks = true
    }
    if let value = scope.keyword("unevaluatedProperties", .unevaluated) {
      draft.node.unevaluatedProperties = try child(scope, ["unevaluatedProperties"], value)
      draft.node.tracks = true
    }
  }

  /// The node of a subschema at a path below this one.
  private mutating func child(
    _ scope: SchemaScope, _ path: [String], _ value: JSONValue
  ) throws(SchemaError) -> UInt32 {
    if let location = scope.document.locations[value.index] {
      return try node(scope.document, value, location.resource, location.pointer)
    }
    // Reached through a place that no known keyword holds.
    var pointer = scope.pointer
    for token in path { pointer.append(name: token) }
    return try node(scope.document, value, scope.resource, pointer)
  }

  private mutating func children(_ scope: SchemaScope, _ keyword: StaticString) throws(SchemaError) -> [UInt32]? {
    guard let values = try scope.array(keyword, .applicator) else { return nil }
    guard values.count > 0 else { throw scope.fault("at least one schema is expected", keyword.description) }
    var nodes: [UInt32] = []
    for (index, element) in values.elements.enumerated() {
      nodes.append(try child(scope, [keyword.description, String(index)], element))
    }
    return nodes
  }

  private mutating func optionalChild(_ scope: SchemaScope, _ keyword: StaticString) throws(SchemaError) -> UInt32 {
    guard let value = scope.keyword(keyword, .applicator) else { return none }
    return try child(scope, [keyword.description], value)
  }

  private mutating func compileMembers(_ scope: SchemaScope, _ draft: inout ProgramBuilder.Draft) throws(SchemaError) {
    let properties = try scope.object("properties", .applicator)
    let patterns = try scope.object("patternProperties", .applicator)
    let additional = try optionalChild(scope, "additionalProperties")
    let memberNames = try optionalChild(scope, "propertyNames")
    let requiredValue = scope.keyword("required", .validation)
    var required: [[UInt8]] = []
    if let requiredValue { required = try scope.names(requiredValue, "required") }
    let isNeeded =
      properties != nil || patterns != nil || additional != none || memberNames != none || !required.isEmpty
    if isNeeded {
      var entries: [(name: [UInt8], value: UInt32)] = []
      var missing = Set(required)
      if let properties {
        for member in properties.members {
          let name = Array(member.name)
          let node = try child(
            scope, ["properties", String(decoding: name, as: UTF8.self)], member.value)
          entries.append((name, missing.remove(name) == nil ? node : node | MemberRule.requiredBit))
        }
      }
      for name in required where missing.contains(name) {
        entries.append((name, MemberRule.noNode | MemberRule.requiredBit))
      }
      var rules: [PatternRule] = []
      if let patterns {
        for member in patterns.members {
          let text = String(decoding: member.name, as: UTF8.self)
          rules.append(
            PatternRule(
              pattern: try addPattern(text, scope, "patternProperties"),
              node: try child(scope, ["patternProperties", text], member.value)))
        }
      }
      let place = addPlace(scope.document, scope.pointer("required"), "required")
      builder.objects.append(
        ObjectRule(
          names: builder.addTable(entries), requiredCount: UInt32(required.count), requiredLocation: place,
          patternStart: UInt32(builder.patternRules.count), patternCount: UInt32(rules.count), additional: additional,
          memberNames: memberNames))
      builder.patternRules += rules
      draft.object.append(Operation(code: .members, location: place, a: UInt32(builder.objects.count - 1)))
    }
    guard let dependents = try scope.object("dependentSchemas", .applicator) else { return }
    for member in dependents.members {
      let text = String(decoding: member.name, as: UTF8.self)
      let node = try child(scope, ["dependentSchemas", text], member.value)
      let start = UInt32(builder.choices.count)
      builder.choices += [builder.addName(member.name), UInt32(member.name.count)]
      draft.object.append(operation(.dependentSchema, scope, "dependentSchemas", a: start, b: node))
    }
  }

  private mutating func compileElements(_ scope: SchemaScope, _ draft: inout ProgramBuilder.Draft) throws(SchemaError) {
    if scope.keyword("items", .applicator)?.kind == .array {
      throw scope.fault("an array of schemas stands under prefixItems in 2020-12", "items")
    }
    let prefix = try children(scope, "prefixItems")
    let rest = try optionalChild(scope, "items")
    if prefix != nil || rest != none {
      let start = UInt32(builder.choices.count)
      builder.choices += prefix ?? []
      draft.array.append(
        Operation(code: .items, location: none, a: UInt32(builder.arrays.count)))
      builder.arrays.append(ArrayRule(prefixStart: start, prefixCount: UInt32(prefix?.count ?? 0), rest: rest))
    }
    let minContains = try scope.count("minContains")
    let maxContains = try scope.count("maxContains")
    let contains = try optionalChild(scope, "contains")
    guard contains != none else { return }
    draft.array.append(
      operation(.contains, scope, "contains", a: contains, b: minContains ?? 1, c: maxContains ?? none))
  }

  private mutating func compileInPlace(_ scope: SchemaScope, _ draft: inout ProgramBuilder.Draft) throws(SchemaError) {
    for node in try children(scope, "allOf") ?? [] {
      draft.inPlace.append(operation(.reference, scope, "allOf", a: node))
    }
    for (keyword, code) in [("anyOf", .anyOf), ("oneOf", .oneOf)] as [(StaticString, Operation.Code)] {
      guard let nodes = try children(scope, keyword) else { continue }
      let start = UInt32(builder.choices.count)
      builder.choices += nodes
      draft.inPlace.append(operation(code, scope, keyword, a: start, b: UInt32(nodes.count)))
    }
    let not = try optionalChild(scope, "not")
    if not != none { draft.inPlace.append(operation(.not, scope, "not", a: not)) }
    let condition = try optionalChild(scope, "if")
    let then = try optionalChild(scope, "then")
    let otherwise = try optionalChild(scope, "else")
    if condition != none {
      draft.inPlace.append(operation(.condition, scope, "if", a: condition, b: then, c: otherwise))
    }
  }
}
