import CasusEvents
import IJSON
import JSONSchema
import Testing

@testable import IncidentCorrelator

@Suite("The correlator revises") struct CorrelatorRevisionTests {
  typealias Run = CorrelatorRun

  @Test
  func `when there is something new to say, and otherwise only when the detections have doubled`() throws {
    var run = Run()
    for number in 0..<5000 { try run.take(Run.detection("d\(number)", at: Double(number) / 1000)) }
    #expect(run.published.count == 13)
    #expect(try run.incidents().first?.detectionCount == 4096)
    #expect(try run.take(Run.detection("new technique", ["T0836"], at: 6)).count == 1)
    #expect(try run.take(Run.detection("again", ["T0836"], at: 6)).isEmpty)
    #expect(try run.take(Run.detection("new asset", at: 6, asset: "EXERCISE-other")).count == 1)
    #expect(try run.take(Run.effect("effect", at: 6)).first?.phase == .effect)
    #expect(try run.incidents().first?.detectionCount == 5003)
  }

  @Test
  func `with all that is known when a case is opened on it`() throws {
    var run = Run()
    for number in 0..<7 { try run.take(Run.detection("d\(number)")) }
    let before = try #require(run.incidents().first)
    #expect(before.detectionCount == 4)
    func open(_ incident: String, _ id: String, exercise: Bool = true) throws -> RecordedEvent {
      let file = CaseFile(
        caseID: "EXERCISE-1", revision: 1, incident: incident, title: "EXERCISE", state: .open, opened: Run.hours(9),
        openedBy: Person(name: "EXERCISE"), policy: PolicyReference(name: "EXERCISE", version: "1"))
      return try Run.event(
        Draft(file, id: id, time: Run.hours(9), exercise: exercise), from: "//jp.exercise/desk",
        flags: exercise ? .exercise : [])
    }
    #expect(try run.take(open("another", "c1")).isEmpty)
    #expect(try run.take(open(before.incident, "c2", exercise: false)).isEmpty)
    #expect(try run.take(open(before.incident, "c3")).map(\.detectionCount) == [7])
    #expect(try run.take(open(before.incident, "c4")).isEmpty)
  }

  @Test
  func `as a chain in which each names the one before, byte for byte, under one stable name`() throws {
    var run = Run()
    for (number, technique) in ["T0855", "T0836", "T0816"].enumerated() {
      try run.take(Run.detection("d\(number)", [technique]))
    }
    let incidents = try run.published.map { try $0.data(as: Incident.self) }
    #expect(incidents.map(\.revision) == [1, 2, 3])
    #expect(Set(incidents.map(\.incident)).count == 1)
    #expect(incidents.map(\.supersedes) == [nil, run.published[0].reference, run.published[1].reference])
    #expect(run.published[2].envelope.id == incidents[2].incident + "-r3")
    #expect(run.published[2].envelope.subject == incidents[2].incident)
  }

  @Test
  func `with the same bytes for the same events in the same order`() throws {
    let events = try (0..<300).map { number in
      try Run.detection(
        "d\(number)", ["T0855", "T1105", "T0836", "T1570"].dropFirst(number % 3).map { $0 }, at: Double(number),
        operator: "EXERCISE \(number % 4)", asset: "EXERCISE-\(number % 7)", to: "203.0.113.\(number % 50)",
        rule: "suricata:1:\(number % 9)")
    }
    var first = Run()
    var second = Run()
    for event in events { try first.take(event) }
    for event in events { try second.take(event) }
    #expect(first.published.count > 5)
    #expect(first.published.map(\.bytes) == second.published.map(\.bytes))
  }

  @Test
  func `to what is worth an incident only: a severe sign or several weak ones, not one weak sign`() throws {
    var run = Run()
    #expect(try run.take(Run.detection("weak", ["T1021.001"], severity: 1)).isEmpty)
    #expect(try run.take(Run.detection("untyped", [], severity: 5)).isEmpty)
    #expect(try run.take(Run.detection("weak too", ["T1021.002"], severity: 1)).count == 1)
    var other = Run()
    #expect(try other.take(Run.detection("severe", severity: 3)).count == 1)
  }

  @Test
  func `the phase only as far as the evidence goes: one rule's commands are no effect, several rules' are`() throws {
    var run = Run()
    for number in 0..<20 { try run.take(Run.detection("d\(number)", probability: 0.5)) }
    #expect(try run.incidents().first?.phase != .effect)
    try run.take(Run.detection("other rule", rule: "suricata:1:2", probability: 0.5))
    #expect(try run.incidents().first?.phase == .effect)
    let technique = try #require(run.incidents().first?.techniques.first)
    #expect(technique.probability == 0.75)
    #expect(technique.count == 21)
    #expect(technique.name == "Unauthorized Command Message")
  }

