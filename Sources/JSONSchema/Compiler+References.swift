internal import IJSON

extension Compiler {
  /// `$id`, `$schema`, anchors, `$ref` and `$dynamicRef` (Core, section 8).
  mutating func compileCore(_ scope: inout SchemaScope, _ draft: inout ProgramBuilder.Draft) throws(SchemaError) {
    try checkIdentifiers(scope)
    if let reference = try scope.string("$ref", .core) {
      let target = try resolve(reference, scope, "$ref").node
      draft.inPlace.append(
        Operation(code: .reference, location: addPlace(scope.document, scope.pointer("$ref"), "$ref"), a: target))
    }
    if let reference = try scope.string("$dynamicRef", .core) {
      let target = try resolve(reference, scope, "$dynamicRef")
      let place = addPlace(scope.document, scope.pointer("$dynamicRef"), "$dynamicRef")
      if let anchor = target.dynamicAnchor {
        dynamicReferences.append(
          .init(node: scope.node, operation: draft.inPlace.count, anchor: anchor, place: place))
        draft.inPlace.append(Operation(code: .dynamicReference, location: place, a: target.node))
      } else {
        draft.inPlace.append(Operation(code: .reference, location: place, a: target.node))
      }
    }
    if let definitions = try scope.object("$defs", .core) {
      for member in definitions.members where member.value.kind != .object && member.value.bool == nil {
        throw scope.fault("a schema is an object or a boolean", "$defs")
      }
    }
  }

  private func checkIdentifiers(_ scope: SchemaScope) throws(SchemaError) {
    if let identifier = try scope.string("$id", .core) {
      let fragment = URIReference(identifier).fragment
      guard fragment == nil || fragment == "" else { throw scope.fault("an identifier has no fragment", "$id") }
    }
    _ = try scope.string("$schema", .core)
    _ = try scope.string("$comment", .core)
    for keyword in ["$anchor", "$dynamicAnchor"] as [StaticString] {
      guard let anchor = try scope.string(keyword, .core) else { continue }
      guard Self.isAnchor(anchor) else {
        throw scope.fault("an anchor is a letter or _, then letters, digits, - . and _", keyword.description)
      }
    }
  }

  private static func isAnchor(_ text: String) -> Bool {
    func isLetter(_ byte: UInt8) -> Bool {
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
    }
    guard let first = text.utf8.first, isLetter(first) else { return false }
    return text.utf8.allSatisfy {
      isLetter($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "-")
        || $0 == UInt8(ascii: ".")
    }
  }

  private mutating func resolve(
    _ text: String, _ scope: SchemaScope, _ keyword: String
  ) throws(SchemaError) -> (node: UInt32, dynamicAnchor: String?) {
    let target = try registry.resolve(text, from: scope.resource) { message in
      scope.fault(message, keyword, code: .reference)
    }
    let node = try node(target.document, target.value, target.resource, target.pointer)
    return (node, target.dynamicAnchor)
  }

  /// Refuses a schema that leads back to itself without a step into the instance.
  func refuseEndlessReferences() throws(SchemaError) {
    enum Mark { case new, open, done }
    var marks = Array(repeating: Mark.new, count: builder.drafts.count)
    for start in builder.drafts.indices where marks[start] == .new {
      var stack: [(node: Int, next: [UInt32])] = [(start, inPlaceTargets(start))]
      marks[start] = .open
      while let top = stack.last {
        guard let target = top.next.last else {
          marks[top.node] = .done
          stack.removeLast()
          continue
        }
        stack[stack.count - 1].next.removeLast()
        switch marks[Int(target)] {
        case .done: break
        case .open:
          throw SchemaError(
            code: .endlessReference, document: origins[top.node].document, pointer: origins[top.node].pointer,
            message: "this schema leads back to itself on the same value")
        case .new:
          marks[Int(target)] = .open
          stack.append((Int(target), inPlaceTargets(Int(target))))
        }
      }
    }
  }

  /// The schemas that are applied to the same value. A dynamic reference isn't followed: where it leads depends on how
  /// one came there, so ``SchemaLimits/maxRecursion`` ends it.
  private func inPlaceTargets(_ node: Int) -> [UInt32] {
    let draft = builder.drafts[node]
    var targets: [UInt32] = []
    for operation in draft.inPlace + draft.object {
      switch operation.code {
      case .reference, .not: targets.append(operation.a)
      case .dependentSchema: targets.append(operation.b)
      case .condition: targets += [operation.a, operation.b, operation.c].filter { $0 != none }
      case .anyOf, .oneOf: targets += builder.choices[Int(operation.a)..<Int(operation.a + operation.b)]
      default: break
      }
    }
    return targets
  }
}
