import Assessment
import CasusEvents
import Foundation
import Knowledge
import SeededRandom
import Testing

@testable import DamageEstimator

@Suite("Damage estimates")
struct DamageTests {
  static let source = "//jp.nisc/damage-1"

  static func plugin(_ change: (inout DamageSettings) -> Void = { _ in }) throws -> DamagePlugin {
    var settings = DamageSettings()
    change(&settings)
    return try DamagePlugin(policy: settings, identity: "jp.nisc/damage-1")
  }

  static func estimate(_ plugin: inout DamagePlugin, _ events: [RecordedEvent]) throws -> Damage? {
    try events.compactMap { try plugin.handle($0).first?.data as? Damage }.last
  }

  /// 180,000 to 250,000 customers without power for four hours as far as anyone knows.
  static func outage(_ exercise: inout Exercise, change: (inout Effect) -> Void = { _ in }) throws -> RecordedEvent {
    try exercise.effect("o1") {
      $0.usersAffected = Estimate(value: 225_000, low: 180_000, high: 250_000)
      $0.capacityLost = [Capacity(amount: Estimate(value: 130), unit: "MW", share: 0.6)]
      $0.expectedRestoration = Exercise.at(minutes: 270)
      change(&$0)
    }
  }

  static func attribution(
    _ exercise: inout Exercise, _ hypotheses: [Hypothesis], from sender: String = "jp.nisc/attribution-1",
    revision: Int = 1
  ) throws -> RecordedEvent {
    let data = Attribution(
      incident: "EXERCISE-1", revision: revision, hypotheses: hypotheses, conclusion: "undetermined", level: .tactical,
      confidence: ConfidenceStatement(level: .low, reasons: ["EXERCISE"]), evidence: [], flips: [],
      method: Method(name: "EXERCISE", version: "1"), refs: [])
    return try exercise.recorded(
      Draft(data, id: "a\(revision)", subject: "EXERCISE-1", time: Exercise.at(minutes: 70), exercise: true),
      from: sender)
  }

  @Test(arguments: [5_000_000_000.0, 124_000_001])
  func `a number that cannot be is named and makes no headline`(users: Double) throws {
    func damage(_ extra: (inout Exercise) throws -> [RecordedEvent]) throws -> Damage {
      var exercise = Exercise()
      let detections = try gridAttack.map { try exercise.detection("d-\($0.0)", techniques: [$0]) }
      let events = try detections + [Self.outage(&exercise)] + extra(&exercise)
      var plugin = try Self.plugin()
      return try #require(try Self.estimate(&plugin, events + [exercise.incident(events)]))
    }
    func named(_ damage: Damage) -> Double? { damage.scales[2].inputs.first { $0.name.contains("users") }?.value }
    let plain = try damage { exercise in [try exercise.effect("o2") { $0.nation = "JP" }] }
    let lied = try damage { exercise in
      [
        try exercise.effect("o2") {
          $0.nation = "JP"
          $0.usersAffected = Estimate(value: users)
          $0.casualties = Casualties(deaths: Estimate(value: 2e8))
        }
      ]
    }
    #expect(lied.scales.map { $0.level?.value } == plain.scales.map { $0.level?.value })
    #expect(named(lied) == named(plain))
    #expect(lied.confidence.reasons.contains { $0.contains("Left out as implausible: users") })
    #expect(lied.confidence.reasons.contains { $0.contains("Left out as implausible: deaths") })
    #expect(!plain.confidence.reasons.contains { $0.contains("implausible") })
  }

