internal import CKnowledge

/// How often each kind of initiator appears, and what it does, in EuRepoC's coded incidents. Counts, not judgements.
/// A plain value, safe anywhere.
public struct ActorClasses: Sendable, Decodable {
  /// How many incidents, and in how many of them data were stolen, a service was disrupted, a system was taken over.
  public struct Counts: Sendable, Decodable, Hashable {
    public var incidents: Int
    public var theft: Int
    public var disruption: Int
    public var hijacking: Int

    public init(incidents: Int, theft: Int, disruption: Int, hijacking: Int) {
      self.incidents = incidents
      self.theft = theft
      self.disruption = disruption
      self.hijacking = hijacking
    }

    public static func + (a: Counts, b: Counts) -> Counts {
      Counts(
        incidents: a.incidents + b.incidents, theft: a.theft + b.theft, disruption: a.disruption + b.disruption,
        hijacking: a.hijacking + b.hijacking)
    }
  }

  public struct BaseRates: Sendable, Decodable, Hashable {
    public var state: Double
    public var affiliated: Double
    public var nonState: Double
    public var individual: Double
    public var unattributed: Double

    enum CodingKeys: String, CodingKey {
      case state, affiliated, individual, unattributed
      case nonState = "non_state"
    }
  }

  public struct Counted: Sendable, Decodable, Hashable {
    public var all: Counts
    public var state: Counts
    public var affiliated: Counts
    public var nonState: Counts
    public var individual: Counts
    public var unattributed: Counts

    enum CodingKeys: String, CodingKey {
      case all, state, affiliated, individual, unattributed
      case nonState = "non_state"
    }
  }

  /// Labels in all 1,643 incidents; an incident can carry none or two, so they add up to 1,605.
  public var baseRates: BaseRates
  public var counted: Counted

  enum CodingKeys: String, CodingKey {
    case counted
    case baseRates = "base_rates"
  }

  public static let shared: ActorClasses = embedded(ActorClasses.self, casus_classes_json)
}
