internal import IJSON

extension Evaluator {
  @inline(__always)
  mutating func checkArray(_ operation: Operation, _ index: Int, _ track: Int) -> Bool {
    switch operation.code {
    case .items: return checkItems(operation, index, track)
    case .minItems: return count(index) >= Int(operation.a) || fail(operation, index)
    case .maxItems: return count(index) <= Int(operation.a) || fail(operation, index)
    case .contains: return checkContains(operation, index, track)
    default: return checkUnique(operation, index)
    }
  }

  private mutating func checkItems(_ operation: Operation, _ index: Int, _ track: Int) -> Bool {
    let rule = program.arrays[Int(operation.a)]
    let end = Tape.end(tape[index]) - 1
    var position = index + 1
    var element = 0
    while position < end {
      let node =
        element < Int(rule.prefixCount) ? program.choices[Int(rule.prefixStart) + element] : rule.rest
      if node == none { return true }
      guard check(node, position, MarkStack.nowhere) else { return false }
      if track != MarkStack.nowhere { marks.mark(track, element) }
      position = Tape.next(tape, position)
      element += 1
    }
    return true
  }

  private mutating func checkContains(_ operation: Operation, _ index: Int, _ track: Int) -> Bool {
    let end = Tape.end(tape[index]) - 1
    var position = index + 1
    var element = 0
    var found = 0
    while position < end {
      if check(operation.a, position, MarkStack.nowhere) {
        found += 1
        if track != MarkStack.nowhere {
          marks.mark(track, element)
        } else if operation.c == none, found >= Int(operation.b) {
          return true
        }
        if operation.c != none, found > Int(operation.c) { return fail(operation, index) }
      } else if stopped != nil {
        return false
      }
      position = Tape.next(tape, position)
      element += 1
    }
    return found >= Int(operation.b) || fail(operation, index)
  }

  private mutating func checkUnique(_ operation: Operation, _ index: Int) -> Bool {
    let count = self.count(index)
    if count < 2 { return true }
    // Each with each other is the faster way for a few small ones, and for them only.
    let isSmall = count <= 32 && Tape.end(tape[index]) - index <= 256
    let isUnique = isSmall ? areFewUnique(index) : areManyUnique(index)
    return isUnique || fail(operation, index)
  }

  private mutating func areFewUnique(_ index: Int) -> Bool {
    let end = Tape.end(tape[index]) - 1
    var first = index + 1
    while first < end {
      let next = Tape.next(tape, first)
      var second = next
      while second < end {
        if isEqual(first, second) { return false }
        second = Tape.next(tape, second)
      }
      first = next
    }
    return true
  }

  private mutating func isEqual(_ a: Int, _ b: Int) -> Bool {
    let isSame = sameValue(tape, strings, a, tape, strings, b, fuel: &fuel)
    // A comparison that ran out of steps says nothing.
    return spend(0, a) && isSame
  }

  /// Through a hash table in temporary memory; the hash is keyed per process, so that no array is chosen to collide.
  private mutating func areManyUnique(_ index: Int) -> Bool {
    let end = Tape.end(tape[index]) - 1
    // An element takes a word or more.
    var size = 64
    while size < 2 * min(end - index, max(count(index), 1)), count(index) < Tape.saturatedCount { size *= 2 }
    if count(index) >= Tape.saturatedCount { return stop(.cost, index) }
    return withUnsafeTemporaryAllocation(of: (hash: Int, index: Int).self, capacity: size) { slots in
      slots.initialize(repeating: (0, 0))
      var position = index + 1
      while position < end {
        guard let hash = hash(position) else { return false }
        var slot = hash & (size - 1)
        while slots[slot].index != 0 {
          if slots[slot].hash == hash, isEqual(slots[slot].index, position) { return false }
          slot = (slot + 1) & (size - 1)
        }
        slots[slot] = (hash, position)
        position = Tape.next(tape, position)
      }
      return true
    }
  }

  /// Equal values have equal hashes; nil when the steps are out.
  private mutating func hash(_ index: Int) -> Int? {
    let end = Tape.next(tape, index)
    // A keyed hash costs more than a step of another kind.
    guard spend(4, index) else { return nil }
    var hasher = Hasher()
    let word = tape[index]
    let kind = Tape.kind(word)
    switch kind {
    case Tape.int64, Tape.uint64, Tape.double:
      // By value: 1 and 1.0 are equal. Integers that share a double only collide.
      hasher.combine(JSONNumber(kind: kind, bits: tape[index + 1]).double)
    case Tape.string:
      let text = Tape.utf8(word, strings)
      guard spend(text.count / 16, index) else { return nil }
      hasher.combine(bytes: UnsafeRawBufferPointer(text))
    case Tape.array:
      hasher.combine(kind)
      var position = index + 1
      while position < end - 1 {
        guard let element = hash(position) else { return nil }
        hasher.combine(element)
        position = Tape.next(tape, position)
      }
    case Tape.object:
      hasher.combine(kind)
      // Order doesn't count, so the members' hashes are added.
      var sum = 0
      var position = index + 1
      while position < end - 1 {
        var member = Hasher()
        let name = Tape.utf8(tape[position], strings)
        guard spend(4 + name.count / 16, index) else { return nil }
        member.combine(bytes: UnsafeRawBufferPointer(name))
        guard let value = hash(position + 1) else { return nil }
        member.combine(value)
        sum &+= member.finalize()
        position = Tape.next(tape, position + 1)
      }
      hasher.combine(sum)
    default: hasher.combine(kind)
    }
    return hasher.finalize()
  }
}
