import Assessment
import CasusEvents
import Foundation
import Knowledge
import Testing

@testable import AttributionAnalyzer

@Suite("Attribution as a plugin's fold")
struct AttributionFoldTests {
  static func plugin(_ change: (inout AttributionSettings) -> Void = { _ in }) throws -> AttributionPlugin {
    var settings = AttributionSettings()
    change(&settings)
    return try AttributionPlugin(policy: settings, identity: "jp.nisc/attribution-1")
  }

  /// Detections of a grid attack from two sensors, a wiper's name among them, and an outage.
  static func scene(_ exercise: inout Exercise) throws -> [RecordedEvent] {
    var events: [RecordedEvent] = []
    for (n, technique) in gridAttack.enumerated() {
      events.append(
        try exercise.detection(
          "d\(n)", techniques: [technique], from: n % 3 == 0 ? "us.cisa/zeek-1" : "jp.nisc/suricata-1", minute: n))
    }
    events.append(
      try exercise.detection("d-software", software: [Software(name: "BlackEnergy", id: "S0089", probability: 0.9)]))
    events.append(try exercise.effect("e1"))
    return events
  }

  static func assessed(
    _ plugin: inout AttributionPlugin, _ events: [RecordedEvent]
  ) throws -> Attribution? {
    var last: Attribution?
    for event in events {
      for draft in try plugin.handle(event) { last = draft.data as? Attribution }
    }
    return last
  }

  @Test
  func `an incident gives an attribution that adds up to 1 and has the four other hypotheses`() throws {
    var exercise = Exercise()
    let events = try Self.scene(&exercise)
    var plugin = try Self.plugin()
    let result = try #require(try Self.assessed(&plugin, events + [exercise.incident(events)]))
    let sum = result.hypotheses.reduce(result.otherProbability) { $0 + $1.probability }
    #expect(abs(sum - 1) < 1e-9)
    for subject in ["criminal", "individual", "unknown", "deception"] {
      #expect(result.hypotheses.contains { $0.id == subject })
    }
    #expect(Set(result.hypotheses.map(\.id)).count == result.hypotheses.count)
    #expect(result.hypotheses.first { $0.subject == .group }?.id == "G0034")
    #expect(result.states?.first?.nation == "RU")
    #expect(result.refs[0].id == "EXERCISE-1-r1")
    #expect(result.evidence.allSatisfy { !$0.refs.isEmpty && !$0.ratios.isEmpty })
    #expect(!result.confidence.reasons.isEmpty)
    #expect(result.confidence.level <= .moderate)
  }

  @Test
  func `the same events give the same bytes, and detections in another order give the same assessment`() throws {
    var exercise = Exercise()
    let events = try Self.scene(&exercise)
    let incident = try exercise.incident(events)
    func bytes(_ order: [RecordedEvent]) throws -> [UInt8] {
      var plugin = try Self.plugin()
      let drafts = try order.flatMap { try plugin.handle($0) }
      return try drafts[0].encoded(source: "//jp.nisc/attribution-1")
    }
    let first = try bytes(events + [incident])
    #expect(try bytes(events + [incident]) == first)
    #expect(try bytes(events.reversed() + [incident]) == first)
  }

  @Test
  func `a revision supersedes the one before by its digest; a redelivered incident repeats its bytes`() throws {
    var exercise = Exercise()
    let events = try Self.scene(&exercise)
    var plugin = try Self.plugin()
    for event in events { _ = try plugin.handle(event) }
    let one = try exercise.incident(events)
    let first = try plugin.handle(one)
    let again = try plugin.handle(one)
    let second = try plugin.handle(exercise.incident(events, revision: 2))
    let source = "//jp.nisc/attribution-1"
    #expect(try first[0].encoded(source: source) == again[0].encoded(source: source))
    let revised = try #require(second[0].data as? Attribution)
    #expect(revised.revision == 2)
    #expect(revised.supersedes?.id == first[0].id)
    #expect(revised.supersedes?.sha256 == sha256Hex(try first[0].encoded(source: source)))
    #expect(second[0].time == Exercise.at(minutes: 62))
    #expect(second[0].exercise)
  }

