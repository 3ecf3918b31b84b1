internal import CKnowledge

/// Which state open sources suspect behind an ATT&CK group, as the MISP galaxy of threat actors records it.
/// A plain value, safe anywhere. A country is where an actor is thought to sit; only `isSponsored` says that a state is
/// thought to be behind it.
public struct SuspectedStates: Sendable {
  public struct Suspicion: Sendable, Hashable {
    /// ISO 3166-1 alpha-2.
    public var nation: String
    /// MISP's 0-100; nil where none is stated.
    public var confidence: Int?
    public var isSponsored: Bool
    /// The actor's name in the galaxy.
    public var actor: String
  }

  public let byGroup: [String: [Suspicion]]

  public static let shared: SuspectedStates = {
    let file = embedded(StatesFile.self, casus_actor_states_json)
    return SuspectedStates(byGroup: Dictionary(grouping: file.actors, by: \.group).mapValues { $0.map(\.suspicion) })
  }()

  /// The probability that each state is behind a group: the greatest stated confidence for each nation, scaled down to
  /// 1 where actors that share the group's name are suspected in several. Empty for a criminal group: the country it
  /// sits in isn't behind it.
  ///
  /// `unstated` stands in where MISP gives no confidence, 0...1.
  public func nations(of group: AttackKnowledge.Group, unstated: Double) -> [(nation: String, probability: Double)] {
    guard !group.isCriminal, let suspicions = byGroup[group.id] else { return [] }
    var best: [String: Double] = [:]
    for suspicion in suspicions {
      let probability = suspicion.confidence.map { Double($0) / 100 } ?? unstated
      best[suspicion.nation] = max(best[suspicion.nation] ?? 0, probability)
    }
    let total = max(1, best.keys.sorted().reduce(0) { $0 + best[$1]! })
    return best.keys.sorted().map { ($0, best[$0]! / total) }
  }
}

private struct StatesFile: Decodable {
  var actors: [Row]

  /// `["G0034", "RU", 50 or -1, 1 or 0, "Sandworm"]`
  struct Row: Decodable {
    var group: String
    var suspicion: SuspectedStates.Suspicion

    init(from decoder: any Decoder) throws {
      var row = try decoder.unkeyedContainer()
      group = try row.decode(String.self)
      let nation = try row.decode(String.self)
      let confidence = try row.decode(Int.self)
      let sponsored = try row.decode(Int.self)
      suspicion = SuspectedStates.Suspicion(
        nation: nation, confidence: confidence < 0 ? nil : confidence, isSponsored: sponsored == 1,
        actor: try row.decode(String.self))
    }
  }
}
