import CasusEvents
import CasusPlugin
import CasusTestKit
import Testing

@Suite struct EventMakerTests {
  @Test func `the same calls give the same events`() throws {
    func make() throws -> [RecordedEvent] {
      var maker = EventMaker(sender: "xx.exercise/a")
      return try [maker.record(note("one")), maker.record(note("two"), from: "xx.exercise/b")]
    }
    let events = try make()
    #expect(events.map(\.bytes) == (try make()).map(\.bytes))
    #expect(events.map(\.stamp.sequence) == [1, 2])
    #expect(events.map(\.stamp.sender) == ["xx.exercise/a", "xx.exercise/b"])
    #expect(events[1].envelope.source == "//xx.exercise/b")
    #expect(events[0].stamp.recorded < events[1].stamp.recorded)
  }

  @Test func `the stamp says what the event is marked with`() throws {
    var maker = EventMaker()
    let event = try maker.record(Draft(Note(text: "x"), tlp: .green, exercise: true))
    #expect(event.stamp.flags.contains(.exercise))
    #expect(event.stamp.flags.marking == .green)
    #expect(event.envelope.id == "event-1")
  }

  @Test func `bytes that are no event are refused`() {
    var maker = EventMaker()
    #expect(throws: EventError.self) { try maker.record(bytes: Array("{}".utf8)) }
    #expect(maker.sequence == 1)
  }
}

@Suite struct AnalyzerRunTests {
  @Test func `outputs and failures are kept`() throws {
    var maker = EventMaker()
    let events = try [maker.record(note("one")), maker.record(note("bad")), maker.record(note("two"))]
    var run = AnalyzerRun(Echo(settings: .none))
    try run.feed(events)
    #expect(run.outputs.map(\.envelope.id) == ["echo-one", "echo-two"])
    #expect(run.failures.map(\.event.envelope.id) == ["bad"])
    #expect(run.analyzer.count == 2)
    #expect(try AnalyzerRun<Echo>.repeatable(events) { Echo(settings: .none) }.count == 2)
  }

  @Test func `an analyzer that counts its runs is not repeatable`() throws {
    var maker = EventMaker()
    let events = try [maker.record(note("one"))]
    var started = 0
    let error = #expect(throws: TestKitError.self) {
      try AnalyzerRun<Echo>.repeatable(events) {
        started += 1
        return Echo(prefix: "run-\(started)")
      }
    }
    #expect(error?.code == .notRepeatable)
  }
}

struct Note: Payload {
  static let type = EventType("xx.exercise.note.v1")
  var text: String
}

func note(_ id: String) -> Draft { Draft(Note(text: id), id: id, exercise: true) }

/// Answers each note with one of its own.
struct Echo: Analyzer {
  static let manifest = Manifest(
    program: "echo", version: "1.0.0", summary: "EXERCISE", publishes: [Note.type], subscribes: ["xx.exercise.note.v1"])
  struct Bad: Error {}
  var prefix = "echo"
  var count = 0

  init(settings: Settings) {}
  init(prefix: String) { self.prefix = prefix }

  mutating func handle(_ event: RecordedEvent) throws -> [Draft] {
    if event.envelope.id == "bad" { throw Bad() }
    if event.stamp.sender == "xx.exercise/echo-1" { return [] }
    count += 1
    return [Draft(Note(text: "heard"), id: "\(prefix)-\(event.envelope.id)", exercise: true)]
  }
}
