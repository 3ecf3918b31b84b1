/// A set of code points: ranges, and properties of Unicode that only RE2 has the tables for.
struct ScalarSet: Equatable {
  struct Property: Equatable {
    /// RE2's name: a general category or a script.
    var name: String
    var isNegated: Bool
  }

  static let last: UInt32 = 0x10FFFF

  private(set) var ranges: [ClosedRange<UInt32>] = []
  private(set) var properties: [Property] = []
  /// Of the whole; set only where properties keep it from being worked out.
  private(set) var isNegated = false

  init() {}

  init(_ ranges: [ClosedRange<UInt32>]) {
    self.ranges = ranges
    normalize()
  }

  init(property: Property) {
    properties = [property]
  }

  mutating func insert(_ range: ClosedRange<UInt32>) {
    ranges.append(range)
  }

  /// Adds another set, which must not be a negated one with properties.
  mutating func formUnion(_ other: ScalarSet) {
    ranges += other.ranges
    properties += other.properties
  }

  /// Sorts the ranges and joins those that touch.
  mutating func normalize() {
    var joined: [ClosedRange<UInt32>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = joined.last, range.lowerBound <= last.upperBound || range.lowerBound == last.upperBound + 1 {
        joined[joined.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        joined.append(range)
      }
    }
    ranges = joined
  }

  var complement: ScalarSet {
    var result = self
    result.normalize()
    if !properties.isEmpty {
      result.isNegated.toggle()
      return result
    }
    var rest: [ClosedRange<UInt32>] = []
    var next: UInt32 = 0
    for range in result.ranges {
      if range.lowerBound > next { rest.append(next...range.lowerBound - 1) }
      next = range.upperBound + 1
    }
    if next <= Self.last { rest.append(next...Self.last) }
    return ScalarSet(rest)
  }

  /// As RE2 writes it.
  var text: String {
    if ranges.isEmpty, properties.isEmpty { return #"[^\x00-\x{10FFFF}]"# }
    var text = isNegated ? "[^" : "["
    for range in ranges {
      text += Self.hex(range.lowerBound)
      if range.count > 1 { text += "-" + Self.hex(range.upperBound) }
    }
    for property in properties { text += (property.isNegated ? "\\P{" : "\\p{") + property.name + "}" }
    return text + "]"
  }

  private static func hex(_ value: UInt32) -> String {
    "\\x{\(String(value, radix: 16))}"
  }

  // ECMA-262's classes.
  static let digit = ScalarSet([0x30...0x39])
  static let word = ScalarSet([0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
  static let space = ScalarSet([
    0x09...0x0D, 0x20...0x20, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x2028...0x2029, 0x202F...0x202F,
    0x205F...0x205F, 0x3000...0x3000, 0xFEFF...0xFEFF,
  ])
  static let lineEnd = ScalarSet([0x0A...0x0A, 0x0D...0x0D, 0x2028...0x2029])
}
