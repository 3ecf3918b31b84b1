import Foundation
import Knowledge
import Testing

@testable import AttributionAnalyzer

@Suite("Attribution over past campaigns", .needsSharedData("attack-attribution-eval.json"))
struct AttributionEvaluationTests {
  let past: PastCampaigns

  init() throws { past = try PastCampaigns() }

  @Test
  func `Naive Bayes on leak-free profiles puts the right group first in 5 and among five in 11 of 24 campaigns`() {
    var ranks = Ranks()
    for campaign in past.attributed {
      let uses = past.uses(without: campaign, folding: false)
      let vocabulary = uses.reduce(into: Set(campaign.features)) { $0.formUnion($1) }.count
      let scores = uses.map { known in
        campaign.features.reduce(0.0) { sum, f in
          sum + log(((known.contains(f) ? 1 : 0) + 1) / Double(known.count + vocabulary))
        }
      }
      ranks.add(scores, right: past.groups.firstIndex { $0.id == campaign.attributedTo[0] }!)
    }
    print("naive Bayes, leak-free: \(ranks)")
    #expect(ranks.first >= 5)
    #expect(ranks.amongFive >= 11)
  }

  @Test
  func `Back-off and other campaigns' evidence put the right group first in 8 and among five in 13 of 24`() {
    var ranks = Ranks()
    for campaign in past.attributed { ranks.add(scores(campaign), right: right(campaign)) }
    print("with back-off and folding, leak-free: \(ranks)")
    #expect(ranks.first >= 8)
    #expect(ranks.amongFive >= 13)
  }

  @Test
  func `as published, with bounds and all hypotheses, the ranking among the groups is no worse`() {
    var ranks = Ranks()
    for campaign in past.attributed {
      let hypotheses = Hypotheses(settings: .init(), profiles: past.profiles(without: campaign))
      let posterior = hypotheses.posterior(past.evidence(of: campaign))
      // Among the groups alone, priors taken out: state-like and criminal groups have different ones.
      let scores = past.groups.indices.map { posterior[$0] / hypotheses.priors[$0] }
      ranks.add(scores, right: right(campaign))
    }
    print("as published, among the groups: \(ranks)")
    #expect(ranks.first >= 8)
    #expect(ranks.amongFive >= 13)
  }

  @Test
  func `a temperature fitted on one half of the campaigns lowers the Brier score of the other half`() {
    let all = past.attributed.map { (scores: scores($0), right: right($0)) }
    let halves = [0, 1].map { parity in all.indices.filter { $0 % 2 == parity }.map { all[$0] } }
    var before = 0.0
    var after = 0.0
    for (fit, test) in [(halves[0], halves[1]), (halves[1], halves[0])] {
      let temperature = temperatures.min { logLoss(fit, $0) < logLoss(fit, $1) }!
      before += test.reduce(0) { $0 + brier(softmax($1.scores, temperature: 1), right: $1.right) }
      after += test.reduce(0) { $0 + brier(softmax($1.scores, temperature: temperature), right: $1.right) }
      print("closed set: temperature \(temperature) fitted on \(fit.count) campaigns")
    }
    let count = Double(all.count)
    print("closed set of 174 groups, Brier before \(before / count), after \(after / count)")
    #expect(before / count > 1)
    // Knowing nothing, 1/174 for each, has 0.994.
    #expect(after / count < 0.994)
    #expect(after < before)
  }

  @Test
  func `the published temperature is what the attributed and the unattributed campaigns together ask for`() {
    let losses = temperatures.map { temperature in
      var settings = AttributionSettings()
      settings.temperature = temperature
      return openSet(settings)
    }
    for (temperature, loss) in zip(temperatures, losses) {
      print("open set: temperature \(temperature), mean log loss \(loss.log), Brier \(loss.brier)")
    }
    let best = losses.map(\.log).min()!
    let published = temperatures.firstIndex(of: AttributionSettings().temperature)!
    #expect(losses[published].log < best + 0.05)
    #expect(losses[published].brier < losses[0].brier)
  }

  private let temperatures: [Double] = [1, 2, 3, 4, 5, 6, 8]

  private func right(_ campaign: PastCampaigns.Campaign) -> Int {
    past.groups.firstIndex { $0.id == campaign.attributedTo[0] }!
  }

  private func scores(_ campaign: PastCampaigns.Campaign) -> [Double] {
    let profiles = past.profiles(without: campaign)
    var sums = [Double](repeating: 0, count: past.groups.count)
    for feature in campaign.features {
      for (g, ratio) in profiles.ratios(of: feature).enumerated() { sums[g] += log(ratio) }
    }
    return sums
  }

  private func logLoss(_ cases: [(scores: [Double], right: Int)], _ temperature: Double) -> Double {
    cases.reduce(0) { $0 - log(softmax($1.scores, temperature: temperature)[$1.right]) }
  }

  /// Over all hypotheses. Of a campaign that nobody is named for, "none of ATT&CK's groups" counts as right: the best
  /// stand-in there is for actors that aren't listed, if not a certain one.
  private func openSet(_ settings: AttributionSettings) -> (log: Double, brier: Double) {
    var loss = 0.0
    var miss = 0.0
    let groupCount = past.groups.count
    for campaign in past.attributed + past.unattributed {
      let hypotheses = Hypotheses(settings: settings, profiles: past.profiles(without: campaign))
      let posterior = hypotheses.posterior(past.evidence(of: campaign))
      // Everything that isn't a group is one answer here.
      let folded = Array(posterior[..<groupCount]) + [posterior[groupCount...].reduce(0, +)]
      let right = campaign.attributedTo.isEmpty ? groupCount : right(campaign)
      loss -= log(folded[right])
      miss += brier(folded, right: right)
    }
    let count = Double(past.attributed.count + past.unattributed.count)
    return (loss / count, miss / count)
  }
}
