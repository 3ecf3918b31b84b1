import Assessment
import CasusEvents
import Knowledge

/// What one body of evidence comes to under one agency's settings. Pure: equal inputs, equal values.
struct Judgement: Sendable {
  let hypotheses: Hypotheses
  let observations: [Observation]
  /// In the order of `hypotheses.ids`.
  let probabilities: [Double]
  /// Places in `hypotheses.ids`, the likeliest first; ties by id.
  let ranking: [Int]

  private let total: Total

  init(_ evidence: [Evidence], under hypotheses: Hypotheses) {
    let observations = hypotheses.observations(evidence)
    self.init(observations, hypotheses.total(observations), under: hypotheses)
  }

  private init(_ observations: [Observation], _ total: Total, under hypotheses: Hypotheses) {
    self.hypotheses = hypotheses
    self.observations = observations
    self.total = total
    let probabilities = hypotheses.posterior(total)
    self.probabilities = probabilities
    ranking = probabilities.indices.sorted {
      (probabilities[$1], hypotheses.ids[$0]) < (probabilities[$0], hypotheses.ids[$1])
    }
  }

  var evidence: [Evidence] { observations.flatMap(\.reports) }
  var leader: String { hypotheses.ids[ranking[0]] }
  var leading: Double { probabilities[ranking[0]] }

  /// The leader where it dominates, else nil: undetermined. Without evidence nothing is concluded, whatever the prior.
  var conclusion: String? {
    let rule = hypotheses.settings.dominance
    guard !observations.isEmpty, leading >= rule.minimum, leading >= rule.ratio * probabilities[ranking[1]] else {
      return nil
    }
    return leader
  }

  /// Each state through all the groups that it is suspected behind, the likeliest first.
  func states(_ suspicions: SuspectedStates, groups: [AttackKnowledge.Group]) -> [(nation: String, probability: Double)]
  {
    var total: [String: Double] = [:]
    for (group, probability) in zip(groups, probabilities) {
      for part in suspicions.nations(of: group, unstated: hypotheses.settings.unstatedSuspicion) {
        total[part.nation, default: 0] += probability * part.probability
      }
    }
    return total.map { ($0.key, $0.value) }.sorted { ($1.1, $0.0) < ($0.1, $1.0) }
  }

  private func without(_ places: [Int], instead: [Observation]) -> Judgement {
    var total = total
    for place in places { total.add(observations[place], times: -1) }
    for observation in instead { total.add(observation, times: 1) }
    let gone = Set(places)
    let left = observations.indices.filter { !gone.contains($0) }.map { observations[$0] }
    return Judgement(left + instead, total, under: hypotheses)
  }

  /// A removal of evidence that changes the conclusion, or who leads while there is none.
  struct Change: Sendable {
    var what: String
    /// Everything that one dependence group says, rather than one observation.
    var isWholeGroup: Bool
    var conclusion: String?
    var leader: String
    var probability: Double
    var refs: [EventReference]
  }

  /// One observation taken out, then one dependence group taken out; only those that change something. Costs a
  /// posterior for each, but no new look at the profiles.
  func changes() -> [Change] {
    var changes: [Change] = []
    func consider(_ what: String, _ isWholeGroup: Bool, _ then: Judgement, _ removed: [Evidence]) {
      guard then.conclusion != conclusion || (conclusion == nil && then.leader != leader) else { return }
      changes.append(
        Change(
          what: what, isWholeGroup: isWholeGroup, conclusion: then.conclusion, leader: then.leader,
          probability: then.leading, refs: Array(removed.flatMap(\.refs).uniqued().prefix(2))))
    }
    for index in observations.indices {
      let removed = observations[index].reports
      consider("without \(removed[0].id) (\(removed[0].name))", false, without([index], instead: []), removed)
    }
    for group in evidence.map(\.dependenceGroup).uniqued() {
      let touched = observations.indices.filter { n in observations[n].reports.contains { $0.dependenceGroup == group }
      }
      let left = touched.map { n in observations[n].reports.filter { $0.dependenceGroup != group } }
      let then = without(touched, instead: left.filter { !$0.isEmpty }.map { hypotheses.observation($0[...]) })
      let removed = touched.flatMap { n in observations[n].reports.filter { $0.dependenceGroup == group } }
      consider("without everything from \(group)", true, then, removed)
    }
    return changes
  }

}
