import CasusEvents
import SeededRandom
import Testing

@testable import IncidentCorrelator

@Suite("A correlator's checkpoint") struct CorrelatorCheckpointTests {
  typealias Run = CorrelatorRun

  /// Any of what leads to anything: findings of several operators and sources that are linked, alone, repeated and taken back, reports,
  /// cases, in three worlds, within tight bounds.
  private struct History {
    var random: SeededGenerator
    var events: [RecordedEvent] = []
    var incidents: [String] = []

    mutating func next() throws -> RecordedEvent {
      let number = events.count
      let hour = Double(number) / 4
      let some = UInt64.random(in: 0..<20, using: &random)
      let flags: StampFlags = [.exercise, .exercise, .exercise, [], .replayed].randomElement(using: &random)!
      let source = ["//jp.exercise/suricata-1", "//us.exercise/zeek-1"].randomElement(using: &random)!
      let event: RecordedEvent
      switch some {
      case 0:
        event = try Run.effect("e\(number)", at: hour, operator: "EXERCISE Grid \(number % 3)", report: "\(number % 7)")
      case 1 where !events.isEmpty:
        let old = events.randomElement(using: &random)!
        event = try Run.detection(
          "w\(number)", at: hour, supersedes: old.reference, withdrawal: "EXERCISE", source: old.envelope.source,
          flags: old.stamp.flags)
      case 2 where !incidents.isEmpty:
        let file = CaseFile(
          caseID: "C-\(number)", revision: 1, incident: incidents.randomElement(using: &random)!, title: "EXERCISE",
          state: .open, opened: Run.start, openedBy: Person(name: "EXERCISE"), question: nil,
          policy: PolicyReference(name: "exercise", version: "1", sha256: nil), refs: [])
        event = try Run.event(
          Draft(file, id: "c\(number)", exercise: flags == .exercise), from: "//jp.mofa/desk", flags: flags)
      case 3..<9:
        event = try Run.detection(
          "f\(number)", ["T0855"], at: hour, operator: nil, to: "203.0.\(number / 200).\(number % 200)", source: source,
          flags: flags)
      default:
        let software = some % 2 == 0 ? [Software(name: "Industroyer", id: "S0604", probability: 0.3)] : []
        event = try Run.detection(
          "d\(number)", [["T0855", "T0836"], ["T1566.001"], ["T0831", "T1041"]].randomElement(using: &random)!,
          at: hour,
          operator: "EXERCISE Grid \(some % 3)", asset: "EXERCISE-\(number % 5)", from: "192.0.2.\(number % 9)",
          rule: "suricata:1:\(some)", probability: 0.1 + Double(some) / 37, software: software,
          uid: some == 12 ? "d\(number / 2)" : nil, source: source, flags: flags)
      }
      events.append(event)
      return event
    }
  }

  @Test(arguments: 1...3)
  func `taken at any time goes on as if nothing had happened`(seed: UInt64) throws {
    var policy = CorrelatorSettings()
    policy.sourcePublications = 8
    policy.maximumItems = 120
    var whole = Correlator(policy: policy, source: Run.source)
    var kept = Correlator(policy: policy, source: Run.source)
    var history = History(random: SeededGenerator(seed: seed))
    var published = 0
    for number in 0..<400 {
      let event = try history.next()
      func said(_ drafts: [Draft]) throws -> [String] {
        try drafts.map { String(decoding: try $0.encoded(source: Run.source), as: UTF8.self) }
      }
      let drafts = try whole.handle(event)
      history.incidents += drafts.compactMap { ($0.data as? Incident)?.incident }
      published += drafts.count
      let (expected, found) = (try said(drafts), try said(kept.handle(event)))
      #expect(found == expected, "seed \(seed), event \(number)")
      #expect(kept.note == whole.note)
      guard UInt64.random(in: 0..<8, using: &history.random) == 0 else { continue }
      var next = Correlator(policy: policy, source: Run.source)
      next.worlds = try readJSON([Correlator.World: Groups].self, try canonicalJSON(kept.worlds))
      kept = next
    }
    #expect(published > 20)
  }
}
