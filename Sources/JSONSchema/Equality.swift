internal import IJSON

/// Whether two values on two tapes are equal as JSON Schema means it: numbers by value, objects without order.
///
/// Each node compared, and each 16 bytes of text, takes a step off `fuel`; false when it runs out.
func sameValue(
  _ tapeA: UnsafePointer<UInt64>, _ stringsA: UnsafePointer<UInt8>, _ a: Int, _ tapeB: UnsafePointer<UInt64>,
  _ stringsB: UnsafePointer<UInt8>, _ b: Int, fuel: inout Int
) -> Bool {
  fuel -= 1
  guard fuel > 0 else { return false }
  let wordA = tapeA[a]
  let wordB = tapeB[b]
  let kindA = Tape.kind(wordA)
  let kindB = Tape.kind(wordB)
  switch kindA {
  case Tape.int64, Tape.uint64, Tape.double:
    guard kindB == Tape.int64 || kindB == Tape.uint64 || kindB == Tape.double else { return false }
    return JSONNumber(kind: kindA, bits: tapeA[a + 1]).compared(to: JSONNumber(kind: kindB, bits: tapeB[b + 1])) == 0
  case Tape.string:
    guard kindB == Tape.string else { return false }
    let textA = Tape.utf8(wordA, stringsA)
    let textB = Tape.utf8(wordB, stringsB)
    guard textA.count == textB.count else { return false }
    fuel -= textA.count / 16
    return sameBytes(textA, textB.baseAddress.unsafelyUnwrapped)
  case Tape.array:
    guard kindB == Tape.array, Tape.count(wordA) == Tape.count(wordB) else { return false }
    var nextA = a + 1
    var nextB = b + 1
    let endA = Tape.end(wordA) - 1
    let endB = Tape.end(wordB) - 1
    while nextA < endA, nextB < endB {
      guard sameValue(tapeA, stringsA, nextA, tapeB, stringsB, nextB, fuel: &fuel) else { return false }
      nextA = Tape.next(tapeA, nextA)
      nextB = Tape.next(tapeB, nextB)
    }
    return nextA == endA && nextB == endB
  case Tape.object:
    guard kindB == Tape.object, Tape.count(wordA) == Tape.count(wordB) else { return false }
    return sameMembers(tapeA, stringsA, a, tapeB, stringsB, b, fuel: &fuel)
  default:
    return kindA == kindB
  }
}

/// Each member of A is looked for in B from where the last was found: one pass when both have the same order.
private func sameMembers(
  _ tapeA: UnsafePointer<UInt64>, _ stringsA: UnsafePointer<UInt8>, _ a: Int, _ tapeB: UnsafePointer<UInt64>,
  _ stringsB: UnsafePointer<UInt8>, _ b: Int, fuel: inout Int
) -> Bool {
  let startB = b + 1
  let endB = Tape.end(tapeB[b]) - 1
  let endA = Tape.end(tapeA[a]) - 1
  var nextA = a + 1
  var nextB = startB
  while nextA < endA {
    let name = Tape.utf8(tapeA[nextA], stringsA)
    let from = nextB
    var found: Int?
    repeat {
      fuel -= 1
      guard fuel > 0 else { return false }
      if nextB >= endB { nextB = startB }
      if nextB >= endB { return false }
      let other = Tape.utf8(tapeB[nextB], stringsB)
      if other.count == name.count {
        fuel -= name.count / 64
        if sameBytes(name, other.baseAddress.unsafelyUnwrapped) { found = nextB + 1 }
      }
      nextB = Tape.next(tapeB, nextB + 1)
    } while found == nil && nextB != from && !(nextB >= endB && from == startB)
    guard let found, sameValue(tapeA, stringsA, nextA + 1, tapeB, stringsB, found, fuel: &fuel) else { return false }
    nextA = Tape.next(tapeA, nextA + 1)
  }
  // Names are unique on both sides, so every member of B was found too when B has as many; beyond 2^24 the tape
  // doesn't say how many it has.
  return Tape.count(tapeA[a]) < Tape.saturatedCount
    || memberCount(tapeA, a + 1, endA) == memberCount(tapeB, startB, endB)
}

private func memberCount(_ tape: UnsafePointer<UInt64>, _ start: Int, _ end: Int) -> Int {
  var count = 0
  var next = start
  while next < end {
    next = Tape.next(tape, next + 1)
    count += 1
  }
  return count
}
