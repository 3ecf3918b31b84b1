/// A moment, as whole nanoseconds since 1970-01-01T00:00:00Z without leap seconds; a plain value, safe anywhere.
///
/// Kept as an integer because `Date` is a `Double`: at today's dates it cannot hold a microsecond exactly.
/// Range: 1677-09-21 to 2262-04-11.
public struct Timestamp: Hashable, Comparable, Sendable {
  public var nanoseconds: Int64

  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  public static func < (a: Self, b: Self) -> Bool { a.nanoseconds < b.nanoseconds }
}