  @Test
  func `a grid attack with an outage stands on all seven scales, with intervals and what isn't known`() throws {
    var exercise = Exercise()
    let detections = try gridAttack.map { try exercise.detection("d-\($0.0)", techniques: [$0]) }
    let events = try detections + [Self.outage(&exercise)]
    var plugin = try Self.plugin()
    let damage = try #require(try Self.estimate(&plugin, events + [exercise.incident(events)]))
    #expect(damage.scales.map(\.scale) == ["nciss", "ppd41", "nisc-2018", "ncsc-uk", "eu-nis", "dcid", "eurepoc"])
    let nciss = try #require(damage.scales[0].score)
    #expect(nciss.interval.low <= nciss.value && nciss.value <= nciss.interval.high)
    #expect((70...95).contains(nciss.value))
    #expect(damage.scales[0].inputs.count == 8)
    for scale in damage.scales.dropFirst().dropLast() {
      let level = try #require(scale.level)
      #expect(level.low <= level.value && level.value <= level.high)
      #expect(scale.levelPolicy == "Casus defaults")
    }
    #expect(damage.scales[2].level?.value == 3)
    #expect(damage.unknownInputs.contains { $0.name == "actor" })
    #expect(damage.unknownInputs[0].influence != nil)
    #expect(damage.summary?.contains("What matters most and isn't known: \(damage.unknownInputs[0].name)") == true)
    #expect(damage.outlook == .improving)
    #expect(damage.refs[0].id == "EXERCISE-1-r1")
    #expect(damage.confidence.level == .moderate)
    let bytes = try #require(
      try plugin.handle(exercise.incident(events, revision: 2)).first?.encoded(source: Self.source))
    #expect(bytes.count < 50_000)
  }

  @Test
  func `equal inputs give equal bytes; the seed is the incident's name and nothing else`() throws {
    func bytes(_ name: String) throws -> [UInt8] {
      var exercise = Exercise()
      let effect = try Self.outage(&exercise)
      var plugin = try Self.plugin()
      _ = try plugin.handle(effect)
      return try plugin.handle(exercise.incident([effect], name: name))[0].encoded(source: Self.source)
    }
    #expect(try bytes("EXERCISE-1") == bytes("EXERCISE-1"))
    #expect(try bytes("EXERCISE-1") != bytes("EXERCISE-2"))
    var generator = SeededGenerator(seed: 1_234_567)
    #expect(
      (0..<3).map { _ in generator.next() } == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
      ])
  }

  @Test
  func `what becomes known narrows the interval, and is no longer listed as unknown`() throws {
    func estimate(_ change: (inout Effect) -> Void) throws -> Damage {
      var exercise = Exercise()
      let effect = try exercise.effect("o1", change: change)
      var plugin = try Self.plugin()
      return try #require(try Self.estimate(&plugin, [effect, exercise.incident([effect])]))
    }
    let open = try estimate { _ in }
    let known = try estimate {
      $0.usersAffected = Estimate(value: 225_000)
      $0.ended = Exercise.at(minutes: 270)
      $0.physicalDamage = PhysicalDamage(extent: .none)
      $0.casualties = Casualties(deaths: Estimate(value: 0), injured: Estimate(value: 0))
    }
    for (a, b) in zip(open.scales, known.scales) {
      let before = a.level.map { Double($0.high - $0.low) } ?? a.score!.interval.high - a.score!.interval.low
      let after = b.level.map { Double($0.high - $0.low) } ?? b.score!.interval.high - b.score!.interval.low
      #expect(after <= before, "\(a.scale)")
    }
    #expect(open.unknownInputs.contains { $0.name == "users affected" })
    #expect(!known.unknownInputs.contains { $0.name == "users affected" })
    #expect(known.confidence.level > open.confidence.level)
    #expect(known.scales[2].level!.low == known.scales[2].level!.high)
  }

  @Test
  func `of an outage without numbers the users are what matters most on Japan's scale`() throws {
    var exercise = Exercise()
    let effect = try exercise.effect("o1") { $0.ended = Exercise.at(minutes: 150) }
    var plugin = try Self.plugin()
    let damage = try #require(try Self.estimate(&plugin, [effect, exercise.incident([effect])]))
    let nisc = try #require(damage.scales.first { $0.scale == "nisc-2018" })
    let most = nisc.inputs.max { ($0.influence ?? 0) < ($1.influence ?? 0) }
    #expect(most?.name == "users affected")
    #expect(damage.unknownInputs[0].name == "users affected")
    #expect(damage.unknownInputs[0].question != nil)
  }

  @Test
  func `the influences on NCISS add up to one: its inputs are summed`() throws {
    var exercise = Exercise()
    let detections = try gridAttack.map { try exercise.detection("d-\($0.0)", techniques: [$0]) }
    var plugin = try Self.plugin()
    let damage = try #require(
      try Self.estimate(&plugin, detections + [exercise.incident(detections, phase: .presence) { $0.location = nil }]))
    let sum = damage.scales[0].inputs.compactMap(\.influence).reduce(0, +)
    #expect((0.7...1.3).contains(sum))
  }

  @Test
  func `the actor comes from the attribution; without one it is NCISS' unknown, 50`() throws {
    var exercise = Exercise()
    let effect = try Self.outage(&exercise)
    let incident = try exercise.incident([effect])
    var plugin = try Self.plugin()
    let before = try #require(try Self.estimate(&plugin, [effect, incident]))
    func input(_ damage: Damage) -> ScaleInput { damage.scales[0].inputs.first { $0.name == "actor" }! }
    #expect(input(before).value == 50)
    #expect(input(before).selected == "unknown")
    #expect(!input(before).known)
    let foreign = try Self.attribution(
      &exercise, [Hypothesis(id: "criminal", subject: .criminal, probability: 1)], from: "us.cisa/attribution-1")
    let after = try #require(try Self.estimate(&plugin, [foreign]))
    #expect(after.revision == 2)
    #expect(input(after).selected == "criminal")
    #expect(after.refs.contains(foreign.reference))
    // Its own agency's attribution comes before another's.
    let own = try Self.attribution(&exercise, [Hypothesis(id: "G0034", subject: .group, probability: 1)])
    let last = try #require(try Self.estimate(&plugin, [own]))
    #expect(last.revision == 3)
    #expect(["apt", "apt-targeted"].contains(input(last).selected))
    #expect(last.scales[0].score!.value > after.scales[0].score!.value)
    // The other agency's next one changes nothing here, and the same one again repeats what it caused.
    let later = try Self.attribution(
      &exercise, [Hypothesis(id: "criminal", subject: .criminal, probability: 1)], from: "us.cisa/attribution-1",
      revision: 2)
    #expect(try plugin.handle(later).isEmpty)
    #expect(try plugin.handle(own).count == 1)
  }

  @Test
  func `an incident without any report has low confidence, an open outlook and a wide interval`() throws {
    var exercise = Exercise()
    let detection = try exercise.detection("d1", techniques: [("T0855", 0.9)])
    var plugin = try Self.plugin()
    let damage = try #require(try Self.estimate(&plugin, [detection, exercise.incident([detection])]))
    #expect(damage.confidence.level == .low)
    #expect(damage.outlook == .unknown)
    #expect(damage.scales[0].score!.interval.high - damage.scales[0].score!.interval.low > 15)
    #expect(damage.unknownInputs.contains { $0.name == "state of the service" })
  }

  @Test
  func `the outlook worsens as more users are affected and improves once all is over`() throws {
    var exercise = Exercise()
    let first = try exercise.effect("o1") { $0.usersAffected = Estimate(value: 1000) }
    let incident = try exercise.incident([first])
    let second = try exercise.effect("o1-2") {
      $0.usersAffected = Estimate(value: 90_000)
      $0.supersedes = first.reference
    }
    let worse = try exercise.incident([second], revision: 2)
    let third = try exercise.effect("o1-3") {
      $0.usersAffected = Estimate(value: 90_000)
      $0.ended = Exercise.at(minutes: 100)
      $0.supersedes = second.reference
    }
    let over = try exercise.incident([third], revision: 3)
    var plugin = try Self.plugin()
    var outlooks: [Outlook] = []
    for event in [first, incident, second, worse, third, over] {
      if let damage = try plugin.handle(event).first?.data as? Damage { outlooks.append(damage.outlook) }
    }
    #expect(outlooks == [.stable, .worsening, .improving])
  }

  @Test
  func `how long an outage lasts follows from what was reported, not from when the incident was written down`() throws {
    func hours(_ later: Int) throws -> Double? {
      var exercise = Exercise()
      let effect = try Self.outage(&exercise)
      var plugin = try Self.plugin()
      var draft = try Draft(exercise.incident([effect]).data(as: Incident.self), id: "late", subject: "EXERCISE-1")
      draft.time = Exercise.at(minutes: later)
      let damage = try Self.estimate(&plugin, [effect, exercise.recorded(draft, from: "jp.nisc/correlator-1")])
      return damage?.scales[2].inputs.first { $0.name == "hours until restored" }?.value
    }
    #expect(try hours(60) == 4)
    #expect(try hours(400_000) == 4)
  }

  /// Attributions may name incidents that nobody has heard of.
  @Test
  func `a flood of attributions drives out only its own`() throws {
    var exercise = Exercise()
    var shelf = AttributionShelf(capacity: 20)
    func keep(_ incident: String, by sender: String, _ revision: Int) throws {
      let event = try Self.attribution(
        &exercise, [Hypothesis(id: "criminal", subject: .criminal, probability: 1)], from: sender, revision: revision)
      var attribution = try event.data(as: Attribution.self)
      attribution.incident = incident
      shelf.keep(attribution, of: event)
    }
    for revision in 1...2 {
      for sender in ["us.cisa/a", "jp.nisc/a"] { try keep("EXERCISE-1", by: sender, revision) }
    }
    for number in 0..<200 { try keep("x\(number)", by: "evil.low/p1", number) }
    #expect(shelf.of("EXERCISE-1").map(\.reference.source) == ["//jp.nisc/a", "//us.cisa/a"])
    #expect(shelf.of("EXERCISE-1").map(\.attribution.revision) == [2, 2])
    #expect(shelf.of("x0").isEmpty && shelf.of("x199").count == 1)
  }

  @Test
  func `a report that is not known here is told, and lowers no number`() throws {
    var exercise = Exercise()
    let known = try Self.outage(&exercise)
    let unknown = try exercise.effect("o2")
    var plugin = try Self.plugin()
    let damage = try #require(try Self.estimate(&plugin, [known, exercise.incident([known, unknown])]))
    #expect(damage.confidence.reasons.contains("Reports that the incident names and that are not known here: 1."))
    #expect(plugin.note == nil)
  }

  /// Beyond what the schemas take, so that no program of our own ends on it.
  @Test
  func `moments at the ends of time end no estimate`() throws {
    for (started, reported) in [(Int64.min, Int64.max), (.max, .min), (.max, .max)] {
      var exercise = Exercise()
      let report = try exercise.effect("o1")
      var incident = try exercise.incident([report]).data(as: Incident.self)
      var effect = try report.data(as: Effect.self)
      effect.started = Timestamp(nanoseconds: started)
      effect.reported = Timestamp(nanoseconds: reported)
      effect.expectedRestoration = Timestamp(nanoseconds: .max)
      incident.lastSeen = Timestamp(nanoseconds: .max)
      let (outlook, _) = OutlookReader.outlook(
        incident, effects: [effect], now: incident.lastSeen, before: nil,
        standing: Standing(phase: .effect, users: .infinity, victims: 1, effects: 1))
      #expect(outlook == .improving)
      let length = FactReader.duration(effect.withoutImplausible, incident.lastSeen, 168).distribution
      #expect(length.best.isFinite && length.range.low >= 0)
    }
  }

  @Test
  func `a storm's outage beside an intrusion is no damage of it`() throws {
    var exercise = Exercise()
    let effect = try exercise.effect("o1", cause: .naturalPhenomenon) { $0.usersAffected = Estimate(value: 500_000) }
    var plugin = try Self.plugin()
    let damage = try #require(try Self.estimate(&plugin, [effect, exercise.incident([effect], phase: .engage)]))
    #expect(damage.scales.first { $0.scale == "nisc-2018" }?.level?.high == 0)
  }

  @Test
  func `a retracted incident's damage is taken back, and a late attribution doesn't bring it back`() throws {
    var exercise = Exercise()
    let effect = try Self.outage(&exercise)
    var plugin = try Self.plugin()
    let first = try #require(try Self.estimate(&plugin, [effect, exercise.incident([effect])]))
    let retracted = try exercise.incident([effect], revision: 2, state: .retracted) {
      $0.retraction = "EXERCISE: a test"
    }
    let back = try #require(try Self.estimate(&plugin, [retracted]))
    #expect(first.revision == 1 && back.revision == 2)
    #expect(back.supersedes != nil)
    #expect(back.scales.map(\.scale) == ["ppd41"])
    #expect(back.scales[0].level?.value == 0)
    #expect(back.confidence.reasons[0].contains("EXERCISE: a test"))
    let late = try Self.attribution(&exercise, [Hypothesis(id: "criminal", subject: .criminal, probability: 1)])
    #expect(try plugin.handle(late).isEmpty)
  }

  @Test
  func `NCISS has a level only by a policy's cut-offs, which the result names`() throws {
    var exercise = Exercise()
    let effect = try Self.outage(&exercise)
    let incident = try exercise.incident([effect])
    var plain = try Self.plugin()
    #expect(try Self.estimate(&plain, [effect, incident])?.scales[0].level == nil)
    var ruled = try Self.plugin {
      $0.author = "EXERCISE policy board"
      $0.ncissCutoffs = [20, 35, 50, 65, 80]
    }
    let result = try #require(try Self.estimate(&ruled, [effect, incident])?.scales[0])
    #expect(result.level!.value >= 4)
    #expect(result.levelPolicy == "EXERCISE policy board")
  }

  @Test
  func `settings that cannot be are refused by name, all at once`() throws {
    let text = """
      {
        "userHours": [1, 100, 10, 1000],
        "records": [1],
        "odds": {"brokn": 1}
      }
      """
    #expect(
      try faults(DamageSettings.self, text) == [
        "2:16: userHours: must rise", "3:14: records: must be 4 numbers that are not negative",
        "4:12: there is no setting \"brokn\" in odds (did you mean \"broken\"?)",
      ])
    #expect(try read(DamageSettings.self, #"{"author": "EXERCISE", "ncissCutoffs": [10, 20]}"#).author == "EXERCISE")
  }
}
