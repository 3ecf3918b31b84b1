/// What an effect is to those who use the service.
public enum EffectKind: String, Codable, CaseIterable, Sendable {
  case outage
  case degradation
  case lossOfControl = "loss-of-control"
  case lossOfView = "loss-of-view"
  case dataLoss = "data-loss"
  case dataTheft = "data-theft"
  case physicalDamage = "physical-damage"
  case other
}

/// Why, as far as the operator knows (the EU's incident taxonomy, and unknown).
public enum RootCause: String, Codable, CaseIterable, Sendable {
  case systemFailure = "system-failure"
  case naturalPhenomenon = "natural-phenomenon"
  case humanError = "human-error"
  case maliciousAction = "malicious-action"
  case thirdPartyFailure = "third-party-failure"
  case unknown
}

/// How far physical damage reaches.
public enum Extent: String, Codable, CaseIterable, Sendable {
  case none
  case local
  case widespread
  case unknown
}

/// A service that people rely on.
public struct Service: Codable, Hashable, Sendable {
  public var name: String
  /// Whether the operator or the law counts it among the essential ones.
  public var essential: Bool?
  /// True: not available at all; false: worse than it should be.
  public var denied: Bool?

  public init(
    name: String, essential: Bool? = nil, denied: Bool? = nil
  ) {
    self.name = name
    self.essential = essential
    self.denied = denied
  }
}

/// Capacity lost.
public struct Capacity: Codable, Hashable, Sendable {
  /// In `unit`.
  public var amount: Estimate
  /// `MW`, `m3/d`, `flights/d`, …
  public var unit: String
  /// Of the whole, 0...1.
  public var share: Double?

  public init(
    amount: Estimate, unit: String, share: Double? = nil
  ) {
    self.amount = amount
    self.unit = unit
    self.share = share
  }
}

/// A loss in money.
public struct Money: Codable, Hashable, Sendable {
  /// In units of the currency.
  public var amount: Estimate
  /// ISO 4217, `JPY`.
  public var currency: String

  public init(
    amount: Estimate, currency: String
  ) {
    self.amount = amount
    self.currency = currency
  }
}

/// People harmed.
public struct Casualties: Codable, Hashable, Sendable {
  public var deaths: Estimate?
  public var injured: Estimate?

  public init(
    deaths: Estimate? = nil, injured: Estimate? = nil
  ) {
    self.deaths = deaths
    self.injured = injured
  }
}

/// Things broken.
public struct PhysicalDamage: Codable, Hashable, Sendable {
  public var extent: Extent
  public var summary: String?
  /// Days until repaired.
  public var repairDays: Estimate?

  public init(
    extent: Extent, summary: String? = nil, repairDays: Estimate? = nil
  ) {
    self.extent = extent
    self.summary = summary
    self.repairDays = repairDays
  }

  enum CodingKeys: String, CodingKey {
    case extent, summary
    case repairDays = "repair_days"
  }
}

/// How the service goes on meanwhile.
public struct Workaround: Codable, Hashable, Sendable {
  public var available: Bool
  public var summary: String?

  public init(
    available: Bool, summary: String? = nil
  ) {
    self.available = available
    self.summary = summary
  }
}
