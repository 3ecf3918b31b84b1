import Assessment
import CasusEvents
import Foundation
import TestSupport
import Testing

@testable import DamageEstimator

/// Many reports together: no headline is made of what one of them may say several times over.
@Suite("Reports together") struct ReportedTotalTests {
  private struct File: Decodable {
    struct Report: Decodable {
      var source: String
      var first: UInt64
      var data: Effect
    }
    struct Vector: Decodable {
      var about: String
      var quantity: String
      var currency: String?
      var reports: [Report]
      var value: Double
      var low: Double
      var high: Double
      var notes: [String]
      var leftOut: [String]

      enum CodingKeys: String, CodingKey {
        case about, quantity, currency, reports, value, low, high, notes
        case leftOut = "left_out"
      }
    }
    var totals: [Vector]
  }

  private func estimate(_ effect: Effect, _ vector: File.Vector) -> Estimate? {
    switch vector.quantity {
    case "users": effect.usersAffected
    case "records": effect.recordsAffected
    case "deaths": effect.casualties?.deaths
    case "injured": effect.casualties?.injured
    default: effect.money?.currency == vector.currency ? effect.money?.amount : nil
    }
  }

  @Test func `say what Python's estimator makes of them`() throws {
    let bytes = try Data(contentsOf: URL(fileURLWithPath: Checkout.path("Tests/Vectors/totals.json")))
    let file = try readJSON(File.self, Array(bytes))
    #expect(file.totals.count > 30)
    for vector in file.totals {
      let figures = vector.reports.compactMap { report in
        estimate(report.data, vector).map {
          ReportedFigure(report.data, from: report.source, first: report.first, $0)
        }
      }
      let quantity = try #require(ImplausibleFigure.Quantity(rawValue: vector.quantity))
      let total = ReportedTotal(quantity, figures, currency: vector.currency)
      #expect(total.estimate == Estimate(value: vector.value, low: vector.low, high: vector.high), "\(vector.about)")
      #expect(total.notes == vector.notes, "\(vector.about)")
      #expect(total.excesses.map(\.line) == vector.leftOut, "\(vector.about)")
    }
  }

  // MARK: In an estimate

  /// An estimate of a grid attack with the operator's report, and with what others report beside.
  private func damage(_ others: (inout Exercise) throws -> [RecordedEvent]) throws -> Damage {
    var exercise = Exercise()
    let detections = try gridAttack.map { try exercise.detection("d-\($0.0)", techniques: [$0]) }
    let events = try detections + [DamageTests.outage(&exercise)] + others(&exercise)
    var plugin = try DamageTests.plugin()
    return try #require(try DamageTests.estimate(&plugin, events + [exercise.incident(events)]))
  }

  private func users(_ damage: Damage) -> ScaleInput? {
    damage.scales[2].inputs.first { $0.name == "users affected" }
  }

  /// By a key of its own.
  private static func foreign(
    _ exercise: inout Exercise, _ id: String, at name: String = "EXERCISE Power", _ users: Estimate,
    from sender: String = "evil.low/p1"
  ) throws -> RecordedEvent {
    let report = try exercise.effect(id) {
      $0.operatorName = name
      $0.usersAffected = users
    }.data(as: Effect.self)
    let draft = Draft(report, id: id, time: Exercise.at(minutes: 35), exercise: true)
    return try exercise.recorded(draft, from: sender)
  }

