/// Places in a run, rising: as a rule one stretch without gaps, which takes no memory of its own.
public struct Selection: Sendable, RandomAccessCollection {
  private var first: Int32 = 0
  public private(set) var count = 0
  /// All of them, once there is a gap.
  private var places: [Int32] = []

  public init() {}

  public var startIndex: Int { 0 }
  public var endIndex: Int { count }

  public subscript(position: Int) -> Int32 {
    precondition(indices.contains(position))
    return places.isEmpty ? first + Int32(truncatingIfNeeded: position) : places[position]
  }

  /// The stretch that it is; nil when there is a gap, or nothing at all.
  public var stretch: Range<Int>? {
    guard count > 0, places.isEmpty else { return nil }
    return Int(first)..<Int(first) + count
  }

  /// Adds a place behind all others.
  public mutating func append(_ place: Int32) {
    if count == 0 {
      first = place
    } else if !places.isEmpty {
      places.append(place)
    } else if place != first + Int32(truncatingIfNeeded: count) {
      places.reserveCapacity(count + 16)
      for position in 0..<Int32(truncatingIfNeeded: count) { places.append(first + position) }
      places.append(place)
    }
    count += 1
  }
}