  @Test
  func `a retracted incident takes its attribution back: base rates, undetermined, and it says why`() throws {
    var exercise = Exercise()
    let events = try Self.scene(&exercise)
    var plugin = try Self.plugin()
    _ = try Self.assessed(&plugin, events + [exercise.incident(events)])
    let retracted = try exercise.incident(events, revision: 2, state: .retracted) { $0.retraction = "EXERCISE: a test" }
    let result = try #require(try Self.assessed(&plugin, [retracted]))
    #expect(result.revision == 2)
    #expect(result.evidence.isEmpty)
    #expect(result.conclusion == "undetermined")
    #expect(result.confidence.reasons[0].contains("EXERCISE: a test"))
    #expect(result.hypotheses.allSatisfy { $0.prior == nil || abs($0.probability - $0.prior!) < 1e-6 })
  }

  @Test
  func `one agency trusts software, one counts only techniques: they disagree and say what they left out`() throws {
    var exercise = Exercise()
    // Techniques of a grid attack, and malware that points to someone else.
    var events = try Self.scene(&exercise).filter { $0.envelope.id != "d-software" }
    events.append(try exercise.detection("d-rat", software: [Software(name: "PlugX", id: "S0013", probability: 0.95)]))
    for software in ["S0144", "S0596", "S0030"] {
      events.append(
        try exercise.detection("d-\(software)", software: [Software(name: software, id: software, probability: 0.9)]))
    }
    let incident = try exercise.incident(events)
    var techniquesOnly = try Self.plugin { $0.exclude = ["software"] }
    var softwareFirst = try Self.plugin {
      $0.weights.technique = 0.1
      $0.temperature = 2
    }
    let a = try #require(try Self.assessed(&techniquesOnly, events + [incident]))
    let b = try #require(try Self.assessed(&softwareFirst, events + [incident]))
    let groupA = a.hypotheses.first { $0.subject == .group }?.id
    let groupB = b.hypotheses.first { $0.subject == .group }?.id
    #expect(groupA != groupB)
    #expect(a.assumptions.contains { $0.contains("Left out by these settings (software)") })
    #expect(b.assumptions.contains { $0.contains("techniques 0.1") })
    #expect(a.method.parametersSHA256 != b.method.parametersSHA256)
  }

  @Test
  func `a large incident's attribution stays well under 64 KiB`() throws {
    var exercise = Exercise()
    let knowledge = AttackKnowledge.shared
    var events: [RecordedEvent] = []
    for n in 0..<120 {
      let ids = (0..<4).map { knowledge.features[(n * 4 + $0) % 774].id }
      events.append(
        try exercise.detection(
          "detection-with-a-long-derived-id-\(n)", techniques: ids.map { ($0, 0.8) },
          from: "jp.nisc/suricata-\(n % 7)"))
    }
    var plugin = try Self.plugin()
    let drafts = try (events + [exercise.incident(events)]).flatMap { try plugin.handle($0) }
    #expect(try drafts[0].encoded(source: "//jp.nisc/attribution-1").count < 60_000)
  }

  @Test
  func `settings keep what a file leaves out, and refuse what they don't know or cannot be`() throws {
    let some = try read(
      AttributionSettings.self,
      #"{"weights": {"software": 0.2}, "reliability": {"//us.cisa/": 0.9}, "exclude": ["T1078"]}"#)
    #expect(some.weights.software == 0.2)
    #expect(some.weights.technique == 1)
    #expect(some.reliability == ["//us.cisa/": 0.9])
    let text = """
      {
        "weights": {"sofware": 0.2},
        "temperature": 0.5,
        "exclude": "T1078",
        "bounds": 3,
        "reliability": {"//us.cisa/": 2}
      }
      """
    #expect(
      try faults(AttributionSettings.self, text) == [
        "2:15: there is no setting \"sofware\" in weights (did you mean \"software\"?)",
        "3:18: temperature: 0.5 is not between 1.0 and 100.0", "4:14: exclude must be an array, not a string",
        "5:13: bounds: a mapping of high, low, moderate is expected",
        "6:33: reliability.//us.cisa/: 2.0 is not between 0.0 and 1.0",
      ])
  }
}