  @Test func `by one key come to no more than a nation has people, and are named`() throws {
    let flood = try damage { exercise in
      try (0..<40).map {
        try Self.foreign(&exercise, "x\($0)", at: "EXERCISE \($0)", Estimate(value: 100_000_000))
      }
    }
    let most = try #require(users(flood))
    #expect(most.value! <= 124_000_000 && most.value! > 100_000_000)
    #expect(!most.known && most.basis!.contains("more than can be was left out"))
    #expect(most.basis!.contains("100 % by //evil.low/p1 alone"))
    #expect(most.refs.count == 2 && most.basis!.hasPrefix("EXERCISE Power, report o1; "))
    #expect(
      flood.confidence.reasons.contains {
        $0.hasPrefix("Left out as implausible together: users 4000250000 in JP, of at most 124000000; 39 figures of ")
      })
    #expect(flood.unknownInputs.contains { $0.name == "users affected" })
  }

  @Test func `of one operator by two senders count once`() throws {
    let alone = try damage { _ in [] }
    let twice = try damage { [try Self.foreign(&$0, "x", Estimate(value: 225_000, low: 180_000, high: 250_000))] }
    #expect(users(twice)?.value == 225_000 && users(alone)?.value == 225_000)
    #expect(twice.scales.map { $0.level?.value } == alone.scales.map { $0.level?.value })
    #expect(users(twice)!.basis!.contains("100 % by several sources"))
    #expect(users(alone)!.basis!.contains("100 % by //jp.nisc/outage-1 alone"))
  }

  @Test(arguments: [1, 120_000_000.0])
  func `on which sources differ keep their headline and widen its bounds`(other: Double) throws {
    let alone = try damage { _ in [] }
    let disputed = try damage { [try Self.foreign(&$0, "x", Estimate(value: other))] }
    #expect(users(disputed)?.value == 225_000)
    #expect(disputed.scales.map { $0.level?.value } == alone.scales.map { $0.level?.value })
    let bounds = (users(disputed)!.low!, users(disputed)!.high!)
    #expect(bounds.0 == min(180_000, other) && bounds.1 == max(250_000, other))
    #expect(users(disputed)!.basis!.contains("2 sources differ on EXERCISE Power"))
  }

  @Test func `by several keys of one agency count as one source's`() throws {
    let alone = try damage { _ in [] }
    let outvoted = try damage { exercise in
      try (1...3).map { try Self.foreign(&exercise, "x\($0)", Estimate(value: 0), from: "evil.low/p\($0)") }
    }
    #expect(users(outvoted)?.value == 225_000)
    #expect(outvoted.scales.map { $0.level?.value } == alone.scales.map { $0.level?.value })
    #expect(users(outvoted)!.basis!.contains("2 sources differ on EXERCISE Power, 0 to 250000"))
  }

  @Test func `that an incident does not name make what is summed a lower bound, and it says so`() throws {
    var exercise = Exercise()
    let report = try DamageTests.outage(&exercise)
    var plugin = try DamageTests.plugin()
    let incident = try exercise.incident([report]) { $0.effectCount = 61 }
    let damage = try #require(try DamageTests.estimate(&plugin, [report, incident]))
    #expect(users(damage)!.basis!.hasSuffix("; at least: 60 more reports are not counted"))
    let reason = "60 more reports are not counted, since the incident does not name them: every sum is a lower bound."
    #expect(damage.confidence.reasons.contains(reason) && damage.confidence.level != .high)
  }

  @Test func `that were left out leave the headline to what others say of the same operator`() throws {
    let alone = try damage { _ in [] }
    let lied = try damage { exercise in
      let report = try exercise.effect("x") {
        $0.nation = "US"
        $0.usersAffected = Estimate(value: 300_000_000)
      }.data(as: Effect.self)
      let draft = Draft(report, id: "x", time: Exercise.at(minutes: 35), exercise: true)
      return [try exercise.recorded(draft, from: "evil.low/p1")]
    }
    let input = try #require(users(lied))
    #expect(input.known && input.value == 225_000 && input.basis!.contains("more than can be was left out"))
    #expect(lied.scales.map { $0.level?.value } == alone.scales.map { $0.level?.value })
    #expect(!lied.unknownInputs.contains { $0.name == "users affected" && $0.influence == nil })
    let line = "Left out as implausible together: users 300000000 in JP"
    #expect(lied.confidence.reasons.contains { $0.hasPrefix(line) })
  }

  @Test func `that go out of the estimate at once don't look like a recovery`() throws {
    var exercise = Exercise()
    var plugin = try DamageTests.plugin()
    let first = try DamageTests.outage(&exercise)
    _ = try DamageTests.estimate(&plugin, [first, exercise.incident([first])])
    let copy = try Self.foreign(&exercise, "x", Estimate(value: 225_000))
    let revision = try exercise.incident([first, copy], revision: 2)
    let second = try #require(try DamageTests.estimate(&plugin, [copy, revision]))
    #expect(second.outlook == .stable || second.outlook == .improving)
    #expect(!second.outlookReasons.contains { $0.contains("More users") })
  }

  /// The median of what is drawn is the middle source's, whatever the others say.
  @Test(arguments: 2...7)
  func `draw most from the source in the middle`(sources: Int) {
    let accounts = (0..<sources).map { number in
      ReportedTotal.Account(source: "//\(number)", first: UInt64(9 - number), estimate: Estimate(value: Double(number)))
    }
    let loss = ReportedTotal.Loss(operatorName: "EXERCISE", nation: nil, accounts: accounts)
    let pool = Distribution.of(loss)
    #expect(pool.best == loss.estimate.value)
    for u in [0.25, 0.5, 0.75] { #expect(pool.value(at: u) == loss.estimate.value) }
    #expect(pool.value(at: 0) == 0 && pool.value(at: 0.999_999) == Double(sources - 1))
    #expect(pool.range == (0, Double(sources - 1)))
  }

  /// Half of those who lost a service decide how long it is away.
  @Test func `of a long outage that few suffer lengthen no other`() throws {
    func hours(_ others: [(operator: String, users: Double?)]) throws -> Double? {
      try damage { exercise in
        try others.enumerated().map { number, other in
          let report = try exercise.effect("x\(number)") {
            $0.operatorName = other.operator
            $0.usersAffected = other.users.map { Estimate(value: $0) }
            $0.ended = Exercise.at(minutes: 60 * 24 * 300)
          }.data(as: Effect.self)
          let draft = Draft(report, id: "x\(number)", time: Exercise.at(minutes: 35), exercise: true)
          return try exercise.recorded(draft, from: "evil.low/p1")
        }
      }.scales[2].inputs.first { $0.name == "hours until restored" }?.value
    }
    #expect(try hours([]) == 4)
    #expect(try hours([("EXERCISE small", 10)]) == 4)
    #expect(try hours([("EXERCISE silent", nil)]) == 4)
    // The operator's own, of something that no users depend on.
    let own = try damage { [try $0.effect("x") { $0.ended = Exercise.at(minutes: 60 * 24 * 300) }] }
    #expect(own.scales[2].inputs.first { $0.name == "hours until restored" }?.value == 4)
    #expect(try hours([("EXERCISE Power", 225_000)]) == 4)
    #expect(try hours([("EXERCISE large", 500_000)]) == 300 * 24 - 0.5)
  }

  @Test(arguments: [1e308, .infinity])
  func `hold no number that breaks the sum`(value: Double) {
    let effect = Effect(
      report: "R", kind: .outage, title: "EXERCISE", operatorName: "EXERCISE",
      started: Timestamp(nanoseconds: .min), reported: Timestamp(nanoseconds: .max))
    var other = effect
    other.operatorName = "EXERCISE other"
    let figures = [
      ReportedFigure(effect, from: "//a", first: .max, Estimate(value: value)),
      ReportedFigure(other, from: "//b", first: 0, Estimate(value: 5, low: -0.0)),
    ]
    let total = ReportedTotal(.users, figures)
    #expect(total.estimate.value == 5 && total.excesses.count == 1)
  }
}
