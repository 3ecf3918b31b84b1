import Assessment
import CasusEvents
import Knowledge

/// The hypotheses and what evidence does to them: log-odds, prior + Σ log ratio / T.
///
/// Always there beside ATT&CK's groups: `criminal` (nobody's name), `individual`, `unknown` (a group that nobody has
/// described) and `deception`. They exclude each other. A value; one posterior costs groups × evidence logarithms.
struct Hypotheses: Sendable {
  let settings: AttributionSettings
  let profiles: Profiles
  let classes: ActorClasses
  /// Of the groups in the profiles' order, then criminal, individual, unknown, deception. Adds up to 1.
  let priors: [Double]
  let ids: [String]

  private var groupCount: Int { profiles.groups.count }
  private var criminal: Int { groupCount }
  private var individual: Int { groupCount + 1 }
  private var unknown: Int { groupCount + 2 }
  var deception: Int { groupCount + 3 }

  /// EuRepoC counts labels, and a few incidents carry two: each label counts as one initiator, and the five counts are
  /// divided by their sum (1,605), not by the number of incidents (1,643). State and state-affiliated initiators are one
  /// class: ATT&CK's groups that aren't criminal share the part of it that is listed, in equal parts; the rest goes to
  /// the unknown group with the incidents that nobody was named for. Criminal groups share the listed part of the
  /// non-state class; the rest is `criminal`. Deception takes its share from all of them.
  init(settings: AttributionSettings, profiles: Profiles, classes: ActorClasses = .shared) {
    self.settings = settings
    self.profiles = profiles
    self.classes = classes
    let rates = settings.baseRates
    let total = rates.state + rates.affiliated + rates.nonState + rates.individual + rates.unattributed
    let criminals = profiles.groups.count { $0.isCriminal }
    let others = profiles.groups.count - criminals
    let stateLike = (rates.state + rates.affiliated) / total
    let nonState = rates.nonState / total
    let listedState = others > 0 ? settings.listedShare.state * stateLike : 0
    let listedCriminal = criminals > 0 ? settings.listedShare.criminal * nonState : 0
    let real = 1 - settings.deception
    var priors = profiles.groups.map { group in
      real * (group.isCriminal ? listedCriminal / Double(criminals) : listedState / Double(others))
    }
    priors.append(real * (nonState - listedCriminal))
    priors.append(real * rates.individual / total)
    priors.append(real * (rates.unattributed / total + stateLike - listedState))
    priors.append(settings.deception)
    self.priors = priors
    ids = profiles.groups.map(\.id) + ["criminal", "individual", "unknown", "deception"]
  }

  /// P(e|H)/P(e) of one observation for every hypothesis but deception, as if its report were certain.
  private func ratios(_ evidence: Evidence) -> [Double] {
    if evidence.kind == .act { return actRatios(evidence.id) }
    let groups = profiles.ratios(of: evidence.id)
    let criminals = groups.indices.filter { profiles.groups[$0].isCriminal }
    // Criminals without a name do what criminals with one do; of individuals and unknown groups nothing is known.
    let mean = criminals.isEmpty ? 1 : criminals.reduce(0) { $0 + groups[$1] } / Double(criminals.count)
    return groups + [mean, 1, 1]
  }

  private func actRatios(_ act: String) -> [Double] {
    func rate(_ counts: ActorClasses.Counts) -> Double {
      let done =
        switch act {
        case "theft": counts.theft
        case "disruption": counts.disruption
        default: counts.hijacking
        }
      return (Double(done) + 1) / (Double(counts.incidents) + 2)
    }
    let all = rate(classes.counted.all)
    let stateLike = rate(classes.counted.state + classes.counted.affiliated)
    let nonState = rate(classes.counted.nonState)
    return profiles.groups.map { ($0.isCriminal ? nonState : stateLike) / all }
      + [nonState / all, rate(classes.counted.individual) / all, rate(classes.counted.unattributed) / all]
  }

  /// What all reports of one observation say together, for every hypothesis but deception.
  private func logRatios(_ reports: ArraySlice<Evidence>, _ ratios: [Double]) -> [Double] {
    guard let first = reports.first else { return [Double](repeating: 0, count: ratios.count) }
    let r = Reliability.together(reports.map(\.reliability))
    // The report that is hardest to forge decides: a copy beside it takes nothing away.
    let bound = settings.bound(reports.map(\.forgeability).min() ?? .high)
    let weight = settings.weight(first.kind)
    return ratios.map { weight * min(bound, max(-bound, ln(r * $0 + 1 - r))) }
  }

  /// One thing observed, with all that is reported of it. `reports` is one run of equal ids, the most reliable first.
  func observation(_ reports: ArraySlice<Evidence>) -> Observation {
    let ratios = ratios(reports[reports.startIndex])
    return Observation(
      reports: Array(reports), logRatios: logRatios(reports, ratios),
      isCopyable: reports.allSatisfy { $0.forgeability > .low })
  }

  /// `evidence` in the order of ``Evidence/inOrder(_:_:)``.
  func observations(_ evidence: [Evidence]) -> [Observation] {
    var parts: [Observation] = []
    var start = evidence.startIndex
    for index in evidence.indices where index + 1 == evidence.endIndex || evidence[index + 1].id != evidence[index].id {
      parts.append(observation(evidence[start...index]))
      start = index + 1
    }
    return parts
  }

  func total(_ observations: [Observation]) -> Total {
    var total = Total(
      all: [Double](repeating: 0, count: groupCount + 3), copyable: [Double](repeating: 0, count: groupCount))
    for observation in observations { total.add(observation, times: 1) }
    return total
  }

  /// P(H | evidence) for every hypothesis in the order of `ids`; adds up to 1.
  func posterior(_ total: Total) -> [Double] {
    let t = settings.temperature
    var scores = total.all.indices.map { ln(priors[$0]) + total.all[$0] / t }
    let listed = priors[..<groupCount].reduce(0, +)
    let played = total.copyable.indices.map { ln(priors[$0] / listed) + total.copyable[$0] / t }
    scores.append(ln(priors[deception]) + (played.isEmpty ? 0 : Self.logSum(played)))
    let whole = Self.logSum(scores)
    return scores.map { exponential($0 - whole) }
  }

  func posterior(_ evidence: [Evidence]) -> [Double] { posterior(total(observations(evidence))) }

  /// The log ratios of each piece of evidence by itself, for every hypothesis but deception: what a further report of
  /// an observation adds to those before it.
  func contributions(_ observation: Observation) -> [[Double]] {
    let reports = observation.reports
    let ratios = ratios(reports[0])
    return reports.indices.map { end in
      zip(logRatios(reports[...end], ratios), logRatios(reports[..<end], ratios)).map { $0 - $1 }
    }
  }

  private static func logSum(_ values: [Double]) -> Double {
    let top = values.max() ?? 0
    return top + ln(values.reduce(0) { $0 + exponential($1 - top) })
  }
}

/// One thing observed and what it says, for every hypothesis but deception.
struct Observation: Sendable {
  var reports: [Evidence]
  var logRatios: [Double]
  /// Someone who plays a group copies what can be copied; the rest says nothing for or against them.
  var isCopyable: Bool
}

/// Sums of log ratios, from which an observation can be taken out again.
struct Total: Sendable {
  /// For every hypothesis but deception.
  var all: [Double]
  /// For the groups: only what can be copied.
  var copyable: [Double]

  mutating func add(_ observation: Observation, times: Double) {
    for h in all.indices { all[h] += times * observation.logRatios[h] }
    guard observation.isCopyable else { return }
    for g in copyable.indices { copyable[g] += times * observation.logRatios[g] }
  }
}
