import Assessment
import CasusEvents
import Knowledge

/// Turns a judgement into the words and lists of `casus.attribution.v1`.
struct Conclusion {
  let judgement: Judgement
  /// The same without what the settings leave out or weigh less; nil where they do neither.
  let unrestricted: Judgement?
  let knowledge: AttackKnowledge
  let suspicions: SuspectedStates

  private var settings: AttributionSettings { judgement.hypotheses.settings }
  private var ids: [String] { judgement.hypotheses.ids }

  /// The groups that stand one by one, the others through the states suspected behind them, and the four that are
  /// always there. What is left over is `other`.
  func hypotheses() -> (listed: [Hypothesis], other: Double) {
    let probabilities = judgement.probabilities
    let groupCount = knowledge.groups.count
    let shown = judgement.ranking.filter { $0 < groupCount && probabilities[$0] >= 0.001 }.prefix(settings.listed)
    var list = shown.map { place in
      let group = knowledge.groups[place]
      let nation = suspicions.nations(of: group, unstated: settings.unstatedSuspicion)
        .max { ($0.probability, $1.nation) < ($1.probability, $0.nation) }?.nation
      return hypothesis(group.id, .group, probabilities[place], group.name, nation, judgement.hypotheses.priors[place])
    }
    var rest: [String: Double] = [:]
    for place in 0..<groupCount where !shown.contains(place) {
      for part in suspicions.nations(of: knowledge.groups[place], unstated: settings.unstatedSuspicion) {
        rest[part.nation, default: 0] += probabilities[place] * part.probability
      }
    }
    for (nation, probability) in rest.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }).prefix(5)
    where probability >= 0.005 {
      list.append(
        hypothesis("state:\(nation)", .state, probability, "another known group suspected of \(nation)", nation, nil))
    }
    let always: [(HypothesisSubject, String)] = [
      (.criminal, "criminals without a known name"), (.individual, "an individual"),
      (.unknown, "a group that nobody has described"), (.deception, "someone who wants to look like another"),
    ]
    for (offset, (subject, name)) in always.enumerated() {
      let place = groupCount + offset
      list.append(
        hypothesis(subject.rawValue, subject, probabilities[place], name, nil, judgement.hypotheses.priors[place]))
    }
    list.sort { ($1.probability, $0.id) < ($0.probability, $1.id) }
    return (list, max(0, rounded(1 - list.reduce(0) { $0 + $1.probability })))
  }

  private func hypothesis(
    _ id: String, _ subject: HypothesisSubject, _ probability: Double, _ name: String, _ nation: String?,
    _ prior: Double?
  ) -> Hypothesis {
    Hypothesis(
      id: id, subject: subject, probability: rounded(probability), name: name, nation: nation,
      prior: prior.map { rounded($0) }, words: icd203Words(probability))
  }

  func states() -> [StateTotal] {
    judgement.states(suspicions, groups: knowledge.groups).filter { $0.probability >= 0.005 }.prefix(8).map {
      StateTotal(nation: $0.nation, probability: rounded($0.probability), words: icd203Words($0.probability))
    }
  }

  /// The pieces that move the result most, with what each says of the likeliest hypotheses.
  func evidence() -> [AttributionEvidence] {
    let evidence = judgement.evidence
    let contributions = judgement.observations.flatMap(judgement.hypotheses.contributions)
    let leaders = judgement.ranking.filter { place in
      place != judgement.hypotheses.deception
        && (place >= knowledge.groups.count || judgement.probabilities[place] >= 0.001)
    }.prefix(6)
    let strength = contributions.map { row in
      let values = leaders.map { row[$0] }
      return (values.max() ?? 0) - (values.min() ?? 0) + abs(values.first ?? 0)
    }
    let chosen = strength.indices.sorted { (strength[$1], $0) < (strength[$0], $1) }.prefix(32)
    return chosen.map { index in
      let piece = evidence[index]
      let isFirst = index == 0 || evidence[index - 1].id != piece.id
      return AttributionEvidence(
        summary: "\(piece.id) \(piece.name): \(piece.count) report\(piece.count == 1 ? "" : "s")"
          + (isFirst ? "" : ", confirms what another source says"),
        refs: Array(piece.refs.prefix(2)), vertex: piece.kind == .act ? .victim : .capability,
        forgeability: piece.forgeability, dependenceGroup: piece.dependenceGroup,
        reliability: rounded(piece.reliability),
        ratios: leaders.map {
          LikelihoodRatio(hypothesis: ids[$0], logRatio: rounded(contributions[index][$0], places: 4))
        }.filter { $0.logRatio != 0 },
        technique: piece.kind == .technique ? piece.id : nil)
    }
  }

  func flips(_ changes: [Judgement.Change]) -> [Flip] {
    func result(_ conclusion: String?, _ leader: String) -> String {
      conclusion ?? "undetermined, \(leader) leads"
    }
    var flips = changes.prefix(7).map {
      Flip(
        change: $0.what, result: result($0.conclusion, $0.leader), probability: rounded($0.probability), refs: $0.refs)
    }
    if let other = unrestricted, other.conclusion != judgement.conclusion || other.leader != judgement.leader {
      flips.append(
        Flip(
          change: "with the evidence that these settings leave out or weigh less",
          result: result(other.conclusion, other.leader), probability: rounded(other.leading), refs: []))
    }
    return flips
  }

  /// How good the basis is, apart from how likely the result. Evidence of capability alone never gives more than
  /// moderate confidence: it says how, and who only through habit.
  func confidence(_ changes: [Judgement.Change]) -> ConfidenceStatement {
    let evidence = judgement.evidence
    guard !evidence.isEmpty else {
      return ConfidenceStatement(level: .low, reasons: ["There is no evidence: these are base rates."])
    }
    let groups = evidence.map(\.dependenceGroup).uniqued().count
    let best = evidence.map(\.reliability).max() ?? 0
    let hangs = changes.contains { $0.isWholeGroup && $0.conclusion != judgement.conclusion }
    var reasons = [
      "\(evidence.map(\.id).uniqued().count) observations from \(groups) independent source\(groups == 1 ? "" : "s").",
      "The most reliable report has r = \(rounded(best, places: 2)).",
      "Over 24 past campaigns this method put the right group first in 8.",
    ]
    if !evidence.contains(where: { $0.kind != .act && $0.forgeability == .low }) {
      reasons.append("All of what points to a group could be copied by someone else.")
    }
    if hangs { reasons.append("The conclusion falls with one source.") }
    let level: Confidence = groups >= 2 && best >= 0.5 && !hangs && judgement.conclusion != nil ? .moderate : .low
    return ConfidenceStatement(level: level, reasons: reasons)
  }

  /// A state is named only as far as its groups are; what part it had does not follow from techniques, so the grade
  /// stays as wide as the scale.
  func responsibility() -> StateResponsibility? {
    guard let state = judgement.states(suspicions, groups: knowledge.groups).first, state.probability >= 0.2 else {
      return nil
    }
    return StateResponsibility(
      nation: state.nation, lowest: .stateProhibited, highest: .stateIntegrated,
      probability: rounded(state.probability),
      reasons: [
        "The grade is undetermined: there is no evidence of what part a state had, so that the whole scale is open.",
        "The probability is that of the known groups that open sources suspect \(state.nation) behind.",
      ])
  }
}
