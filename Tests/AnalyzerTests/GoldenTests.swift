import CasusEvents
import Testing

@testable import AttributionAnalyzer
@testable import DamageEstimator
@testable import PurposeAnalyzer

/// One exercise scene and what the defaults make of it. A change of these numbers is a change of the method: raise its
/// version with it.
@Suite("Golden values of one scene")
struct GoldenTests {
  @Test
  func `the defaults give the same numbers as when the methods' versions were written`() throws {
    var exercise = Exercise()
    var events = try AttributionFoldTests.scene(&exercise)
    events[events.count - 1] = try DamageTests.outage(&exercise)
    let incident = try exercise.incident(events)
    var attributing = try AttributionFoldTests.plugin()
    var purposing = try PurposePlugin(policy: PurposeSettings(), identity: "jp.nisc/purpose-1")
    var estimating = try DamageTests.plugin()
    var drafts: [Draft] = []
    for event in events + [incident] {
      drafts += try attributing.handle(event)
      drafts += try purposing.handle(event)
      drafts += try estimating.handle(event)
    }
    let attribution = try #require(drafts[0].data as? Attribution)
    let purpose = try #require(drafts[1].data as? Purpose)
    let damage = try #require(drafts[2].data as? Damage)
    func percent(_ id: String) -> Int {
      Int(((attribution.hypotheses.first { $0.id == id }?.probability ?? 0) * 100).rounded())
    }
    #expect([attribution.method, purpose.method, damage.method].map(\.version) == ["1", "2", "2"])
    #expect(["G0034", "criminal", "unknown", "deception"].map(percent) == [48, 13, 16, 3])
    #expect(attribution.conclusion == "undetermined")
    #expect((purpose.attack * 100).rounded() == 98)
    // By hand: 600 + 500 + 360 + 200 + 200 + 240 + 300 + 450 = 2,850 of NCISS' 3,400, and (2,850 - 325)/30.75 is 82.1.
    #expect(damage.scales.map { $0.score?.value.rounded() ?? Double($0.level!.value) } == [82, 4, 3, 2, 3, 5, 3])
  }
}
