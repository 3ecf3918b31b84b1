import Assessment
import CasusEvents
import SeededRandom
import Testing

@testable import IncidentCorrelator

/// Feeds a correlator without a broker and keeps what it says.
struct CorrelatorRun {
  static let source = "//jp.exercise/correlator-1"
  static let start = Timestamp(rfc3339: "2026-03-02T00:00:00Z")!
  var correlator: Correlator
  var published: [RecordedEvent] = []
  private var sequence: UInt64 = 0

  init(_ change: (inout CorrelatorSettings) -> Void = { _ in }) {
    var policy = CorrelatorSettings()
    change(&policy)
    correlator = Correlator(policy: policy, source: Self.source)
  }

  static func hours(_ hours: Double) -> Timestamp {
    Timestamp(nanoseconds: start.nanoseconds + Int64(hours * 3600) * 1_000_000_000)
  }

  /// The incidents that an event leads to.
  @discardableResult
  mutating func take(_ event: RecordedEvent) throws -> [Incident] {
    try correlator.handle(event).map { draft in
      sequence += 1
      let bytes = try draft.encoded(source: Self.source)
      let event = try RecordedEvent(
        stamp: Stamp(sequence: sequence, recorded: Self.start, sender: "jp.exercise/correlator-1", flags: .exercise),
        bytes: bytes)
      published.append(event)
      return try event.data(as: Incident.self)
    }
  }

  /// What was last said of each incident.
  func incidents() throws -> [Incident] {
    var last: [String: Incident] = [:]
    for event in published {
      let incident = try event.data(as: Incident.self)
      last[incident.incident] = incident
    }
    return last.values.sorted { ($0.firstSeen, $0.incident) < ($1.firstSeen, $1.incident) }
  }

  static func event(_ draft: Draft, from source: String, flags: StampFlags = .exercise) throws -> RecordedEvent {
    try RecordedEvent(
      stamp: Stamp(sequence: 1, recorded: start, sender: String(source.dropFirst(2)), flags: flags),
      bytes: draft.encoded(source: source))
  }

  static func detection(
    _ id: String, _ techniques: [String] = ["T0855"], at hour: Double = 0, operator name: String? = "EXERCISE Grid",
    asset: String = "EXERCISE-rtu", location: Location? = nil, from ip: String? = nil, to: String? = nil,
    rule: String = "suricata:1:1", severity: Int = 3, probability: Double = 0.6, software: [Software] = [],
    observables: [Observable] = [], uid: String? = nil, supersedes: EventReference? = nil, withdrawal: String? = nil,
    source: String = "//jp.exercise/suricata-1", exercise: Bool = true, flags: StampFlags = .exercise,
    tlp: TLP = .amber,
    spoofed: Bool = false
  ) throws -> RecordedEvent {
    let data = Detection(
      finding: Finding(uid: uid ?? id, title: "EXERCISE \(rule)", analytic: Analytic(name: "EXERCISE", uid: rule)),
      severityID: severity, firstSeen: hours(hour), lastSeen: hours(hour),
      techniques: techniques.map {
        Technique(id: $0, domain: $0.hasPrefix("T0") ? .ics : .enterprise, probability: probability)
      }, software: software, observables: observables,
      asset: name.map {
        Asset(id: asset, operatorName: $0, nation: "JP", sector: .jpElectricPower, location: location)
      },
      flow: Flow(source: ip.map { Endpoint(ip: $0) }, destination: to.map { Endpoint(ip: $0) }), spoofed: spoofed,
      withdrawal: withdrawal, supersedes: supersedes)
    return try event(
      Draft(data, id: id, time: hours(hour), tlp: tlp, exercise: exercise), from: source, flags: flags)
  }

  static func effect(
    _ id: String, at hour: Double = 1, operator name: String = "EXERCISE Grid", report: String = "EXERCISE-1",
    cause: RootCause = .unknown, supersedes: EventReference? = nil, withdrawal: String? = nil,
    source: String = "//jp.exercise/outage-1", change: (inout Effect) -> Void = { _ in }
  ) throws -> RecordedEvent {
    var data = Effect(
      report: report, kind: .outage, title: "EXERCISE outage \(report)", operatorName: name, nation: "JP",
      sector: .jpElectricPower, service: Service(name: "EXERCISE", essential: true), started: hours(hour),
      reported: hours(hour + 0.5), cause: cause, withdrawal: withdrawal, supersedes: supersedes)
    change(&data)
    return try event(Draft(data, id: id, time: hours(hour + 0.5), exercise: true), from: source)
  }
}

