/// Spans of time as people write them: `500ms`, `30s`, `5m`, `2h`, `1.5s`.
public enum TimeSpan {
  private static let units: [(suffix: String, nanoseconds: Double)] = [
    ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9),
  ]

  /// Nanoseconds, or nil when the text is no such span, negative, or over a year.
  public static func nanoseconds(_ text: String) -> Int64? {
    for (suffix, factor) in units where text.hasSuffix(suffix) {
      let number = text.dropLast(suffix.count)
      guard number.utf8.allSatisfy({ (48...57).contains($0) || $0 == UInt8(ascii: ".") }),
        let value = Double(number), value * factor <= 366 * 86400e9
      else { continue }
      return Int64(value * factor)
    }
    return nil
  }

  /// A span as a file has it: `340ms`, `2.5s`; what `nanoseconds` reads.
  public static func written(_ nanoseconds: Int64) -> String { text(nanoseconds).filter { $0 != " " } }

  /// One figure and its unit, for messages: `340 ms`, `2.5 s`.
  public static func text(_ nanoseconds: Int64) -> String {
    if nanoseconds < 1_000_000_000 { return "\(nanoseconds / 1_000_000) ms" }
    let tenths = (nanoseconds + 50_000_000) / 100_000_000
    return tenths % 10 == 0 ? "\(tenths / 10) s" : "\(tenths / 10).\(tenths % 10) s"
  }
}
