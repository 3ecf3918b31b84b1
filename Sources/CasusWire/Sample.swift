/// Parts of random samples. Bounds and awkward values come often, so that few samples meet them all.
extension RandomNumberGenerator {
  mutating func flag() -> Bool { Bool.random(using: &self) }

  mutating func number(in range: ClosedRange<Int> = counts) -> Int {
    switch Int.random(in: 0..<4, using: &self) {
    case 0: range.lowerBound
    case 1: range.upperBound
    default: Int.random(in: range, using: &self)
    }
  }

  mutating func sequence() -> UInt64 {
    switch Int.random(in: 0..<4, using: &self) {
    case 0: 0
    case 1: .max
    default: UInt64.random(in: 0...(.max >> UInt64.random(in: 0..<64, using: &self)), using: &self)
    }
  }

  /// At most 12 characters, of every length in UTF-8 and with all that JSON has to escape.
  mutating func text() -> String {
    let characters: [Character] = [
      "a", "Z", "7", ".", "/", " ", "\"", "\\", "\n", "\0", "\u{1f}", "\u{7f}", "é", "日", "😀",
    ]
    return String((0..<Int.random(in: 0...12, using: &self)).map { _ in pick(characters) })
  }

  mutating func pick<T>(_ values: [T]) -> T { values[Int.random(in: 0..<values.count, using: &self)] }

  mutating func optional<T>(_ value: (inout Self) -> T) -> T? { flag() ? value(&self) : nil }

  mutating func list<T>(_ element: (inout Self) -> T) -> [T] {
    (0..<Int.random(in: 0...3, using: &self)).map { _ in element(&self) }
  }

  mutating func texts() -> [String] { list { $0.text() } }
  mutating func sequences() -> [UInt64] { list { $0.sequence() } }
}
