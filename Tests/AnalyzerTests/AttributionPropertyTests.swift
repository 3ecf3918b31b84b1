import CasusEvents
import Foundation
import Knowledge
import SeededRandom
import Testing

@testable import AttributionAnalyzer

@Suite("Attribution: what must hold for any evidence")
struct AttributionPropertyTests {
  static let profiles = Profiles(AttackKnowledge.shared)
  let hypotheses = Hypotheses(settings: .init(), profiles: profiles)

  func piece(
    _ id: String, group: String = "//exercise/sensor", r: Double = 0.8, _ forgeability: Forgeability = .moderate
  ) -> Evidence {
    Evidence(
      kind: id.hasPrefix("T") ? .technique : id.hasPrefix("S") ? .software : .act, id: id, name: id,
      dependenceGroup: group, reliability: r, forgeability: forgeability, count: 1, refs: [])
  }

  func random(_ generator: inout SeededGenerator, count: Int) -> [Evidence] {
    let features = AttackKnowledge.shared.features
    return (0..<count).map { _ in
      piece(
        features.randomElement(using: &generator)!.id, group: "g\(Int.random(in: 0..<4, using: &generator))",
        r: Double.random(in: 0...1, using: &generator), Forgeability.allCases.randomElement(using: &generator)!)
    }.sorted(by: Evidence.inOrder)
  }

  @Test
  func `priors and posteriors add up to 1, and none is zero`() {
    #expect(abs(hypotheses.priors.reduce(0, +) - 1) < 1e-12)
    var generator = SeededGenerator(seed: 1)
    for count in 0..<40 {
      let posterior = hypotheses.posterior(random(&generator, count: count))
      #expect(abs(posterior.reduce(0, +) - 1) < 1e-9)
      #expect(posterior.allSatisfy { $0 > 0 && $0 < 1 })
    }
  }

  @Test
  func `without evidence the posterior is the prior, and nothing is concluded`() {
    let judgement = Judgement([], under: hypotheses)
    for (a, b) in zip(judgement.probabilities, hypotheses.priors) { #expect(abs(a - b) < 1e-12) }
    #expect(judgement.conclusion == nil)
  }

  @Test
  func `evidence that only one group is known for never lowers that group or its odds`() {
    var generator = SeededGenerator(seed: 2)
    let knowledge = AttackKnowledge.shared
    var users: [String: [Int]] = [:]
    for (g, group) in Self.profiles.groups.enumerated() { for use in group.uses { users[use, default: []].append(g) } }
    // Software has no parent to back off to, so that one user means every other group's ratio is below 1.
    let telling = users.filter { $0.value.count == 1 && $0.key.hasPrefix("S") }.keys.sorted()
    for round in 0..<60 {
      let before = random(&generator, count: round % 12).filter { $0.kind == .technique }
      let id = telling.randomElement(using: &generator)!
      guard knowledge.feature(id) != nil else { continue }
      let after = (before + [piece(id, group: "new")]).sorted(by: Evidence.inOrder)
      let owner = users[id]![0]
      let p = hypotheses.posterior(before)
      let q = hypotheses.posterior(after)
      #expect(q[owner] >= p[owner])
      #expect(p.indices.dropLast().allSatisfy { q[owner] / q[$0] >= p[owner] / p[$0] - 1e-9 })
    }
  }

  @Test
  func `the same observation by the same source counts once; by another source it only becomes more reliable`() {
    let ref = EventReference(source: "//exercise/sensor", id: "1", sha256: "")
    let report = Report(
      kind: .technique, id: "T0855", name: "", group: "//exercise/sensor", reliability: 0.6, forgeability: .moderate,
      ref: ref)
    let thousand = Evidence.gathered(Array(repeating: report, count: 1000))
    #expect(thousand.count == 1)
    #expect(hypotheses.posterior(thousand) == hypotheses.posterior(Evidence.gathered([report])))
    var second = report
    second.group = "//exercise/other"
    let both = hypotheses.posterior(Evidence.gathered([report, second]))
    let equivalent = hypotheses.posterior([piece("T0855", r: 0.84)])
    for (a, b) in zip(both, equivalent) { #expect(abs(a - b) < 1e-12) }
  }

  @Test
  func `a report that cannot be relied on changes nothing`() {
    let judged = hypotheses.posterior([piece("T0855", r: 0), piece("S0604", r: 0)])
    for (a, b) in zip(judged, hypotheses.priors) { #expect(abs(a - b) < 1e-12) }
  }

  @Test
  func `what is easily forged moves no hypothesis by more than its bound`() {
    let rare = hypotheses.observation([piece("S0604", r: 1, .high)]).logRatios
    #expect(rare.allSatisfy { abs($0) <= AttributionSettings().bounds.high + 1e-12 })
    let open = hypotheses.observation([piece("S0604", r: 1)]).logRatios
    #expect(open.max()! > AttributionSettings().bounds.high)
  }

  @Test
  func `contributions add up to what the posterior uses, whatever the order of sources`() {
    var generator = SeededGenerator(seed: 3)
    let evidence = random(&generator, count: 12)
    let parts = hypotheses.observations(evidence).flatMap(hypotheses.contributions)
    #expect(parts.count == evidence.count)
    let posterior = hypotheses.posterior(evidence)
    let a = 3
    let b = 40
    let difference = parts.reduce(0) { $0 + $1[a] - $1[b] } / hypotheses.settings.temperature
    let odds = log(posterior[a] / posterior[b]) - log(hypotheses.priors[a] / hypotheses.priors[b])
    #expect(abs(difference - odds) < 1e-9)
  }

  @Test
  func `an emulation of APT29 is not APT29: copying a whole profile lifts deception as much as the group`() {
    let place = Self.profiles.groups.firstIndex { $0.id == "G0016" }!
    let copied = Self.profiles.groups[place].uses.sorted().map { piece($0, r: 0.9) }.sorted(by: Evidence.inOrder)
    let posterior = hypotheses.posterior(copied)
    let listed = hypotheses.priors[..<Self.profiles.groups.count].reduce(0, +)
    let odds = posterior[hypotheses.deception] / posterior[place]
    #expect(odds >= hypotheses.priors[hypotheses.deception] / listed - 1e-12)
    // What cannot be copied tells them apart.
    let real = copied.map { piece($0.id, r: 0.9, .low) }
    let certain = hypotheses.posterior(real)
    #expect(certain[hypotheses.deception] / certain[place] < odds)
  }

  @Test
  func `a higher temperature never makes the likeliest group more certain`() {
    let evidence = gridAttack.map { piece($0.0, r: $0.1) }.sorted(by: Evidence.inOrder)
    var last = 1.0
    for temperature in [1.0, 2, 4, 8, 16] {
      var settings = AttributionSettings()
      settings.temperature = temperature
      let posterior = Hypotheses(settings: settings, profiles: Self.profiles).posterior(evidence)
      let best = posterior[..<Self.profiles.groups.count].max()!
      #expect(best <= last + 1e-12)
      last = best
    }
  }
}
