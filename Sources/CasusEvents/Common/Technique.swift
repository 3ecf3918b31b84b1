/// ATT&CK's matrix.
public enum TechniqueDomain: String, Codable, CaseIterable, Sendable {
  case enterprise
  case ics
}

/// An ATT&CK technique that something points to.
public struct Technique: Codable, Hashable, Sendable {
  /// `T0855`, `T1566.001`.
  public var id: String
  public var domain: TechniqueDomain
  /// That this technique was used, given what was seen, 0...1.
  public var probability: Double
  public var name: String?

  public init(
    id: String, domain: TechniqueDomain, probability: Double, name: String? = nil
  ) {
    self.id = id
    self.domain = domain
    self.probability = probability
    self.name = name
  }
}