  @Test
  func `effects in, when they may be an attack; not those with another cause`() throws {
    var run = Run()
    try run.take(Run.detection("d"))
    #expect(try run.take(Run.effect("storm", report: "EXERCISE-2", cause: .naturalPhenomenon)).isEmpty)
    let said = try run.take(Run.effect("outage"))
    #expect(said.first?.effectCount == 1)
    #expect(said.first?.victims.first?.essential == true)
    let revised = try run.take(Run.effect("outage-2", cause: .maliciousAction))
    #expect(revised.first?.effectCount == 1)
    #expect(revised.first?.effects.map(\.id) == ["outage-2"])
    #expect(try run.take(Run.effect("outage-3", cause: .humanError)).first?.effectCount == 0)
  }

  @Test
  func `and retracts when its evidence is taken back, with the reason`() throws {
    var run = Run()
    let event = try Run.detection("d", uid: "EXERCISE finding")
    try run.take(event)
    let said = try run.take(
      Run.detection("undo", supersedes: event.reference, withdrawal: "EXERCISE: a test of the rule."))
    #expect(said.map(\.state) == [.retracted])
    #expect(said.first?.retraction?.isEmpty == false)
    #expect(said.first?.detectionCount == 0)
    #expect(try run.take(event).isEmpty, "an event that was taken back must not return by redelivery")
  }

  @Test
  func `without what was taken back while other evidence stands`() throws {
    var run = Run()
    let event = try Run.detection("a", ["T0816"], asset: "EXERCISE-7")
    try run.take(Run.detection("b"))
    try run.take(event)
    let said = try run.take(Run.detection("undo", supersedes: event.reference, withdrawal: "EXERCISE"))
    #expect(said.first?.state == .open)
    #expect(said.first?.techniques.map(\.id) == ["T0855"])
    #expect(said.first?.assets.map(\.id) == ["EXERCISE-rtu"])
  }

  @Test
  func `when a finding is said anew, and counts it once`() throws {
    var run = Run()
    try run.take(Run.detection("a", probability: 0.4, uid: "EXERCISE finding"))
    let said = try run.take(
      Run.detection("a2", ["T0855", "T0836"], at: 1, probability: 0.4, uid: "EXERCISE finding"))
    #expect(said.first?.detectionCount == 1)
    #expect(said.first?.detections.map(\.id) == ["a2"])
    for number in 0..<50 { try run.take(Run.detection("more-\(number)", at: 2, uid: "EXERCISE finding 2")) }
    #expect(run.correlator.worlds.values.first?.groups.values.first?.detectionCount == 2)
  }

  @Test
  func `nothing because another source says so`() throws {
    var run = Run()
    let event = try Run.detection("d")
    try run.take(event)
    #expect(
      try run.take(
        Run.detection("undo", supersedes: event.reference, withdrawal: "EXERCISE", source: "//us.exercise/zeek-1")
      ).isEmpty)
  }

  @Test
  func `under the strictest marking of its evidence`() throws {
    var run = Run()
    try run.take(Run.detection("a", tlp: .green))
    try run.take(Run.detection("b", tlp: .red))
    #expect(run.published.map(\.envelope.tlp) == [.green, .red])
  }

  @Test
  func `within an event's size and its schema, however much there is to tell`() throws {
    var run = Run()
    let techniques = [
      "T1566.001", "T1105", "T1071.001", "T1041", "T1021.001", "T1021.002", "T1570", "T0855", "T0836", "T0806",
    ]
    for number in 0..<600 {
      try run.take(
        Run.detection(
          "d-\(number)-" + String(repeating: "x", count: 60), [techniques[number % 10], "T10\(10 + number % 80)"],
          asset: "EXERCISE-asset-\(number % 100)", rule: "suricata:1:\(number)"))
      if number % 20 == 0 {
        try run.take(Run.effect("e\(number)", report: "EXERCISE-\(number) " + String(repeating: "y", count: 100)))
      }
    }
    let bytes = try #require(EventSchemas.all.first { $0.type == "casus.incident.v1" }?.bytes)
    let schema = try CompiledSchema.compile(bytes, documents: EventSchemas.shared)
    let parser = JSONParser()
    for event in run.published {
      #expect(event.bytes.count < 65_536)
      let fault = try event.bytes.withUnsafeBytes { schema.validate(try parser.parse($0))?.message }
      #expect(fault == nil)
    }
    let last = try #require(run.incidents().first)
    #expect(last.detections.count > 20)
    #expect(last.techniques.count >= 24)
  }

  @Test
  func `within its memory: the incidents that were quiet longest are closed, and say so`() throws {
    var run = Run { $0.maximumItems = 100 }
    for number in 0..<150 {
      try run.take(Run.detection("d\(number)", at: Double(number), operator: "EXERCISE \(number)"))
    }
    let incidents = try run.incidents()
    #expect(incidents.count == 150)
    #expect(incidents.filter { $0.state == .closed }.count >= 50)
    #expect(incidents.first?.state == .closed)
    #expect(incidents.last?.state == .open)
  }
}