@Suite("The correlator groups") struct CorrelatorGroupingTests {
  typealias Run = CorrelatorRun

  @Test
  func `what hits the same operator, and leaves another operator alone`() throws {
    var run = Run()
    try run.take(Run.detection("a", asset: "EXERCISE-1"))
    try run.take(Run.detection("b", ["T0836"], at: 5, asset: "EXERCISE-2"))
    try run.take(Run.detection("c", ["T0836"], at: 5, operator: "EXERCISE Water"))
    let incidents = try run.incidents()
    #expect(incidents.count == 2)
    #expect(incidents.map(\.detectionCount).sorted() == [1, 2])
    #expect(incidents.first { $0.detectionCount == 2 }?.victims.map(\.operatorName) == ["EXERCISE Grid"])
  }

  @Test(arguments: [(335.0, 1), (337.0, 2)])
  func `only within the window`(hour: Double, count: Int) throws {
    var run = Run()
    try run.take(Run.detection("a"))
    try run.take(Run.detection("b", ["T0836"], at: hour))
    #expect(try run.incidents().count == count)
  }

  @Test
  func `two operators and two nations that the same command server links`() throws {
    var run = Run()
    try run.take(Run.detection("a", ["T1071.001"], from: "10.1.1.1", to: "203.0.113.66"))
    try run.take(
      Run.detection("b", ["T1071.001"], at: 900, operator: "EXERCISE Utility", from: "10.9.9.9", to: "203.0.113.66"))
    let incident = try #require(run.incidents().first)
    #expect(incident.detectionCount == 2)
    #expect(incident.victims.count == 2)
    #expect(incident.basis.contains { $0.contains("203.0.113.66") })
  }

  @Test
  func `nothing by an address that may be forged, or that half the world has`() throws {
    var run = Run { $0.commonIndicator = 3 }
    for number in 0..<2 {
      try run.take(
        Run.detection(
          "spoofed-\(number)", operator: "EXERCISE \(number)", from: "203.0.113.1", spoofed: true))
    }
    #expect(try run.incidents().count == 2)
    var crowd = Run { $0.commonIndicator = 3 }
    for number in 0..<3 {
      // Each far from the others in time, so that none is linked when it comes.
      try crowd.take(
        Run.detection("c\(number)", at: Double(number) * 2000, operator: "EXERCISE \(number)", to: "203.0.113.1"))
    }
    #expect(try crowd.incidents().count == 3)
    try crowd.take(Run.detection("late", at: 4001, operator: "EXERCISE other", to: "203.0.113.1"))
    #expect(try crowd.incidents().count == 4)
  }

  @Test
  func `not the same private address of two operators`() throws {
    var run = Run()
    try run.take(Run.detection("a", operator: "EXERCISE A", to: "10.0.0.4"))
    try run.take(Run.detection("b", operator: "EXERCISE B", to: "10.0.0.4"))
    #expect(try run.incidents().count == 2)
  }

  @Test
  func `hosts that connect to each other, where nobody knows the operator`() throws {
    var run = Run()
    try run.take(Run.detection("a", ["T1021.002"], operator: nil, from: "10.0.1.5", to: "10.0.2.6"))
    try run.take(Run.detection("b", ["T1570"], at: 1, operator: nil, from: "10.0.2.6", to: "10.0.3.7"))
    try run.take(Run.detection("c", ["T1570"], at: 1, operator: nil, from: "10.8.2.6", to: "10.8.3.7"))
    #expect(try run.incidents().map(\.detectionCount).sorted() == [1, 2])
  }

  @Test
  func `no scan with an intrusion just because both hit the same operator`() throws {
    var run = Run()
    try run.take(Run.detection("scan", ["T1595.002"], asset: "EXERCISE-web", from: "192.0.2.1", to: "10.1.0.80"))
    try run.take(Run.detection("real", ["T0855"], at: 1, asset: "EXERCISE-rtu", from: "10.2.0.1", to: "10.3.0.1"))
    #expect(try run.incidents().map(\.phase) == [.prepare, .presence])
  }

