internal import IJSON

/// How many steps for each byte the costliest document could make a program take, worked out from the program alone.
///
/// A step that a value pays is paid by the bytes that the value itself has: at least two, with what separates it from the
/// next. What depends on the length of a value counts for each byte. Schemas that apply to the same value add up, and so do
/// all those that one member or element is checked by; of different members the costliest counts. So a schema that
/// checks the same thing twice at each of 30 levels comes out with 2^30, however short it is.
///
/// Takes time by the size of the program, and at most `mostWork` operations: what is too intricate for that is refused too.
struct WorstCost {
  /// What a schema and all those it applies to the same value cost.
  private struct Reach {
    /// Steps for each value, by its type.
    var scalar = 0.0
    var array = 0.0
    var object = 0.0
    /// Steps for each byte of the value.
    var scalarBytes = 0.0
    var arrayBytes = 0.0
    var objectBytes = 0.0
    /// Steps for each member, by the rules' walks.
    var member = 0.0
    var memberBytes = 0.0
    /// Rules, and nodes that every element or member is checked by, with how often.
    var arrays: [UInt32: Double] = [:]
    var objects: [UInt32: Double] = [:]
    var elementNodes: [UInt32: Double] = [:]
    var memberNodes: [UInt32: Double] = [:]

    var size: Int { arrays.count + objects.count + elementNodes.count + memberNodes.count }
  }

  /// How deep a document may nest: as deep as a strict reader takes.
  private static let depth = 32
  private static let mostWork = 4_000_000

  private let program: Program
  private var reaches: [Reach?]
  private var work = 0
  /// The names of each object rule as numbers, alike for alike names.
  private var names: [[(name: Int, node: UInt32)]] = []
  private let resources: Double

  private struct TooIntricate: Error {}

  private init(_ program: Program) {
    self.program = program
    reaches = Array(repeating: nil, count: program.nodes.count)
    resources = Double(Set(program.nodes.map(\.resource)).count)
  }

  /// The steps for each byte. Refused is what comes to more than `most`.
  static func judge(
    _ program: Program, origins: [(document: String, pointer: String)], most: Double
  ) throws(SchemaError) -> Double {
    var cost = WorstCost(program)
    let costs: [Double]
    do {
      costs = try cost.all()
    } catch {
      throw SchemaError(
        code: .cost, document: "", pointer: "", message: "too intricate for its worst case to be worked out")
    }
    let worst = costs[Int(program.root)]
    guard worst > most else { return worst }
    // The innermost schema that is too costly by itself, where there is one.
    let place =
      costs.indices.first { node in
        costs[node] > most && cost.below(UInt32(node)).allSatisfy { costs[Int($0)] <= most }
      } ?? Int(program.root)
    throw SchemaError(
      code: .cost, document: origins[place].document, pointer: origins[place].pointer,
      message: "a document could make it take \(shown(worst)) steps for each byte; taken are \(shown(most))")
  }

  /// `1,000` or `1.1e12`.
  private static func shown(_ number: Double) -> String {
    guard number < 1e6 else {
      guard number.isFinite else { return "endless" }
      var exponent = 0
      var mantissa = number
      while mantissa >= 10 {
        mantissa /= 10
        exponent += 1
      }
      return "\((mantissa * 10).rounded() / 10)e\(exponent)"
    }
    return String(Int(number.rounded(.up)))
  }

  private mutating func spend(_ operations: Int) throws(TooIntricate) {
    work += operations
    guard work < Self.mostWork else { throw TooIntricate() }
  }

  private mutating func all() throws(TooIntricate) -> [Double] {
    nameMembers()
    for node in program.nodes.indices { try reach(UInt32(node)) }
    var costs = program.nodes.indices.map { flat(reaches[$0] ?? Reach(), elements: 0, members: 0) }
    for _ in 1..<Self.depth {
      try spend(program.nodes.count)
      var next = costs
      for node in program.nodes.indices {
        guard let reach = reaches[node], reach.size > 0 else { continue }
        next[node] = flat(reach, elements: try elements(reach, costs), members: try members(reach, costs))
      }
      if next == costs { break }
      costs = next
    }
    return costs
  }

  private func flat(_ reach: Reach, elements: Double, members: Double) -> Double {
    max(
      reach.scalarBytes + reach.scalar / 2, reach.arrayBytes + max(reach.array / 2, elements),
      // A member has a name, and what separates it from its value.
      reach.objectBytes + max(reach.object / 2, reach.memberBytes + reach.member / 4 + members))
  }

  // MARK: One document's level

