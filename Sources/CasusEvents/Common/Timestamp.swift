/// A moment, as whole nanoseconds since 1970-01-01T00:00:00Z without leap seconds; a plain value, safe anywhere.
///
/// Kept as an integer because `Date` is a `Double`: at today's dates it cannot hold a microsecond exactly.
/// Range: 1677-09-21 to 2262-04-11. In JSON it is the RFC 3339 text of ``rfc3339``.
public struct Timestamp: Hashable, Comparable, Sendable {
  public var nanoseconds: Int64

  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  public static func < (a: Self, b: Self) -> Bool { a.nanoseconds < b.nanoseconds }

  /// Nanoseconds since another moment, negative before it. What an `Int64` cannot hold (292 years) is its nearest end.
  public func since(_ other: Timestamp) -> Int64 {
    let (distance, overflow) = nanoseconds.subtractingReportingOverflow(other.nanoseconds)
    return overflow ? (self > other ? .max : .min) : distance
  }

  /// The moment so many nanoseconds later; at most the last one that there is, at least the first.
  public func advanced(by distance: Int64) -> Timestamp {
    let (moment, overflow) = nanoseconds.addingReportingOverflow(distance)
    return Timestamp(nanoseconds: overflow ? (distance > 0 ? .max : .min) : moment)
  }
}

extension Timestamp: CustomStringConvertible {
  /// Same as ``rfc3339``.
  public var description: String { rfc3339 }
}

extension Timestamp: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let moment = Timestamp(rfc3339: text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "not an RFC 3339 time: \(text.prefix(40))")
    }
    self = moment
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rfc3339)
  }
}
