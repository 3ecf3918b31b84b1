import CasusEvents
import CasusTestKit

/// Makes the events of a small exercise, so that analyzers can be fed without a broker.
struct Exercise {
  private var maker = EventMaker(recorded: start)
  static let start = Timestamp(rfc3339: "2026-08-14T00:00:00Z")!

  static func at(minutes: Int) -> Timestamp {
    Timestamp(nanoseconds: start.nanoseconds + Int64(minutes) * 60_000_000_000)
  }

  /// A draft as the broker would hand it on.
  mutating func recorded(_ draft: Draft, from sender: String) throws -> RecordedEvent {
    try maker.record(draft, from: sender)
  }

  mutating func detection(
    _ id: String, techniques: [(String, Double)] = [], software: [Software] = [],
    from sender: String = "jp.nisc/suricata-1", admiralty: Admiralty? = Admiralty(reliability: .b, credibility: 2),
    rule: String = "suricata:1:1", spoofed: Bool = false, minute: Int = 0
  ) throws -> RecordedEvent {
    let time = Self.at(minutes: minute)
    let data = Detection(
      finding: Finding(uid: id, title: "EXERCISE \(id)", analytic: Analytic(name: "EXERCISE rule", uid: rule)),
      severityID: 4, firstSeen: time, lastSeen: time,
      techniques: techniques.map {
        Technique(id: $0.0, domain: $0.0.hasPrefix("T0") ? .ics : .enterprise, probability: $0.1)
      }, software: software, spoofed: spoofed, admiralty: admiralty)
    return try recorded(Draft(data, id: id, time: time, exercise: true), from: sender)
  }

  mutating func effect(
    _ id: String, kind: EffectKind = .outage, cause: RootCause = .maliciousAction, minute: Int = 30,
    change: (inout Effect) -> Void = { _ in }
  ) throws -> RecordedEvent {
    var data = Effect(
      report: id, kind: kind, title: "EXERCISE \(id)", operatorName: "EXERCISE Power", nation: "JP",
      sector: .jpElectricPower, service: Service(name: "EXERCISE power supply", essential: true, denied: true),
      started: Self.at(minutes: minute), reported: Self.at(minutes: minute + 5), cause: cause,
      admiralty: Admiralty(reliability: .b, credibility: 1))
    change(&data)
    return try recorded(
      Draft(data, id: id, time: Self.at(minutes: minute + 5), exercise: true), from: "jp.nisc/outage-1")
  }

  /// An incident made of the given detections and effects.
  mutating func incident(
    _ events: [RecordedEvent], name: String = "EXERCISE-1", revision: Int = 1, phase: Phase = .effect,
    state: IncidentState = .open, change: (inout Incident) -> Void = { _ in }
  ) throws -> RecordedEvent {
    let detections = events.filter { $0.envelope.type == .detection }
    let effects = events.filter { $0.envelope.type == .effect }
    var techniques: [String: TechniqueSummary] = [:]
    var software: [Software] = []
    for event in detections {
      let data = try event.data(as: Detection.self)
      software += data.software
      for technique in data.techniques {
        var known =
          techniques[technique.id]
          ?? TechniqueSummary(
            id: technique.id, domain: technique.domain, probability: 0, count: 0, firstSeen: data.firstSeen,
            lastSeen: data.lastSeen)
        known.count += 1
        known.probability = max(known.probability, technique.probability)
        known.refs.append(event.reference)
        techniques[technique.id] = known
      }
    }
    var data = Incident(
      incident: name, revision: revision, state: state, title: "EXERCISE incident", phase: phase, firstSeen: Self.start,
      lastSeen: Self.at(minutes: 60), domains: [.cyberspace], detectionCount: detections.count,
      effectCount: effects.count, detections: detections.map(\.reference), effects: effects.map(\.reference),
      techniques: techniques.keys.sorted().map { techniques[$0]! }, software: software,
      victims: [Victim(operatorName: "EXERCISE Power", nation: "JP", sector: .jpElectricPower, essential: true)],
      sectors: [.jpElectricPower], location: .criticalSystems, method: Method(name: "EXERCISE", version: "1"))
    change(&data)
    return try recorded(
      Draft(data, id: "\(name)-r\(revision)", subject: name, time: Self.at(minutes: 60 + revision), exercise: true),
      from: "jp.nisc/correlator-1")
  }
}

/// The techniques and malware of an attack like the one on Ukraine's grid in December 2015, for exercises.
let gridAttack: [(String, Double)] = [
  ("T1566.001", 0.9), ("T1204.002", 0.8), ("T1059.005", 0.7), ("T1056.001", 0.6), ("T1078", 0.8), ("T1133", 0.7),
  ("T1021.001", 0.6), ("T1570", 0.6), ("T0855", 0.9), ("T0831", 0.7), ("T0857", 0.6), ("T0814", 0.5), ("T1485", 0.8),
  ("T1561.002", 0.7), ("T0827", 0.6),
]
