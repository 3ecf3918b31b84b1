import CasusEvents
import CasusSensor
import FoundationEssentials
import Testing

@testable import IncidentCorrelator
@testable import OutageSensor
@testable import SuricataSensor

@Suite("The exercise's incidents") struct ExerciseIncidentTests {
  @Test
  func `are the attack, with both operators and the outages in it, and the scan elsewhere by itself`() async throws {
    var drafts = try await ExerciseTests.drafts().drafts.map { ($0, "//jp.nisc/suricata-1") }
    let folder = Place.exercise.appending(path: "outages").path
    var settings = OutageSettings(folder: folder)
    settings.exercise = true
    var outages = OutageLoop(
      folder: DropFolder(path: folder, isPatient: false), book: ReportBook(), settings: settings, bookPath: nil,
      source: "//jp.meti/outage-1")
    try await outages.step(
      publish: { batch in
        drafts += batch.map { ($0, "//jp.meti/outage-1") }
        return batch.map { _ in .accepted }
      }, log: { _ in })

    var correlator = Correlator(policy: CorrelatorSettings(), source: "//jp.nisc/correlator-1")
    var revisions: [String: [Incident]] = [:]
    for (number, (draft, source)) in drafts.enumerated() {
      let event = try RecordedEvent(
        stamp: Stamp(
          sequence: UInt64(number + 1), recorded: Timestamp(nanoseconds: 0), sender: String(source.dropFirst(2)),
          flags: .exercise), bytes: draft.encoded(source: source))
      for said in try correlator.handle(event) {
        let incident = try #require(said.data as? Incident)
        revisions[incident.incident, default: []].append(incident)
      }
    }
    let last = revisions.values.compactMap(\.last).filter { $0.state == .open }.sorted { $0.firstSeen < $1.firstSeen }
    #expect(last.count == 2)
    let attack = try #require(last.first)
    let scan = try #require(last.last)
    #expect(attack.victims.map(\.operatorName) == ["EXERCISE Grid A", "EXERCISE Utility C"])
    #expect(attack.victims.compactMap(\.nation) == ["JP", "US"])
    #expect(attack.phase == .effect)
    #expect(attack.effectCount == 5)
    #expect(attack.location == .safetySystems)
    #expect(attack.software.compactMap(\.id).sorted() == ["S0029", "S0089", "S0604", "S0607"])
    #expect(scan.victims.map(\.operatorName) == ["EXERCISE Water B"])
    #expect(scan.phase == .prepare)
    #expect(revisions.values.map(\.count).reduce(0, +) < 80)
    let phases = try #require(revisions[attack.incident]).map(\.phase)
    #expect(phases == phases.sorted())
  }
}