  @Test
  func `two incidents into one when evidence connects them; the younger one is closed and says into which`() throws {
    var run = Run()
    try run.take(Run.detection("a", ["T1071.001"], from: "10.1.1.1", to: "203.0.113.66"))
    try run.take(Run.detection("b", ["T0836"], at: 1, operator: "EXERCISE Utility", to: "198.51.100.1"))
    let before = try run.incidents()
    #expect(before.count == 2)
    let said = try run.take(
      Run.detection(
        "link", ["T1105"], at: 2, operator: "EXERCISE Utility",
        observables: [Observable(kind: .ipAddress, value: "203.0.113.66")]))
    #expect(said.map(\.state) == [.closed, .open])
    #expect(said.map(\.incident) == [before[1].incident, before[0].incident])
    #expect(said[0].summary?.contains(before[0].incident) == true)
    #expect(said[1].detectionCount == 3)
    #expect(said[1].revision == 2)
  }

  @Test
  func `late evidence where it belongs in time`() throws {
    var run = Run()
    try run.take(Run.detection("b", at: 100))
    try run.take(Run.detection("a", ["T1566.001"], at: 2, probability: 0.9))
    let incident = try #require(run.incidents().first)
    #expect(incident.firstSeen == Run.hours(2))
    #expect(incident.lastSeen == Run.hours(100))
    #expect(incident.steps.map(\.time) == [Run.hours(2)])
    #expect(run.published.last?.envelope.time == Run.hours(100))
  }

  @Test
  func `neither exercise with live nor replayed with new evidence`() throws {
    var run = Run()
    try run.take(Run.detection("a"))
    try run.take(Run.detection("b", ["T0836"], exercise: false, flags: []))
    try run.take(Run.detection("c", ["T0836"], exercise: false, flags: .replayed))
    #expect(try run.incidents().count == 3)
    #expect(run.published.map(\.envelope.exercise) == [true, false, false])
  }

  @Test(arguments: 0..<20)
  func `the same evidence, in whatever order it comes`(seed: Int) throws {
    var dice = SeededGenerator(seed: UInt64(seed))
    var events: [RecordedEvent] = []
    for number in 0..<40 {
      events.append(
        try Run.detection(
          "d\(number)", ["T0855", "T1105", "T1570", "T1595"].shuffled(using: &dice).prefix(1).map { $0 },
          at: Double(Int.random(in: 0...800, using: &dice)),
          operator: "EXERCISE \(Int.random(in: 0...5, using: &dice))",
          asset: "EXERCISE-\(Int.random(in: 0...3, using: &dice))",
          to: "203.0.113.\(Int.random(in: 0...30, using: &dice))"))
    }
    func partition(_ events: [RecordedEvent]) throws -> Set<Set<ItemKey>> {
      var run = Run { policy in
        policy.operatorWindowHours = 2000
        policy.hostWindowHours = 2000
        policy.indicatorWindowHours = 2000
        policy.commonIndicator = 1000
      }
      for event in events { try run.take(event) }
      return Set(run.correlator.worlds.values.flatMap { $0.groups.values.map { Set($0.items.keys) } })
    }
    #expect(try partition(events) == partition(events.shuffled(using: &dice)))
  }
}

@Suite struct CorrelatorSettingsTests {
  @Test func `keep their defaults where the file says nothing`() throws {
    #expect(try read(CorrelatorSettings.self, "{}") == CorrelatorSettings())
    #expect(try read(CorrelatorSettings.self, #"{"operator_window_h":24}"#).operatorWindowHours == 24)
  }

  @Test func `are refused with their names where they can be none`() throws {
    let text = """
      {
        "operator_window": 24,
        "opening_severity": 7,
        "common_indicator": 1,
        "maximum_items": "many"
      }
      """
    #expect(
      try faults(CorrelatorSettings.self, text) == [
        "2:3: there is no setting \"operator_window\" in the settings (did you mean \"operator_window_h\"?)",
        "3:23: opening_severity: 7.0 is not between 1.0 and 6.0",
        "4:23: common_indicator: 1.0 is not between 2.0 and 10000.0",
        "5:20: maximum_items must be a whole number, not a string",
      ])
  }
}
