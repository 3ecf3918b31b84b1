/// How good the basis of a judgement is (ICD 203). Apart from its probability: a coin is 0.5 with high confidence.
public enum Confidence: String, Codable, CaseIterable, Sendable, Comparable {
  case low
  case moderate
  case high

  public static func < (a: Self, b: Self) -> Bool {
    allCases.firstIndex(of: a)! < allCases.firstIndex(of: b)!
  }
}

/// Confidence in a judgement, with its reasons.
public struct ConfidenceStatement: Codable, Hashable, Sendable {
  public var level: Confidence
  /// At least one sentence.
  public var reasons: [String]

  public init(
    level: Confidence, reasons: [String]
  ) {
    self.level = level
    self.reasons = reasons
  }
}
