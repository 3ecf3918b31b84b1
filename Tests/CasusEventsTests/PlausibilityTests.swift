import CasusEvents
import TestSupport
import Testing

/// The window of what can be, by the vectors that Swift and Python share.
@Suite struct PlausibilityTests {
  private struct File: Decodable {
    struct Vector: Decodable {
      var data: Effect
      var implausible: [String]
      /// Absent where nothing is implausible.
      var left: Effect?
    }
    struct Reasons: Decodable {
      var effects: [Effect]
      var room: Int
      var lines: [String]
    }
    var effects: [Vector]
    var reasons: [Reasons]
  }

  private static func file() throws -> File { try readJSON(File.self, Vectors.bytes(of: "plausibility.json")) }

  @Test func `what cannot be is named and left out of estimates`() throws {
    for vector in try Self.file().effects {
      #expect(vector.data.implausible.map(\.description) == vector.implausible)
      #expect(vector.data.withoutImplausible.implausible.isEmpty)
      #expect(vector.data.withoutImplausible == vector.left ?? vector.data)
    }
  }

  @Test func `of many the last reason stands for the rest`() throws {
    for vector in try Self.file().reasons {
      #expect(Plausibility.leftOut(of: vector.effects, room: vector.room) == vector.lines)
    }
  }

  /// No schema lets these through; a program that makes effects by itself has none in its way.
  @Test(arguments: [(Int64.min, Int64.max), (.max, .min), (0, .max), (.min, .min), (-1, .max)])
  func `moments at the ends of time are told apart`(started: Int64, reported: Int64) {
    var effect = Effect(
      report: "R", kind: .outage, title: "EXERCISE", operatorName: "EXERCISE",
      started: Timestamp(nanoseconds: started), reported: Timestamp(nanoseconds: reported))
    let isLong = started < reported
    #expect(effect.implausible.map(\.quantity) == (isLong ? [.outage] : []))
    #expect(effect.withoutImplausible.implausible.isEmpty)
    effect.ended = Timestamp(nanoseconds: started)
    #expect(effect.implausible.isEmpty)
  }

  @Test(arguments: [1e308, .infinity, .nan, .greatestFiniteMagnitude])
  func `no number is too large to be left out`(value: Double) {
    let estimate = Estimate(value: value)
    let effect = Effect(
      report: "R", kind: .dataTheft, title: "EXERCISE", operatorName: "EXERCISE", started: Timestamp(nanoseconds: 0),
      reported: Timestamp(nanoseconds: 0), usersAffected: estimate, recordsAffected: estimate,
      money: Money(amount: estimate, currency: "JPY"), casualties: Casualties(deaths: estimate, injured: estimate),
      physicalDamage: PhysicalDamage(extent: .local, repairDays: estimate))
    #expect(effect.implausible.count == 6)
    #expect(effect.withoutImplausible.implausible.isEmpty)
  }

  @Test func `nothing is plausible, whatever its sign`() {
    let effect = Effect(
      report: "R", kind: .outage, title: "EXERCISE", operatorName: "EXERCISE", started: Timestamp(nanoseconds: 0),
      reported: Timestamp(nanoseconds: 0), usersAffected: Estimate(value: -0.0, high: 0.0))
    #expect(effect.implausible.isEmpty && ImplausibleFigure.number(-0.0) == "0")
  }

  @Test func `moments are counted on as far as there are any`() {
    let (first, last) = (Timestamp(nanoseconds: .min), Timestamp(nanoseconds: .max))
    #expect(last.since(first) == .max && first.since(last) == .min && last.since(last) == 0)
    #expect(last.advanced(by: 1) == last && first.advanced(by: -1) == first)
    #expect(first.advanced(by: .max).nanoseconds == -1)
  }
}
