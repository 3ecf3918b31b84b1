import CasusEvents
import CasusPlugin
import IJSON
import JSONSchema
import Knowledge
import SeededRandom
import Testing

@testable import AttributionAnalyzer
@testable import DamageEstimator
@testable import PurposeAnalyzer

/// What analyzers publish, judged as the broker would.
struct Contract {
  private let schemas: [EventType: CompiledSchema]
  private let parser = JSONParser()

  init() throws {
    var schemas: [EventType: CompiledSchema] = [:]
    for (type, bytes) in EventSchemas.all {
      schemas[EventType(type)] = try CompiledSchema.compile(bytes, documents: EventSchemas.shared)
    }
    self.schemas = schemas
  }

  /// Nil when the draft keeps its schema and fits into an event.
  func fault(_ draft: Draft, from sender: String) throws -> String? {
    let bytes = try draft.encoded(source: "//" + sender)
    if bytes.count > 65_536 { return "\(bytes.count) bytes" }
    return try bytes.withUnsafeBytes { raw in
      let value = try parser.parse(raw)
      return try #require(schemas[draft.type]).validate(value).map { "\($0.instancePointer): \($0.message)" }
    }
  }
}

@Suite("Analyzers keep the contracts")
struct ContractTests {
  /// All three analyzers side by side, the estimator reading what the attribution says.
  struct Desk {
    var attribution = try! AttributionFoldTests.plugin()
    var purpose = try! PurposePlugin(policy: PurposeSettings(), identity: "jp.nisc/purpose-1")
    var damage = try! DamageTests.plugin { $0.samples = 200 }
    var exercise: Exercise
    var drafts: [(Draft, String)] = []

    mutating func read(_ event: RecordedEvent) throws {
      for draft in try attribution.handle(event) {
        drafts.append((draft, "jp.nisc/attribution-1"))
        let said = try exercise.recorded(draft, from: "jp.nisc/attribution-1")
        drafts += try damage.handle(said).map { ($0, "jp.nisc/damage-1") }
      }
      drafts += try purpose.handle(event).map { ($0, "jp.nisc/purpose-1") }
      drafts += try damage.handle(event).map { ($0, "jp.nisc/damage-1") }
    }
  }

  @Test(arguments: 0..<8)
  func `every draft over random incidents keeps its schema and stays under 64 KiB`(_ seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    var exercise = Exercise()
    let features = AttackKnowledge.shared.features
    var events: [RecordedEvent] = []
    for n in 0..<Int.random(in: 0...40, using: &generator) {
      let chosen = (0..<Int.random(in: 0...5, using: &generator)).map { _ in features.randomElement(using: &generator)!
      }
      events.append(
        try exercise.detection(
          "d\(n)",
          techniques: chosen.filter(\.isTechnique).map { ($0.id, Double.random(in: 0...1, using: &generator)) },
          software: chosen.filter { !$0.isTechnique }.map { Software(name: $0.name, id: $0.id) },
          from: ["jp.nisc/suricata-1", "us.cisa/zeek-1"].randomElement(using: &generator)!,
          spoofed: Int.random(in: 0..<5, using: &generator) == 0, minute: n))
    }
    for n in 0..<Int.random(in: 0...4, using: &generator) {
      let numbers = (0..<4).map { _ in Double(Int.random(in: 0...1_000_000, using: &generator)) }
      let some = (0..<8).map { _ in Bool.random(using: &generator) }
      events.append(
        try exercise.effect(
          "o\(n)", kind: EffectKind.allCases.randomElement(using: &generator)!,
          cause: RootCause.allCases.randomElement(using: &generator)!
        ) {
          if some[0] { $0.usersAffected = Estimate(value: numbers[0], low: numbers[0] / 2, high: numbers[0] * 2) }
          if some[1] { $0.recordsAffected = Estimate(value: numbers[1]) }
          if some[2] { $0.casualties = Casualties(deaths: Estimate(value: numbers[2] / 1e5)) }
          if some[3] { $0.ended = Exercise.at(minutes: 500) }
          if some[4] { $0.expectedRestoration = Exercise.at(minutes: 5) }
          if some[5] { $0.physicalDamage = PhysicalDamage(extent: .unknown) }
          if some[6] { $0.money = Money(amount: Estimate(value: numbers[3]), currency: "USD") }
          if some[7] { $0.service = nil }
        })
    }
    var desk = Desk(exercise: exercise)
    for event in events { try desk.read(event) }
    let phase = Phase.allCases.randomElement(using: &generator)!
    try desk.read(desk.exercise.incident(events, phase: phase) { if seed % 3 == 0 { $0.sectors = [] } })
    try desk.read(desk.exercise.incident(events, revision: 2))
    try desk.read(desk.exercise.incident(events, revision: 3, state: .retracted) { $0.retraction = "EXERCISE: a test" })
    #expect(desk.drafts.count >= 9)
    let contract = try Contract()
    for (draft, sender) in desk.drafts {
      let fault = try contract.fault(draft, from: sender)
      #expect(fault == nil, "\(draft.type): \(fault ?? "")")
    }
  }

  @Test
  func `every analyzer publishes what its manifest says and reads no more than it says`() {
    for manifest in [AttributionPlugin.manifest, PurposePlugin.manifest, DamagePlugin.manifest] {
      #expect(manifest.publishes.count == 1)
      #expect(manifest.subscribes.contains("casus.incident.v1"))
    }
  }
}
