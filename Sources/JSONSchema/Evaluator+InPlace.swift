internal import IJSON

extension Evaluator {
  @inline(__always)
  mutating func checkInPlace(_ operation: Operation, _ index: Int, _ track: Int) -> Bool {
    switch operation.code {
    case .reference: return check(operation.a, index, track)
    case .dynamicReference:
      return spend(scopeCount * Int(operation.c) / 4, index) && check(dynamicTarget(operation), index, track)
    case .anyOf: return checkAnyOf(operation, index, track)
    case .oneOf: return checkOneOf(operation, index, track)
    case .not: return !check(operation.a, index, MarkStack.nowhere) || fail(operation, index)
    default: return checkCondition(operation, index, track)
    }
  }

  /// The schema of the outermost resource in scope that has the anchor; where the reference first led when none has.
  private func dynamicTarget(_ operation: Operation) -> UInt32 {
    let start = Int(operation.b)
    for entered in 0..<scopeCount {
      for rule in start..<start + Int(operation.c) where program.scopes[rule].resource == UInt32(scope[entered]) {
        return program.scopes[rule].node
      }
    }
    return operation.a
  }

  private mutating func checkAnyOf(_ operation: Operation, _ index: Int, _ track: Int) -> Bool {
    var matches = false
    for choice in Int(operation.a)..<Int(operation.a + operation.b) {
      if branch(program.choices[choice], index, track) {
        matches = true
        // What the other branches evaluate counts too.
        if track == MarkStack.nowhere { return true }
      }
    }
    return matches || fail(operation, index)
  }

  private mutating func checkOneOf(_ operation: Operation, _ index: Int, _ track: Int) -> Bool {
    var matches = false
    for choice in Int(operation.a)..<Int(operation.a + operation.b) where branch(program.choices[choice], index, track)
    {
      if matches { return fail(operation, index) }
      matches = true
    }
    return matches || fail(operation, index)
  }

  private mutating func checkCondition(_ operation: Operation, _ index: Int, _ track: Int) -> Bool {
    if operation.b == none, operation.c == none, track == MarkStack.nowhere { return true }
    let next = branch(operation.a, index, track) ? operation.b : operation.c
    return next == none || check(next, index, track)
  }

  /// A schema that may fail without the whole failing: its marks count only when it doesn't.
  private mutating func branch(_ node: UInt32, _ index: Int, _ track: Int) -> Bool {
    if track == MarkStack.nowhere { return check(node, index, track) }
    let words = MarkStack.words(for: exactCount(index))
    let place = marks.push(words: words)
    defer { marks.pop(to: place) }
    guard spend(words, index), check(node, index, place) else { return false }
    marks.add(place, to: track, words: words)
    return true
  }

  /// A schema with `unevaluatedItems` or `unevaluatedProperties`: it sees what it and the schemas it applies to the same
  /// value evaluated, and not what its neighbours did.
  mutating func checkTracked(
    _ node: UnsafeMutablePointer<Node>, _ kind: UInt8, _ index: Int, _ track: Int
  ) -> Bool {
    let rest = kind == Tape.object ? node.pointee.unevaluatedProperties : node.pointee.unevaluatedItems
    if rest == none { return checkGroups(node, kind, index, track) }
    let words = MarkStack.words(for: exactCount(index))
    let place = marks.push(words: words)
    defer { marks.pop(to: place) }
    guard spend(words, index), checkGroups(node, kind, index, place) else { return false }
    let end = Tape.end(tape[index]) - 1
    var position = index + 1
    var member = 0
    while position < end {
      let value = kind == Tape.object ? position + 1 : position
      if !marks.isMarked(place, member) {
        guard check(rest, value, MarkStack.nowhere) else { return false }
      }
      position = Tape.next(tape, value)
      member += 1
    }
    if track != MarkStack.nowhere { marks.markAll(track, words: words) }
    return true
  }

  private func exactCount(_ index: Int) -> Int {
    let count = self.count(index)
    // Beyond what the tape says, a bound: each takes a word or more.
    return count < Tape.saturatedCount ? count : Tape.end(tape[index]) - index
  }
}
