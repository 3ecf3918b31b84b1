/// A number that may be known only roughly: the best value, and the bounds that hold it where known.
/// The unit is the member's that carries it.
public struct Estimate: Codable, Hashable, Sendable {
  public var value: Double
  /// At most `value`.
  public var low: Double?
  /// At least `value`.
  public var high: Double?

  public init(
    value: Double, low: Double? = nil, high: Double? = nil
  ) {
    self.value = value
    self.low = low
    self.high = high
  }

  /// The largest that it may be.
  public var upper: Double { max(value, high ?? value) }
  /// The smallest that it may be.
  public var lower: Double { min(value, low ?? value) }
}

/// Bounds of an uncertain number, and how much of the probability lies between them.
public struct Interval: Codable, Hashable, Sendable {
  public var low: Double
  public var high: Double
  /// Probability that the number lies between the bounds, 0...1 (0.9: a 90 % interval).
  public var coverage: Double

  public init(
    low: Double, high: Double, coverage: Double
  ) {
    self.low = low
    self.high = high
    self.coverage = coverage
  }
}
