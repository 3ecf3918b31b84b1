/// Who speaks or acts, by office. In an exercise the name says that it is one.
public struct Person: Codable, Hashable, Sendable {
  public var name: String
  /// Office held.
  public var role: String?
  /// Party of the policy, `JP`.
  public var party: String?

  public init(
    name: String, role: String? = nil, party: String? = nil
  ) {
    self.name = name
    self.role = role
    self.party = party
  }
}
