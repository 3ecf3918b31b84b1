/// The eight factors after Schmitt (Tallinn Manual 2.0, rules 69 and 71).
public enum LegalFactorName: String, Codable, CaseIterable, Sendable {
  case severity
  case immediacy
  case directness
  case invasiveness
  case measurability
  case militaryCharacter = "military-character"
  case stateInvolvement = "state-involvement"
  case presumptiveLegality = "presumptive-legality"
}

/// A lawyer's rating of one factor. Ratings form a profile and are never added up.
public struct LegalFactor: Codable, Hashable, Sendable {
  public var factor: LegalFactorName
  /// 0...10.
  public var rating: Int
  public var reasons: [String]
  /// Whose rating it is.
  public var analyst: String?

  public init(
    factor: LegalFactorName, rating: Int, reasons: [String], analyst: String? = nil
  ) {
    self.factor = factor
    self.rating = rating
    self.reasons = reasons
    self.analyst = analyst
  }
}
