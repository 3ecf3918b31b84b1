internal import IJSON

extension Compiler {
  /// The validation vocabulary and `format` (Validation, sections 6 and 7).
  mutating func compileValidation(_ scope: inout SchemaScope, _ draft: inout ProgramBuilder.Draft) throws(SchemaError) {
    try compileType(scope, &draft)
    try compileConstants(scope, &draft)
    try compileNumbers(scope, &draft)
    for (keyword, code) in [("minLength", .minLength), ("maxLength", .maxLength)] as [(StaticString, Operation.Code)] {
      if let count = try scope.count(keyword) { draft.string.append(operation(code, scope, keyword, a: count)) }
    }
    for (keyword, code) in [("minItems", .minItems), ("maxItems", .maxItems)] as [(StaticString, Operation.Code)] {
      if let count = try scope.count(keyword) { draft.array.append(operation(code, scope, keyword, a: count)) }
    }
    for (keyword, code) in [("minProperties", .minProperties), ("maxProperties", .maxProperties)]
      as [(StaticString, Operation.Code)]
    {
      if let count = try scope.count(keyword) { draft.object.append(operation(code, scope, keyword, a: count)) }
    }
    if let pattern = try scope.string("pattern", .validation) {
      draft.string.append(operation(.pattern, scope, "pattern", a: try addPattern(pattern, scope, "pattern")))
    }
    if let name = try scope.string("format", formatVocabulary(scope)), assertsFormats(scope),
      let format = Format.allCases.first(where: { $0.name == name })
    {
      draft.string.append(operation(.format, scope, "format", a: format.rawValue))
    }
    if try scope.boolean("uniqueItems", .validation) == true {
      draft.array.append(operation(.uniqueItems, scope, "uniqueItems"))
    }
  }

  private func formatVocabulary(_ scope: SchemaScope) -> Vocabulary {
    scope.vocabulary.contains(.formatAssertion) ? .formatAssertion : .formatAnnotation
  }

  private func assertsFormats(_ scope: SchemaScope) -> Bool {
    assertFormats || scope.vocabulary.contains(.formatAssertion)
  }

  mutating func operation(
    _ code: Operation.Code, _ scope: SchemaScope, _ keyword: StaticString, a: UInt32 = none, b: UInt32 = none,
    c: UInt32 = none
  ) -> Operation {
    let place = addPlace(scope.document, scope.pointer(keyword), keyword.description)
    return Operation(code: code, location: place, a: a, b: b, c: c)
  }

  mutating func addPattern(_ text: String, _ scope: SchemaScope, _ keyword: String) throws(SchemaError) -> UInt32 {
    if let known = knownPatterns[Array(text.utf8)] { return known }
    guard builder.patterns.count < limits.maxPatterns else {
      throw scope.fault("more than \(limits.maxPatterns) patterns", keyword, code: .limit)
    }
    do {
      builder.patterns.append(try Pattern(text, maxMemory: limits.maxPatternBytes, work: &patternWork))
    } catch {
      throw scope.fault("the pattern \(text) is refused: \(error.message)", keyword, code: .pattern)
    }
    knownPatterns[Array(text.utf8)] = UInt32(builder.patterns.count - 1)
    return UInt32(builder.patterns.count - 1)
  }

  private mutating func compileType(_ scope: SchemaScope, _ draft: inout ProgramBuilder.Draft) throws(SchemaError) {
    guard let value = scope.keyword("type", .validation) else { return }
    func type(_ value: JSONValue) throws(SchemaError) -> JSONType {
      guard let name = value.string, let known = JSONType.names.first(where: { $0.name == name }) else {
        throw scope.fault("a type is one of \(JSONType.names.map(\.name).joined(separator: ", "))", "type")
      }
      return known.type
    }
    var types: JSONType = []
    if value.kind == .array {
      guard value.count > 0 else { throw scope.fault("at least one type is expected", "type") }
      for element in value.elements { types.formUnion(try type(element)) }
    } else {
      types = try type(value)
    }
    draft.node.types = types
    draft.node.typeLocation = addPlace(scope.document, scope.pointer("type"), "type")
  }

  private mutating func compileConstants(
    _ scope: SchemaScope, _ draft: inout ProgramBuilder.Draft
  ) throws(SchemaError) {
    if let value = scope.keyword("const", .validation) {
      draft.any.append(operation(.constant, scope, "const", a: builder.addConstant(value)))
    }
    guard let values = try scope.array("enum", .validation) else { return }
    let constants = values.elements.map { builder.addConstant($0) }
    // Their count, then their places on the constants' tape.
    let start = UInt32(builder.choices.count)
    builder.choices.append(UInt32(constants.count))
    builder.choices += constants
    guard values.count > 0, values.elements.allSatisfy({ $0.kind == .string }) else {
      draft.any.append(operation(.enumeration, scope, "enum", c: start))
      return
    }
    var seen: Set<[UInt8]> = []
    var names: [(name: [UInt8], value: UInt32)] = []
    for element in values.elements {
      let name = Array(element.utf8 ?? UnsafeBufferPointer(start: nil, count: 0))
      if seen.insert(name).inserted { names.append((name, 0)) }
    }
    let table = builder.addTable(names)
    draft.any.append(
      operation(.stringEnumeration, scope, "enum", a: table.start, b: table.mask | table.longestRun << 20, c: start))
  }

  private mutating func compileNumbers(_ scope: SchemaScope, _ draft: inout ProgramBuilder.Draft) throws(SchemaError) {
    let bounds: [(StaticString, Operation.Code)] = [
      ("minimum", .minimum), ("maximum", .maximum), ("exclusiveMinimum", .exclusiveMinimum),
      ("exclusiveMaximum", .exclusiveMaximum), ("multipleOf", .multipleOf),
    ]
    for (keyword, code) in bounds {
      guard let number = try scope.number(keyword) else { continue }
      if code == .multipleOf, number.double <= 0 {
        throw scope.fault("a number above zero is expected", keyword.description)
      }
      draft.number.append(operation(code, scope, keyword, a: UInt32(builder.numbers.count)))
      builder.numbers.append(number)
    }
  }

  mutating func compileDependentRequired(
    _ scope: SchemaScope, _ draft: inout ProgramBuilder.Draft
  ) throws(SchemaError) {
    guard let dependents = try scope.object("dependentRequired", .validation) else { return }
    for member in dependents.members {
      let names = try scope.names(member.value, "dependentRequired")
      let trigger = builder.addName(member.name)
      let needed = names.map { (builder.addName($0), UInt32($0.count)) }
      // Trigger, count of names, then each name: start and length.
      let start = UInt32(builder.choices.count)
      builder.choices += [trigger, UInt32(member.name.count), UInt32(names.count)]
      for (name, count) in needed { builder.choices += [name, count] }
      // Which of the 64 bits of `NameKey.bit`; read with room behind, as keys are.
      let bit = (Array(member.name) + [0, 0, 0, 0, 0, 0, 0, 0]).withUnsafeBufferPointer {
        NameKey(UnsafeBufferPointer(rebasing: $0[..<member.name.count])).bit.trailingZeroBitCount
      }
      draft.object.append(operation(.dependentRequired, scope, "dependentRequired", a: start, b: UInt32(bit)))
    }
  }
}