  private mutating func elements(_ reach: Reach, _ costs: [Double]) throws(TooIntricate) -> Double {
    var sum = 0.0
    try spend(reach.elementNodes.count)
    for (number, times) in reach.arrays {
      let rule = program.arrays[Int(number)]
      try spend(1 + Int(rule.prefixCount))
      var most = rule.rest == none ? 0 : costs[Int(rule.rest)]
      for place in 0..<Int(rule.prefixCount) {
        most = max(most, costs[Int(program.choices[Int(rule.prefixStart) + place])])
      }
      sum += times * most
    }
    for (node, times) in reach.elementNodes { sum += times * costs[Int(node)] }
    return sum
  }

  /// Of the member with the costliest name.
  private mutating func members(_ reach: Reach, _ costs: [Double]) throws(TooIntricate) -> Double {
    var all = 0.0
    try spend(reach.memberNodes.count)
    for (node, times) in reach.memberNodes { all += times * costs[Int(node)] }
    var beyond: [Int: Double] = [:]
    for (number, times) in reach.objects {
      let rule = program.objects[Int(number)]
      let other = rule.additional == none ? 0 : costs[Int(rule.additional)]
      all += times * other
      try spend(1 + names[Int(number)].count)
      for (name, node) in names[Int(number)] {
        let own = node == MemberRule.noNode ? other : costs[Int(node)]
        beyond[name, default: 0] += times * (own.isFinite && other.isFinite ? own - other : own)
      }
    }
    return all + max(0, beyond.values.max() ?? 0)
  }

  private mutating func nameMembers() {
    var numbers: [[UInt8]: Int] = [:]
    names = program.objects.map { rule in
      guard !rule.names.isEmpty else { return [] }
      return program.slots[Int(rule.names.start)...Int(rule.names.start + rule.names.mask)].filter { $0.value != none }
        .map { slot in
          let name = Array(program.names[Int(slot.start)..<Int(slot.start) + Int(slot.key.count)])
          let number = numbers[name] ?? numbers.count
          numbers[name] = number
          return (number, slot.value & MemberRule.nodeBits)
        }
    }
  }

  // MARK: Schemas for the same value

  /// Works out what a node reaches, after those that it applies to the same value. A loop of dynamic references costs without
  /// end.
  private mutating func reach(_ start: UInt32) throws(TooIntricate) {
    guard reaches[Int(start)] == nil else { return }
    var open: Set<UInt32> = [start]
    var stack: [(node: UInt32, next: [UInt32])] = [(start, inPlace(start))]
    while let top = stack.last {
      if let target = top.next.last {
        stack[stack.count - 1].next.removeLast()
        if open.contains(target) { throw TooIntricate() }
        guard reaches[Int(target)] == nil else { continue }
        open.insert(target)
        stack.append((target, inPlace(target)))
      } else {
        reaches[Int(top.node)] = try sum(top.node)
        open.remove(top.node)
        stack.removeLast()
      }
    }
  }

  private func operations(_ node: UInt32) -> UnsafeMutableBufferPointer<Operation>.SubSequence {
    let node = program.nodes[Int(node)]
    return program.operations[Int(node.first)..<Int(node.first) + Int(node.end)]
  }

  /// The nodes that are applied to the same value, as often as they are.
  private func inPlace(_ node: UInt32) -> [UInt32] {
    operations(node).flatMap { operation -> [UInt32] in
      switch operation.code {
      case .reference, .not: [operation.a]
      case .dynamicReference:
        program.scopes[Int(operation.b)..<Int(operation.b + operation.c)].map(\.node) + [operation.a]
      case .dependentSchema: [operation.b]
      case .condition: [operation.a, operation.b, operation.c].filter { $0 != none }
      case .anyOf, .oneOf: Array(program.choices[Int(operation.a)..<Int(operation.a + operation.b)])
      default: []
      }
    }
  }

  /// The nodes that a value's elements and members are applied to.
  private func below(_ node: UInt32) -> [UInt32] {
    let own = program.nodes[Int(node)]
    var nodes = inPlace(node) + [own.unevaluatedItems, own.unevaluatedProperties]
    for operation in operations(node) {
      switch operation.code {
      case .contains: nodes.append(operation.a)
      case .items:
        let rule = program.arrays[Int(operation.a)]
        nodes += program.choices[Int(rule.prefixStart)..<Int(rule.prefixStart + rule.prefixCount)]
        nodes.append(rule.rest)
      case .members:
        let rule = program.objects[Int(operation.a)]
        nodes += names[Int(operation.a)].map(\.node) + [rule.additional, rule.memberNames]
        nodes += program.patternRules[Int(rule.patternStart)..<Int(rule.patternStart + rule.patternCount)].map(\.node)
      default: break
      }
    }
    return nodes.filter { $0 != none && $0 != MemberRule.noNode && $0 != node }
  }

