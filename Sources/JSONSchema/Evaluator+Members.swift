internal import IJSON

extension Evaluator {
  @inline(__always)
  mutating func checkObject(_ operation: Operation, _ index: Int, _ track: Int) -> Bool {
    switch operation.code {
    case .members: return checkMembers(operation, index, track)
    case .minProperties: return count(index) >= Int(operation.a) || fail(operation, index)
    case .maxProperties: return count(index) <= Int(operation.a) || fail(operation, index)
    case .dependentRequired: return checkDependentRequired(operation, index)
    default:
      let start = Int(operation.a)
      guard find(program.choices[start], program.choices[start + 1], index) != nil else { return spend(0, index) }
      return check(operation.b, index, track)
    }
  }

  /// Members or elements; beyond 2^24 at least that.
  @inline(__always)
  func count(_ index: Int) -> Int {
    Tape.count(tape[index])
  }

  private mutating func checkMembers(_ operation: Operation, _ index: Int, _ track: Int) -> Bool {
    let rule = program.objects.baseAddress.unsafelyUnwrapped + Int(operation.a)
    let hasPatterns = rule.pointee.patternCount > 0
    let end = Tape.end(tape[index]) - 1
    var position = index + 1
    var member = 0
    var required: UInt32 = 0
    var names: UInt64 = 0
    while position < end {
      let value = position + 1
      let name = Tape.utf8(tape[position], strings)
      guard spend(1 + rule.pointee.names.cost(name.count), position) else { return false }
      let key = NameKey(name)
      names |= key.bit
      let known = rule.pointee.names.isEmpty ? none : rule.pointee.names.value(of: name, key, in: program)
      var isEvaluated = false
      if known != none {
        required += known >> 31
        let node = known & MemberRule.nodeBits
        if node != MemberRule.noNode {
          isEvaluated = true
          guard check(node, value, MarkStack.nowhere) else { return false }
        }
      }
      if hasPatterns {
        switch checkPatterns(rule, name, value) {
        case .failed: return false
        case .matched: isEvaluated = true
        case .unmatched: break
        }
      }
      if !isEvaluated, rule.pointee.additional != none {
        isEvaluated = true
        guard check(rule.pointee.additional, value, MarkStack.nowhere) else { return false }
      }
      if rule.pointee.memberNames != none, known == none || !rule.pointee.namesAreVouched {
        guard check(rule.pointee.memberNames, position, MarkStack.nowhere) else { return false }
      }
      if isEvaluated, track != MarkStack.nowhere { marks.mark(track, member) }
      position = Tape.next(tape, value)
      member += 1
    }
    // Names are unique in an instance, so as many hits as names means that each is there.
    if required == rule.pointee.requiredCount {
      seen = (index, names)
      return true
    }
    fault = Fault(cause: .missingMember(operation.a), index: index)
    return false
  }

  private enum PatternResult {
    case failed, matched, unmatched
  }

  private mutating func checkPatterns(
    _ rule: UnsafeMutablePointer<ObjectRule>, _ name: UnsafeBufferPointer<UInt8>, _ value: Int
  ) -> PatternResult {
    var result = PatternResult.unmatched
    let start = Int(rule.pointee.patternStart)
    for number in start..<start + Int(rule.pointee.patternCount) {
      let each = program.patternRules[number]
      let pattern = program.patterns[Int(each.pattern)]
      guard spend(pattern.cost(name.count), value) else { return .failed }
      guard pattern.matches(name) else { continue }
      result = .matched
      guard check(each.node, value, MarkStack.nowhere) else { return .failed }
    }
    return result
  }

  private mutating func checkDependentRequired(_ operation: Operation, _ index: Int) -> Bool {
    var next = Int(operation.a)
    // Most objects have nothing on which others depend, and the walk over the members has just seen which they are.
    if seen.index == index, seen.names & (1 << UInt64(operation.b)) == 0 { return true }
    guard find(program.choices[next], program.choices[next + 1], index) != nil else { return spend(0, index) }
    let needed = Int(program.choices[next + 2])
    for _ in 0..<needed {
      next += 2
      if find(program.choices[next + 1], program.choices[next + 2], index) == nil { return fail(operation, index) }
    }
    return true
  }

  /// Where the member of a name of the program's has its value.
  mutating func find(_ start: UInt32, _ length: UInt32, _ index: Int) -> Int? {
    let wanted = program.names.baseAddress.unsafelyUnwrapped + Int(start)
    let end = Tape.end(tape[index]) - 1
    var position = index + 1
    while position < end {
      guard spend(1, index) else { return nil }
      let name = Tape.utf8(tape[position], strings)
      if name.count == Int(length) {
        guard spend(name.count / 64, index) else { return nil }
        if sameBytes(name, wanted) { return position + 1 }
      }
      position = Tape.next(tape, position + 1)
    }
    return nil
  }
}
