/// Malware or a tool that something points to.
public struct Software: Codable, Hashable, Sendable {
  public var name: String
  /// ATT&CK's, `S0604`.
  public var id: String?
  /// That it was used, 0...1.
  public var probability: Double?

  public init(
    name: String, id: String? = nil, probability: Double? = nil
  ) {
    self.name = name
    self.id = id
    self.probability = probability
  }
}
