/// A deterministic automaton over the bytes of UTF-8: one table look-up for each byte, no lock, no memory of its own.
/// Most patterns of schemas are small enough for one; ``AutomatonBuilder`` gives up on the others.
struct ByteAutomaton {
  /// States 0 and 1 end the match: nothing matches any more, or it has matched whatever follows.
  static let dead: UInt16 = 0
  static let matched: UInt16 = 1

  /// The class of each byte: bytes of one class are alike to the pattern.
  private let classes: UnsafeMutablePointer<UInt8>
  /// Where a state's row begins stands for the state: `table[state + class]` is the next one, without a product on the
  /// way from byte to byte.
  private let table: UnsafeMutablePointer<UInt32>
  /// Whether the pattern matches when the text ends in the state; at the state's row too.
  private let ends: UnsafeMutablePointer<Bool>
  /// At the state's row: the classes, as bits, at which the state stays what it is, as that of `^[a-z]+$` does at every
  /// letter. There no look-up waits for the one before. None where classes are more than bits.
  private let stays: UnsafeMutablePointer<UInt64>
  private let start: UInt32
  /// The last state that ends a match.
  private let last: UInt32
  /// A state that stays what it is at every printable character of ASCII, as that of `^[^\x00-\x1F]*$` does: there eight
  /// bytes are passed at a time. `.max` for none.
  private let resting: UInt32

  /// - Parameters:
  ///   - table: the next state's number, by state and class.
  init(classes: [UInt8], table: [UInt16], ends: [Bool], classCount: Int, start: UInt16) {
    self.classes = .allocate(capacity: classes.count)
    self.classes.initialize(from: classes, count: classes.count)
    self.table = .allocate(capacity: table.count)
    let rows = table.map { UInt32($0) * UInt32(classCount) }
    self.table.initialize(from: rows, count: rows.count)
    self.ends = .allocate(capacity: table.count)
    self.ends.initialize(repeating: false, count: table.count)
    for (state, isEnd) in ends.enumerated() { self.ends[state * classCount] = isEnd }
    stays = .allocate(capacity: table.count)
    stays.initialize(repeating: 0, count: table.count)
    if classCount <= 64 {
      for (place, next) in table.enumerated() where Int(next) == place / classCount {
        stays[Int(next) * classCount] |= 1 << UInt64(place % classCount)
      }
    }
    self.start = UInt32(start) * UInt32(classCount)
    last = UInt32(Self.matched) * UInt32(classCount)
    let printable = Set(classes[0x20...0x7E])
    let resting = (2..<max(ends.count, 2)).first { state in
      printable.allSatisfy { Int(table[state * classCount + Int($0)]) == state }
    }
    self.resting = resting.map { UInt32($0 * classCount) } ?? .max
  }

  func destroy() {
    classes.deallocate()
    table.deallocate()
    ends.deallocate()
    stays.deallocate()
  }

  @inline(__always)
  func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    var state = start
    guard var next = text.baseAddress else { return ends[Int(state)] }
    let end = next + text.count
    while next < end, state > last {
      if state == resting {
        while end - next >= 8, Self.isPrintable(UnsafeRawPointer(next).loadUnaligned(as: UInt64.self)) { next += 8 }
        if next == end { break }
      }
      let stay = stays[Int(state)]
      if stay != 0 {
        while next < end, stay &>> UInt64(classes[Int(next.pointee)]) & 1 != 0 { next += 1 }
        if next == end { break }
      }
      state = table[Int(state &+ UInt32(classes[Int(next.pointee)]))]
      next += 1
    }
    return ends[Int(state)]
  }

  /// Whether eight bytes are all from 0x20 to 0x7E: none has its highest bit, none is less than a space, none is 0x7F.
  @inline(__always)
  private static func isPrintable(_ bytes: UInt64) -> Bool {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let highs = ones << 7
    // Without a highest bit anywhere, no sum carries into the next byte.
    let atLeastSpace = (bytes & ~highs) &+ ones &* 0x60
    let beyond = (bytes & ~highs) &+ ones
    return (bytes | ~atLeastSpace | beyond) & highs == 0
  }
}
