import Knowledge

/// What each known group has been seen using, and how likely it is to use a thing again.
///
/// `P(f|g) = λ·z + (1 − λ)·P(f)`, where `P(f)` is the smoothed share of all groups that use f, `z` is 1 where g is
/// known to use f, `β·min(1, P(f)/P(parent of f))` where g is only known to use another technique of the same parent
/// (back-off), 0 otherwise, and `λ = λ₀·n/(n + k)` grows with the n things known of g: a thin profile says little.
///
/// λ₀ = 0.7, β = 0.3, k = 20 stand in the middle of a plateau (λ₀ 0.5…0.9, β 0.3…1, k 20…60) where the right group
/// comes first in 8 and among the first five in 13 of 24 past campaigns, with profiles free of the campaigns' own
/// sources (`Tests/AnalyzerTests/AttributionEvaluationTests`).
struct Profiles: Sendable {
  struct Group: Sendable {
    var id: String
    var name: String
    var isCriminal: Bool
    /// Ids of techniques and software.
    var uses: Set<String>
  }

  var groups: [Group]
  var trust = 0.7
  var backOff = 0.3
  var thin = 20.0

  private var parents: [Set<Substring>]
  private var usersOf: [String: Int] = [:]
  private var usersOfParent: [Substring: Int] = [:]

  init(groups: [Group]) {
    self.groups = groups
    parents = groups.map { Set($0.uses.map(Self.parent)) }
    for group in groups { for use in group.uses { usersOf[use, default: 0] += 1 } }
    for set in parents { for parent in set { usersOfParent[parent, default: 0] += 1 } }
  }

  /// Every group of ATT&CK with what its own record and the campaigns attributed to it alone say.
  init(_ knowledge: AttackKnowledge) {
    var uses = knowledge.groups.map { Set($0.uses.map { knowledge.features[$0.feature].id }) }
    for campaign in knowledge.campaigns where campaign.attributedTo.count == 1 {
      uses[campaign.attributedTo[0]].formUnion(campaign.uses.map { knowledge.features[$0.feature].id })
    }
    self.init(
      groups: zip(knowledge.groups, uses).map {
        Group(id: $0.id, name: $0.name, isCriminal: $0.isCriminal, uses: $1)
      })
  }

  /// P(f), 0...1.
  func share(of feature: String) -> Double {
    (Double(usersOf[feature] ?? 0) + 0.5) / (Double(groups.count) + 1)
  }

  /// P(f|g) / P(f) for each group, in their order; all greater than 0. Costs one look-up a group.
  func ratios(of feature: String) -> [Double] {
    let share = share(of: feature)
    let parent = Self.parent(feature)
    let parentShare = (Double(usersOfParent[parent] ?? 0) + 0.5) / (Double(groups.count) + 1)
    return groups.indices.map { g in
      let known: Double
      if groups[g].uses.contains(feature) {
        known = 1
      } else if parents[g].contains(parent) {
        known = backOff * min(1, share / parentShare)
      } else {
        known = 0
      }
      let n = Double(groups[g].uses.count)
      let weight = trust * n / (n + thin)
      return (weight * known + (1 - weight) * share) / share
    }
  }

  /// `T1566` of `T1566.001`; software stands for itself.
  private static func parent(_ feature: String) -> Substring { feature.prefix { $0 != "." } }
}
