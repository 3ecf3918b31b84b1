import Assessment
import CasusEvents
import Knowledge
import SeededRandom
import Testing

@testable import DamageEstimator

/// How the estimator's EuRepoC intensity compares with what EuRepoC's people coded, incident by incident.
///
/// An incident here is what the table says of its kind and nothing more: an intruder seen where it says hijacking, operators' reports
/// where it says theft or disruption. The table is the half that the odds in the settings were counted on: it shows that the method
/// says what it means by an interval, and not how well it does on others.
@Suite("Damage beside EuRepoC") struct DamageEvaluationTests {
  private struct File: Decodable {
    struct Row: Decodable {
      var id: Int
      var type: [String]
      var weighted: Double?
    }
    var incidents: [Row]
  }

  private func intensity(_ row: File.Row, _ reader: FactReader) throws -> (median: Double, low: Double, high: Double) {
    var exercise = Exercise()
    var events: [RecordedEvent] = []
    if row.type.contains(where: { $0.hasPrefix("Hijacking") }) {
      events.append(try exercise.detection("d", techniques: [("T1021.001", 0.9), ("T1087", 0.9)]))
    }
    if row.type.contains("Ransomware") { events.append(try exercise.detection("r", techniques: [("T1486", 0.9)])) }
    if row.type.contains(where: { $0.hasPrefix("Data theft") }) {
      events.append(try exercise.effect("t", kind: .dataTheft) { $0.service = nil })
    }
    if row.type.contains("Disruption") { events.append(try exercise.effect("o") { $0.service = nil }) }
    var shelf = EffectShelf()
    for event in events where event.envelope.type == .effect { try shelf.keep(event) }
    let hasEffects = events.contains { $0.envelope.type == .effect }
    let event = try exercise.incident(events, name: "EXERCISE-\(row.id)", phase: hasEffects ? .effect : .presence)
    let incident = try event.data(as: Incident.self)
    let facts = reader.facts(
      incident, effects: shelf.of(incident), attribution: nil, now: Exercise.at(minutes: 60), trigger: event.reference)
    let simulation = Simulation(facts, seed: SeededGenerator(incident: incident.incident), samples: 400)
    return Simulation.summary(simulation.worlds.map { Ladders(settings: reader.settings).eurepoc($0).weighted })
  }

  @Test(.needsSharedData("eurepoc.json"))
  func `a 90 percent interval holds the coded intensity in nine of ten incidents`() throws {
    let rows = try SharedData.read(File.self, "eurepoc.json").incidents
    let reader = FactReader(settings: DamageSettings(), knowledge: .shared)
    var inside = 0
    var exact = 0
    var compared = 0
    var wide = 0.0
    for row in rows {
      guard let coded = row.weighted else { continue }
      let found = try intensity(row, reader)
      compared += 1
      inside += found.low <= coded && coded <= found.high ? 1 : 0
      exact += found.median == coded ? 1 : 0
      wide += found.high - found.low
    }
    let share = (inside: Double(inside) / Double(compared), exact: Double(exact) / Double(compared))
    let width = wide / Double(compared)
    print("EuRepoC: \(inside) of \(compared) within the 90 % interval, \(exact) exact, mean width \(width)")
    #expect(share.inside >= 0.9 && share.exact >= 0.6 && width <= 3)
  }
}
