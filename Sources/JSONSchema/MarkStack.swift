/// Sets of members or elements that schemas have evaluated, one upon the other, in borrowed memory that is on the stack
/// of most validations. Only a value of many members makes it take memory of its own.
struct MarkStack {
  /// The place of a set that nobody reads.
  static let nowhere = -1

  private var words: UnsafeMutableBufferPointer<UInt64>
  private var ownsWords = false
  private(set) var count = 0

  init(_ words: UnsafeMutableBufferPointer<UInt64>) {
    self.words = words
  }

  func release() {
    if ownsWords { words.deallocate() }
  }

  static func words(for members: Int) -> Int {
    (members + 63) / 64
  }

  /// An empty set for so many members; where it stands.
  mutating func push(words needed: Int) -> Int {
    if count + needed > words.count { grow(count + needed) }
    for word in count..<count + needed { words[word] = 0 }
    count += needed
    return count - needed
  }

  mutating func pop(to place: Int) {
    count = place
  }

  private mutating func grow(_ needed: Int) {
    let larger = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: max(needed, words.count * 2))
    for word in 0..<count { larger[word] = words[word] }
    release()
    words = larger
    ownsWords = true
  }

  @inline(__always)
  func mark(_ place: Int, _ member: Int) {
    words[place + member >> 6] |= 1 << UInt64(member & 63)
  }

  @inline(__always)
  func isMarked(_ place: Int, _ member: Int) -> Bool {
    words[place + member >> 6] & (1 << UInt64(member & 63)) != 0
  }

  func markAll(_ place: Int, words needed: Int) {
    for word in place..<place + needed { words[word] = .max }
  }

  /// Adds the set at one place to that at another.
  func add(_ place: Int, to other: Int, words needed: Int) {
    for word in 0..<needed { words[other + word] |= words[place + word] }
  }
}
