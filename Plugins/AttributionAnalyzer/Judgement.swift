import CasusEvents
import Knowledge

/// What one body of evidence comes to under one agency's settings. Pure: equal inputs, equal values.
struct Judgement: Sendable {
  let hypotheses: Hypotheses
  let evidence: [Evidence]
  /// In the order of `hypotheses.ids`.
  let probabilities: [Double]
  /// Places in `hypotheses.ids`, the likeliest first; ties by id.
  let ranking: [Int]

  init(_ evidence: [Evidence], under hypotheses: Hypotheses) {
    self.hypotheses = hypotheses
    self.evidence = evidence
    let probabilities = hypotheses.posterior(evidence)
    self.probabilities = probabilities
    ranking = probabilities.indices.sorted {
      (probabilities[$1], hypotheses.ids[$0]) < (probabilities[$0], hypotheses.ids[$1])
    }
  }

  var leader: String { hypotheses.ids[ranking[0]] }
  var leading: Double { probabilities[ranking[0]] }

  /// The leader where it dominates, else nil: undetermined. Without evidence nothing is concluded, whatever the prior.
  var conclusion: String? {
    let rule = hypotheses.settings.dominance
    guard !evidence.isEmpty, leading >= rule.minimum, leading >= rule.ratio * probabilities[ranking[1]] else {
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
  /// posterior for each.
  func changes() -> [Change] {
    var changes: [Change] = []
    func consider(_ what: String, _ isWholeGroup: Bool, removing goes: (Evidence) -> Bool) {
      let then = Judgement(evidence.filter { !goes($0) }, under: hypotheses)
      guard then.conclusion != conclusion || (conclusion == nil && then.leader != leader) else { return }
      changes.append(
        Change(
          what: what, isWholeGroup: isWholeGroup, conclusion: then.conclusion, leader: then.leader,
          probability: then.leading, refs: Array(evidence.filter(goes).flatMap(\.refs).uniqued().prefix(2))))
    }
    var seen: Set<String> = []
    for piece in evidence where seen.insert(piece.id).inserted {
      consider("without \(piece.id) (\(piece.name))", false) { $0.id == piece.id }
    }
    for group in evidence.map(\.dependenceGroup).uniqued() {
      consider("without everything from \(group)", true) { $0.dependenceGroup == group }
    }
    return changes
  }

}

extension Sequence where Element: Hashable {
  /// Each element once, in the order of its first appearance.
  func uniqued() -> [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
