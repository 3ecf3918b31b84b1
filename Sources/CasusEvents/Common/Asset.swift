/// What was hit: a host, a controller, a service.
public struct Asset: Codable, Hashable, Sendable {
  /// Stable within its operator, `EXERCISE-substation-3-rtu`.
  public var id: String
  /// Who runs it.
  public var operatorName: String?
  /// ISO 3166-1 alpha-2, `JP`.
  public var nation: String?
  public var sector: Sector?
  public var location: Location?

  public init(
    id: String, operatorName: String? = nil, nation: String? = nil, sector: Sector? = nil, location: Location? = nil
  ) {
    self.id = id
    self.operatorName = operatorName
    self.nation = nation
    self.sector = sector
    self.location = location
  }

  enum CodingKeys: String, CodingKey {
    case id
    case operatorName = "operator"
    case nation, sector, location
  }
}

/// Who is harmed, as far as known.
public struct Victim: Codable, Hashable, Sendable {
  public var operatorName: String
  /// ISO 3166-1 alpha-2.
  public var nation: String?
  public var sector: Sector?
  /// Whether it runs an essential service.
  public var essential: Bool?

  public init(
    operatorName: String, nation: String? = nil, sector: Sector? = nil, essential: Bool? = nil
  ) {
    self.operatorName = operatorName
    self.nation = nation
    self.sector = sector
    self.essential = essential
  }

  enum CodingKeys: String, CodingKey {
    case operatorName = "operator"
    case nation, sector, essential
  }
}
