internal import IJSON

/// Collects a program's tables while schemas are compiled, then lays them out.
struct ProgramBuilder {
  /// A node's operations by the group they will stand in.
  struct Draft {
    var node = Node()
    var any: [Operation] = []
    var number: [Operation] = []
    var string: [Operation] = []
    var array: [Operation] = []
    var object: [Operation] = []
    var inPlace: [Operation] = []
  }

  var drafts: [Draft] = []
  var objects: [ObjectRule] = []
  var arrays: [ArrayRule] = []
  var choices: [UInt32] = []
  var numbers: [JSONNumber] = []
  var patterns: [Pattern] = []
  var patternRules: [PatternRule] = []
  var scopes: [ScopeRule] = []
  private var slots: [NameSlot] = []
  private var names: [UInt8] = []
  private var constantTape: [UInt64] = []
  private var constantStrings: [UInt8] = []

  /// Where the name stands in the program's names.
  mutating func addName(_ name: some Collection<UInt8>) -> UInt32 {
    let start = UInt32(names.count)
    names += name
    return start
  }

  mutating func addTable(_ entries: [(name: [UInt8], value: UInt32)]) -> NameTable {
    if entries.isEmpty { return .empty }
    var size = 2
    while size < entries.count * 2 { size *= 2 }
    let start = slots.count
    let empty = ([0, 0, 0, 0, 0, 0, 0, 0] as [UInt8]).withUnsafeBufferPointer {
      NameSlot(key: NameKey(UnsafeBufferPointer(rebasing: $0[..<0])), start: 0, value: none)
    }
    slots += Array(repeating: empty, count: size)
    var table = NameTable(start: UInt32(start), mask: UInt32(size - 1))
    for (name, value) in entries {
      // A key is read eight bytes at a time.
      let key = (name + [0, 0, 0, 0, 0, 0, 0, 0]).withUnsafeBufferPointer {
        NameKey(UnsafeBufferPointer(rebasing: $0[..<name.count]))
      }
      var position = key.hash & table.mask
      while slots[start + Int(position)].value != none { position = (position + 1) & table.mask }
      slots[start + Int(position)] = NameSlot(key: key, start: addName(name), value: value)
    }
    var run = 0
    var longest = 0
    for slot in slots[start...] {
      run = slot.value == none ? 0 : run + 1
      longest = max(longest, run)
    }
    table.longestRun = UInt32(min(max(longest, 1), Int(NameTable.mostRun)))
    return table
  }

  /// Copies a value to the constants; its index on their tape.
  mutating func addConstant(_ value: JSONValue) -> UInt32 {
    let start = constantTape.count
    let delta = start - value.index
    let tape = value.tape
    let end = Tape.next(tape, value.index)
    var index = value.index
    while index < end {
      let word = tape[index]
      let kind = UInt64(Tape.kind(word)) << 56
      switch Tape.kind(word) {
      case Tape.object, Tape.array:
        constantTape.append(kind | UInt64(Tape.count(word)) << 32 | UInt64(Tape.end(word) + delta))
        index += 1
      case Tape.int64, Tape.uint64, Tape.double:
        constantTape += [word, tape[index + 1]]
        index += 2
      case Tape.string:
        let text = Tape.utf8(word, value.strings)
        constantTape.append(kind | UInt64(constantStrings.count))
        withUnsafeBytes(of: UInt32(text.count)) { constantStrings += $0 }
        constantStrings += text
        index += 1
      default:
        constantTape.append(word)
        index += 1
      }
    }
    return UInt32(start)
  }

  /// Lays the tables out. `resolve` says which node stands for another one.
  func build(root: UInt32, resolve: (UInt32) -> UInt32) -> Program {
    var nodes: [Node] = []
    var operations: [Operation] = []
    for draft in drafts {
      var node = draft.node
      node.first = UInt32(operations.count)
      operations += draft.any
      func distance() -> UInt16 { UInt16(operations.count - Int(node.first)) }
      node.numberStart = distance()
      operations += draft.number
      node.stringStart = distance()
      operations += draft.string
      node.arrayStart = distance()
      operations += draft.array
      node.objectStart = distance()
      operations += draft.object
      node.inPlaceStart = distance()
      operations += draft.inPlace
      node.end = distance()
      node.unevaluatedItems = resolve(node.unevaluatedItems)
      node.unevaluatedProperties = resolve(node.unevaluatedProperties)
      nodes.append(node)
    }
    var dynamic = false
    var choices = self.choices
    for index in operations.indices {
      resolveNodes(of: &operations[index], &choices, resolve)
      if operations[index].code == .dynamicReference { dynamic = true }
    }
    return Program(
      nodes: Self.table(nodes), operations: Self.table(operations),
      objects: Self.table(
        objects.map {
          var rule = $0
          rule.additional = resolve(rule.additional)
          rule.memberNames = resolve(rule.memberNames)
          return rule
        }),
      arrays: Self.table(
        arrays.map {
          var rule = $0
          rule.rest = resolve(rule.rest)
          for index in Int(rule.prefixStart)..<Int(rule.prefixStart + rule.prefixCount) {
            choices[index] = resolve(choices[index])
          }
          return rule
        }),
      choices: Self.table(choices), numbers: Self.table(numbers), patterns: Self.table(patterns),
      patternRules: Self.table(patternRules.map { PatternRule(pattern: $0.pattern, node: resolve($0.node)) }),
      slots: Self.table(resolvedSlots(resolve)), names: Self.table(names + [0, 0, 0, 0, 0, 0, 0, 0]),
      scopes: Self.table(scopes.map { ScopeRule(resource: $0.resource, node: resolve($0.node)) }),
      constantTape: Self.table(constantTape), constantStrings: Self.table(constantStrings + [0, 0, 0, 0, 0, 0, 0, 0]),
      root: resolve(root), usesDynamicScope: dynamic)
  }

  private func resolveNodes(of operation: inout Operation, _ choices: inout [UInt32], _ resolve: (UInt32) -> UInt32) {
    switch operation.code {
    case .reference, .dynamicReference, .not, .contains: operation.a = resolve(operation.a)
    case .dependentSchema: operation.b = resolve(operation.b)
    case .condition:
      operation.a = resolve(operation.a)
      operation.b = resolve(operation.b)
      operation.c = resolve(operation.c)
    case .anyOf, .oneOf:
      for index in Int(operation.a)..<Int(operation.a + operation.b) { choices[index] = resolve(choices[index]) }
    default: break
    }
  }

  /// The slots of object rules, whose values name nodes.
  private func resolvedSlots(_ resolve: (UInt32) -> UInt32) -> [NameSlot] {
    var slots = self.slots
    for rule in objects where !rule.names.isEmpty {
      for index in Int(rule.names.start)...Int(rule.names.start + rule.names.mask) {
        let value = slots[index].value
        let node = value & ~MemberRule.requiredBit
        if value != none, node != MemberRule.noNode {
          slots[index].value = resolve(node) | value & MemberRule.requiredBit
        }
      }
    }
    return slots
  }

  private static func table<T>(_ values: [T]) -> UnsafeMutableBufferPointer<T> {
    // Never empty, so that its address is never nil.
    let table = UnsafeMutableBufferPointer<T>.allocate(capacity: max(values.count, 1))
    _ = table.initialize(from: values)
    return UnsafeMutableBufferPointer(start: table.baseAddress, count: values.count)
  }
}
