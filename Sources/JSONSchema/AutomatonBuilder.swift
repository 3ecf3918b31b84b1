/// Makes a ``ByteAutomaton`` of a pattern: first a nondeterministic one (Thompson's construction), then sets of its
/// states (the subset construction).
struct AutomatonBuilder {
  /// Above these it gives up, so that neither memory nor compile time explodes.
  private static let mostSteps = 3000
  private static let mostStates = 600

  private enum Step {
    case bytes(ClosedRange<UInt8>, next: Int)
    case either(Int, Int)
    case atStart(next: Int)
    case atEnd(next: Int)
    case accept
  }

  private struct GaveUp: Error {}

  private var steps: [Step] = []

  /// How many cells of the table may still be made and steps looked at.
  private var work: Int
  /// For each step the closure that saw it last, so that none is cleared.
  private var seen: [Int] = []
  private var closures = 0

  private init(work: Int) {
    self.work = work
  }

  /// Nil when the pattern needs Unicode's tables or word boundaries, or grows too large. What was tried is taken off
  /// `work`, so that a schema of many patterns doesn't compile for minutes.
  static func automaton(_ pattern: ECMAPattern, work: inout Int) -> ByteAutomaton? {
    let share = min(work, 400_000)
    var builder = AutomatonBuilder(work: share)
    defer { work -= share - max(builder.work, 0) }
    do {
      builder.steps.append(.accept)
      let entry = try builder.add(pattern, next: 0)
      builder.seen = Array(repeating: 0, count: builder.steps.count)
      return try builder.determinize(entry)
    } catch {
      return nil
    }
  }

  private mutating func step(_ step: Step) throws(GaveUp) -> Int {
    guard steps.count < Self.mostSteps else { throw GaveUp() }
    steps.append(step)
    return steps.count - 1
  }

  /// Adds what matches the pattern and then goes on at `next`; where it begins.
  private mutating func add(_ pattern: ECMAPattern, next: Int) throws(GaveUp) -> Int {
    // A repeated empty part makes no steps, but takes time.
    work -= 1
    guard work > 0 else { throw GaveUp() }
    switch pattern {
    case .empty: return next
    case .start: return try step(.atStart(next: next))
    case .end: return try step(.atEnd(next: next))
    case .boundary: throw GaveUp()
    case .sequence(let parts):
      var next = next
      for part in parts.reversed() { next = try add(part, next: next) }
      return next
    case .choice(let parts):
      var entry = try add(parts[parts.count - 1], next: next)
      for part in parts.dropLast().reversed() { entry = try step(.either(try add(part, next: next), entry)) }
      return entry
    case .set(let set): return try add(set, next: next)
    case .repeated(let part, let least, let most):
      var next = next
      if let most {
        let after = next
        for _ in 0..<(most - least) { next = try step(.either(try add(part, next: next), after)) }
      } else {
        let loop = try step(.either(next, next))
        steps[loop] = .either(try add(part, next: loop), next)
        next = loop
      }
      for _ in 0..<least { next = try add(part, next: next) }
      return next
    }
  }

  private mutating func add(_ set: ScalarSet, next: Int) throws(GaveUp) -> Int {
    guard set.properties.isEmpty else { throw GaveUp() }
    var runs: [[ClosedRange<UInt8>]] = []
    for range in set.ranges { UTF8Ranges.split(range) { runs.append($0) } }
    var entry: Int?
    for run in runs {
      var at = next
      for bytes in run.reversed() { at = try step(.bytes(bytes, next: at)) }
      if let other = entry {
        entry = try step(.either(at, other))
      } else {
        entry = at
      }
    }
    // No code point at all: a step that no byte takes.
    return try entry ?? step(.either(steps.count, steps.count))
  }

  /// The steps that are reached from `from` without a byte, in order.
  private mutating func closure(_ from: [Int], atStart: Bool, atEnd: Bool) throws(GaveUp) -> [Int] {
    closures += 1
    var reached: [Int] = []
    var open = from
    while let index = open.popLast() {
      work -= 1
      if seen[index] == closures { continue }
      seen[index] = closures
      reached.append(index)
      switch steps[index] {
      case .either(let first, let second):
        open.append(first)
        open.append(second)
      case .atStart(let next): if atStart { open.append(next) }
      case .atEnd(let next): if atEnd { open.append(next) }
      case .bytes, .accept: break
      }
    }
    guard work > 0 else { throw GaveUp() }
    reached.sort()
    return reached
  }

  private struct State: Hashable {
    var steps: [Int]
    var isStart: Bool
  }

  private mutating func determinize(_ entry: Int) throws(GaveUp) -> ByteAutomaton {
    let (classes, samples) = byteClasses()
    let nothing = State(steps: [], isStart: false)
    let all = State(steps: [-1], isStart: false)
    var found = States(all: [nothing, all], numbers: [nothing: ByteAutomaton.dead, all: ByteAutomaton.matched])
    // A match may begin anywhere in the text.
    let again = try closure([entry], atStart: false, atEnd: false)
    let start = try number(try closure([entry], atStart: true, atEnd: false), isStart: true, &found, samples.count)
    var table = Array(repeating: ByteAutomaton.dead, count: samples.count)
    table += Array(repeating: ByteAutomaton.matched, count: samples.count)
    var done = 2
    while done < found.all.count {
      let state = found.all[done]
      for byte in samples {
        var targets = again
        for index in state.steps {
          if case .bytes(let range, let next) = steps[index], range.contains(byte) { targets.append(next) }
        }
        work -= state.steps.count
        let reached = try closure(targets, atStart: false, atEnd: false)
        table.append(try number(reached, isStart: false, &found, samples.count))
      }
      done += 1
    }
    var ends: [Bool] = [false, true]
    for state in found.all.dropFirst(2) {
      ends.append(try closure(state.steps, atStart: state.isStart, atEnd: true).contains(0))
    }
    return ByteAutomaton(classes: classes, table: table, ends: ends, classCount: samples.count, start: start)
  }

  private struct States {
    var all: [State]
    var numbers: [State: UInt16]
  }

  private mutating func number(
    _ reached: [Int], isStart: Bool, _ found: inout States, _ classCount: Int
  ) throws(GaveUp) -> UInt16 {
    if reached.contains(0) { return ByteAutomaton.matched }
    // Positions that only a start could lead on from are dead ends now.
    let live = isStart ? reached : reached.filter { if case .atStart = steps[$0] { false } else { true } }
    let state = State(steps: live, isStart: isStart)
    if let known = found.numbers[state] { return known }
    work -= classCount
    guard found.all.count < Self.mostStates, work > 0 else { throw GaveUp() }
    found.all.append(state)
    found.numbers[state] = UInt16(found.all.count - 1)
    return UInt16(found.all.count - 1)
  }

  /// The class of each byte, and a byte of each class.
  private func byteClasses() -> ([UInt8], [UInt8]) {
    var begins = Set<Int>([0])
    for step in steps {
      if case .bytes(let range, _) = step {
        begins.insert(Int(range.lowerBound))
        begins.insert(Int(range.upperBound) + 1)
      }
    }
    var classes: [UInt8] = []
    var samples: [UInt8] = []
    for byte in 0..<256 {
      if begins.contains(byte) { samples.append(UInt8(byte)) }
      classes.append(UInt8(samples.count - 1))
    }
    return (classes, samples)
  }
}
