internal import IJSON

extension Evaluator {
  @inline(__always)
  mutating func checkAny(_ operation: Operation, _ index: Int) -> Bool {
    switch operation.code {
    case .constant: return isConstant(operation.a, index) || fail(operation, index)
    case .stringEnumeration: return isEnumerated(operation, index) || fail(operation, index)
    case .enumeration:
      let start = Int(operation.c)
      for choice in start + 1..<start + 1 + Int(program.choices[start]) {
        if isConstant(program.choices[choice], index) { return true }
      }
      return fail(operation, index)
    default: return fail(operation, index)
    }
  }

  private mutating func isConstant(_ constant: UInt32, _ index: Int) -> Bool {
    let isSame = sameValue(
      tape, strings, index, UnsafePointer(program.constantTape.baseAddress.unsafelyUnwrapped),
      UnsafePointer(program.constantStrings.baseAddress.unsafelyUnwrapped), Int(constant), fuel: &fuel)
    // A comparison that ran out of steps says nothing.
    return spend(0, index) && isSame
  }

  @inline(__always)
  private mutating func isEnumerated(_ operation: Operation, _ index: Int) -> Bool {
    let word = tape[index]
    guard Tape.kind(word) == Tape.string else { return false }
    let text = Tape.utf8(word, strings)
    let table = NameTable(start: operation.a, mask: operation.b & 0xF_FFFF, longestRun: operation.b >> 20)
    return spend(table.cost(text.count), index) && table.value(of: text, in: program) != none
  }

  @inline(__always)
  mutating func checkNumber(_ operation: Operation, _ kind: UInt8, _ index: Int) -> Bool {
    let value = JSONNumber(kind: kind, bits: tape[index + 1])
    let bound = program.numbers[Int(operation.a)]
    let isKept: Bool
    switch operation.code {
    case .minimum: isKept = value.compared(to: bound) >= 0
    case .maximum: isKept = value.compared(to: bound) <= 0
    case .exclusiveMinimum: isKept = value.compared(to: bound) > 0
    case .exclusiveMaximum: isKept = value.compared(to: bound) < 0
    default:
      // The shortest decimal of a double takes a hundred nanoseconds and more.
      guard spend(8, index) else { return false }
      isKept = value.isMultiple(of: bound)
    }
    return isKept || fail(operation, index)
  }

  @inline(__always)
  mutating func checkString(_ operation: Operation, _ index: Int) -> Bool {
    let text = Tape.utf8(tape[index], strings)
    switch operation.code {
    case .minLength:
      // A code point takes four bytes at most.
      let bound = Int(operation.a)
      if text.count < bound { return fail(operation, index) }
      if text.count / 4 >= bound { return true }
      return spend(text.count / 16, index) && (codePoints(text) >= bound || fail(operation, index))
    case .maxLength:
      let bound = Int(operation.a)
      if text.count <= bound { return true }
      return spend(text.count / 16, index) && (codePoints(text) <= bound || fail(operation, index))
    case .pattern:
      let pattern = program.patterns[Int(operation.a)]
      return spend(pattern.cost(text.count), index)
        && (pattern.matches(text) || fail(operation, index))
    default:
      return spend(text.count / 4, index) && (Format(rawValue: operation.a)!.matches(text) || fail(operation, index))
    }
  }

  private func codePoints(_ text: UnsafeBufferPointer<UInt8>) -> Int {
    var count = 0
    for byte in text where byte & 0xC0 != 0x80 { count += 1 }
    return count
  }
}
