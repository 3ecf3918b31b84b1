internal import IJSON

/// One validation: a program run over a tape. Lives on the stack of the thread that validates.
///
/// A check that fails leaves its operation and the tape index in `fault`; the last one left when the root fails is the
/// one to report, since a failed `anyOf`, `oneOf` or `not` leaves its own after its branches'.
struct Evaluator {
  struct Fault {
    enum Cause {
      case type(UInt32, JSONType)
      case operation(Operation)
      case missingMember(UInt32)
      case recursion
      case cost
    }

    var cause: Cause
    var index: Int
  }

  let program: Program
  let tape: UnsafePointer<UInt64>
  let strings: UnsafePointer<UInt8>
  var fuel: Int
  var depth: Int
  var fault = Fault(cause: .cost, index: 0)
  var marks: MarkStack
  /// The resources entered, outermost first, when a `$dynamicRef` asks for them.
  var scope: UnsafeMutableBufferPointer<UInt16>
  var scopeCount = 0
  /// The object whose members were walked last, and a bit for each of their names.
  var seen: (index: Int, names: UInt64) = (-1, 0)

  init(
    _ program: Program, _ value: JSONValue, limits: SchemaLimits, steps: Int, marks: UnsafeMutableBufferPointer<UInt64>,
    scope: UnsafeMutableBufferPointer<UInt16>
  ) {
    self.program = program
    tape = value.tape
    strings = value.strings
    fuel = steps
    depth = limits.maxRecursion
    self.marks = MarkStack(marks)
    self.scope = scope
  }

  @inline(__always)
  mutating func fail(_ operation: Operation, _ index: Int) -> Bool {
    fault = Fault(cause: .operation(operation), index: index)
    return false
  }

  /// Takes steps off what the validation may cost.
  @inline(__always)
  mutating func spend(_ steps: Int, _ index: Int) -> Bool {
    fuel -= steps
    return fuel > 0 ? true : stop(.cost, index)
  }

  /// Ends the validation: from now on every check fails at once. What a `not` makes of that doesn't matter, since a
  /// stopped validation has failed whatever its root says.
  @inline(never)
  mutating func stop(_ cause: Fault.Cause, _ index: Int) -> Bool {
    if stopped == nil { stopped = Fault(cause: cause, index: index) }
    fuel = Int.min / 2
    return false
  }

  private(set) var stopped: Fault?

  /// Whether the value at `index` keeps the schema `number`. `track` is where the evaluated members or elements of that
  /// value are marked, or `MarkStack.nowhere`.
  mutating func check(_ number: UInt32, _ index: Int, _ track: Int) -> Bool {
    let node = program.nodes.baseAddress.unsafelyUnwrapped + Int(number)
    guard spend(1, index) else { return false }
    let kind = Tape.kind(tape[index])
    guard hasType(node, kind, index) else { return false }
    // No work for the many schemas that only name a type.
    if node.pointee.end == 0, !node.pointee.tracks { return true }
    depth -= 1
    defer { depth += 1 }
    guard depth > 0 else { return stop(.recursion, index) }
    return
      program.usesDynamicScope || node.pointee.tracks
      ? checkInScope(node, kind, index, track) : checkGroups(node, kind, index, track)
  }

  @inline(__always)
  private mutating func hasType(_ node: UnsafeMutablePointer<Node>, _ kind: UInt8, _ index: Int) -> Bool {
    let types = node.pointee.types
    let type = JSONType.of(kind)
    if !types.isDisjoint(with: type) { return true }
    if type.rawValue == JSONType.fraction.rawValue, types.contains(.integer),
      JSONNumber(kind: kind, bits: tape[index + 1]).isWhole
    {
      return true
    }
    fault = Fault(cause: .type(node.pointee.typeLocation, types), index: index)
    return false
  }

  /// With what only some schemas need: the resource in scope, and marks of their own.
  @inline(never)
  private mutating func checkInScope(
    _ node: UnsafeMutablePointer<Node>, _ kind: UInt8, _ index: Int, _ track: Int
  ) -> Bool {
    let outer = scopeCount
    if program.usesDynamicScope, outer == 0 || scope[outer - 1] != node.pointee.resource {
      guard outer < scope.count else { return stop(.recursion, index) }
      scope[outer] = node.pointee.resource
      scopeCount += 1
    }
    let result =
      node.pointee.tracks && (kind == Tape.object || kind == Tape.array)
      ? checkTracked(node, kind, index, track) : checkGroups(node, kind, index, track)
    scopeCount = outer
    return result
  }

  @inline(__always)
  func operations(_ node: UnsafeMutablePointer<Node>) -> UnsafeMutablePointer<Operation> {
    program.operations.baseAddress.unsafelyUnwrapped + Int(node.pointee.first)
  }

  mutating func checkGroups(
    _ node: UnsafeMutablePointer<Node>, _ kind: UInt8, _ index: Int, _ track: Int
  ) -> Bool {
    let operations = operations(node)
    var next = 0
    while next < Int(node.pointee.numberStart) {
      guard checkAny(operations[next], index) else { return false }
      next += 1
    }
    switch kind {
    case Tape.string:
      next = Int(node.pointee.stringStart)
      while next < Int(node.pointee.arrayStart) {
        guard checkString(operations[next], index) else { return false }
        next += 1
      }
    case Tape.object:
      next = Int(node.pointee.objectStart)
      while next < Int(node.pointee.inPlaceStart) {
        guard checkObject(operations[next], index, track) else { return false }
        next += 1
      }
    case Tape.int64, Tape.uint64, Tape.double:
      next = Int(node.pointee.numberStart)
      while next < Int(node.pointee.stringStart) {
        guard checkNumber(operations[next], kind, index) else { return false }
        next += 1
      }
    case Tape.array:
      next = Int(node.pointee.arrayStart)
      while next < Int(node.pointee.objectStart) {
        guard checkArray(operations[next], index, track) else { return false }
        next += 1
      }
    default: break
    }
    next = Int(node.pointee.inPlaceStart)
    while next < Int(node.pointee.end) {
      guard checkInPlace(operations[next], index, track) else { return false }
      next += 1
    }
    return true
  }
}
