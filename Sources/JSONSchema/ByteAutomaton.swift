/// A deterministic automaton over the bytes of UTF-8: one table look-up for each byte, no lock, no memory of its own.
/// Most patterns of schemas are small enough for one; ``AutomatonBuilder`` gives up on the others.
struct ByteAutomaton {
  /// States 0 and 1 end the match: nothing matches any more, or it has matched whatever follows.
  static let dead: UInt16 = 0
  static let matched: UInt16 = 1

  /// The class of each byte: bytes of one class are alike to the pattern.
  let classes: UnsafeMutablePointer<UInt8>
  /// `table[state * classCount + class]` is the next state.
  let table: UnsafeMutablePointer<UInt16>
  /// Whether the pattern matches when the text ends in the state.
  let ends: UnsafeMutablePointer<Bool>
  let classCount: Int
  let start: UInt16

  init(classes: [UInt8], table: [UInt16], ends: [Bool], classCount: Int, start: UInt16) {
    self.classes = .allocate(capacity: classes.count)
    self.classes.initialize(from: classes, count: classes.count)
    self.table = .allocate(capacity: table.count)
    self.table.initialize(from: table, count: table.count)
    self.ends = .allocate(capacity: ends.count)
    self.ends.initialize(from: ends, count: ends.count)
    self.classCount = classCount
    self.start = start
  }

  func destroy() {
    classes.deallocate()
    table.deallocate()
    ends.deallocate()
  }

  @inline(__always)
  func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    var state = start
    for byte in text {
      if state <= Self.matched { break }
      state = table[Int(state) &* classCount &+ Int(classes[Int(byte)])]
    }
    return ends[Int(state)]
  }
}
