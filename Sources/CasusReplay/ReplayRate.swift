/// How fast a capture is played.
public enum ReplayRate: Hashable, Sendable, CustomStringConvertible {
  /// The distances in time that the capture has, divided by the factor: 2 is twice as fast.
  case original(factor: Double)
  /// So many events a second.
  case perSecond(Double)
  /// As fast as the broker acknowledges.
  case max

  /// Reads `max`, `1`, `0.5`, `10x` (factors of the original speed) or `200/s`; nil for anything else.
  public init?(_ text: String) {
    if text == "max" {
      self = .max
    } else if text.hasSuffix("/s") {
      guard let rate = Double(text.dropLast(2)), rate > 0, rate.isFinite else { return nil }
      self = .perSecond(rate)
    } else {
      let digits = text.hasSuffix("x") ? text.dropLast() : text[...]
      guard let factor = Double(digits), factor > 0, factor.isFinite else { return nil }
      self = .original(factor: factor)
    }
  }

  public var description: String {
    switch self {
    case .original(let factor): "\(factor)x"
    case .perSecond(let rate): "\(rate)/s"
    case .max: "max"
    }
  }
}