  private mutating func sum(_ number: UInt32) throws(TooIntricate) -> Reach {
    let node = program.nodes[Int(number)]
    var sum = Reach()
    for operation in operations(number) { add(operation, to: &sum) }
    if node.unevaluatedItems != none { sum.elementNodes[node.unevaluatedItems, default: 0] += 1 }
    if node.unevaluatedProperties != none { sum.memberNodes[node.unevaluatedProperties, default: 0] += 1 }
    for target in inPlace(number) {
      guard let other = reaches[Int(target)] else { continue }
      try spend(1 + other.size)
      sum.scalar += other.scalar
      sum.array += other.array
      sum.object += other.object
      sum.scalarBytes += other.scalarBytes
      sum.arrayBytes += other.arrayBytes
      sum.objectBytes += other.objectBytes
      sum.member += other.member
      sum.memberBytes += other.memberBytes
      sum.arrays.merge(other.arrays, uniquingKeysWith: +)
      sum.objects.merge(other.objects, uniquingKeysWith: +)
      sum.elementNodes.merge(other.elementNodes, uniquingKeysWith: +)
      sum.memberNodes.merge(other.memberNodes, uniquingKeysWith: +)
    }
    // A value of another type is not looked at further.
    if node.types.isDisjoint(with: .array) {
      (sum.array, sum.arrayBytes, sum.arrays, sum.elementNodes) = (0, 0, [:], [:])
    }
    if node.types.isDisjoint(with: .object) {
      (sum.object, sum.objectBytes, sum.objects, sum.memberNodes) = (0, 0, [:], [:])
      (sum.member, sum.memberBytes) = (0, 0)
    }
    if node.types.subtracting([.array, .object]).isEmpty { (sum.scalar, sum.scalarBytes) = (0, 0) }
    sum.scalar += 1
    sum.array += 1
    sum.object += 1
    return sum
  }

  /// What a check takes by itself: see `Evaluator`.
  private func add(_ operation: Operation, to sum: inout Reach) {
    switch operation.code {
    case .constant: add(constant: operation.a, to: &sum)
    case .enumeration:
      let start = Int(operation.c)
      for place in start + 1..<start + 1 + Int(program.choices[start]) {
        add(constant: program.choices[place], to: &sum)
      }
    case .stringEnumeration:
      let run = operation.b >> 20
      sum.scalar += run < 32 ? 0 : Double(run / 4)
      sum.scalarBytes += Double(run) / 64
    case .multipleOf: sum.scalar += 8
    case .minLength, .maxLength: sum.scalarBytes += 1 / 16
    case .format: sum.scalarBytes += 1 / 4
    case .pattern:
      let pattern = program.patterns[Int(operation.a)]
      sum.scalar += Double(pattern.cost(0))
      sum.scalarBytes += Double(pattern.cost(8) - pattern.cost(0)) / 8
    case .items: sum.arrays[operation.a, default: 0] += 1
    case .contains: sum.elementNodes[operation.a, default: 0] += 1
    case .uniqueItems: sum.arrayBytes += 16
    case .members: add(rule: operation.a, to: &sum)
    case .dependentRequired: sum.member += 1 + Double(program.choices[Int(operation.a) + 2])
    case .dependentSchema: sum.member += 1
    case .dynamicReference:
      let cost = resources * Double(operation.c) / 4
      sum.scalar += cost
      sum.array += cost
      sum.object += cost
    default: break
    }
  }

  private func add(constant: UInt32, to sum: inout Reach) {
    let tape = UnsafePointer(program.constantTape.baseAddress.unsafelyUnwrapped)
    let word = tape[Int(constant)]
    sum.scalar += 1
    sum.array += 1
    sum.object += 1
    switch Tape.kind(word) {
    case Tape.string: sum.scalarBytes += 1 / 16
    case Tape.array: sum.arrayBytes += 1
    // Members in another order are looked for one by one.
    case Tape.object: sum.objectBytes += 1 + Double(Tape.count(word)) / 8
    default: break
    }
  }

  private func add(rule number: UInt32, to sum: inout Reach) {
    let rule = program.objects[Int(number)]
    sum.objects[number, default: 0] += 1
    sum.member += 1 + Double(rule.names.cost(0))
    if !rule.names.isEmpty { sum.memberBytes += Double(rule.names.longestRun) / 64 }
    if rule.memberNames != none { sum.memberNodes[rule.memberNames, default: 0] += 1 }
    for place in Int(rule.patternStart)..<Int(rule.patternStart + rule.patternCount) {
      let each = program.patternRules[place]
      let pattern = program.patterns[Int(each.pattern)]
      sum.member += Double(pattern.cost(0))
      sum.memberBytes += Double(pattern.cost(8) - pattern.cost(0)) / 8
      sum.memberNodes[each.node, default: 0] += 1
    }
  }
}
