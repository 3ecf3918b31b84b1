/// A moment, as whole nanoseconds since 1970-01-01T00:00:00Z without leap seconds; a plain value, safe anywhere.
///
/// Kept as an integer because `Date` is a `Double`: at today's dates it cannot hold a microsecond exactly.
/// Range: 1677-09-21 to 2262-04-11. In JSON it is the RFC 3339 text of ``rfc3339``.
public struct Timestamp: Hashable, Comparable, Sendable {
  public var nanoseconds: Int64

  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  public static func < (a: Self, b: Self) -> Bool { a.nanoseconds < b.nanoseconds }
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
