import CasusEvents
import CasusTestKit
import CasusWire
import Foundation
import Testing

@testable import CasusPlugin

/// Names other events.
private struct Naming: Payload {
  static let type = EventType("xx.exercise.naming.v1")
  var refs: [EventReference] = []
  var about: EventReference?
}

/// Answers each event without naming it.
private struct Echo: Analyzer {
  static let manifest = Manifest(
    program: "echo", version: "1.0.0", summary: "EXERCISE", publishes: [Naming.type],
    subscribes: ["casus.detection.v1"])
  init(settings: Settings) {}
  init() {}
  mutating func handle(_ event: RecordedEvent) throws -> [Draft] {
    [Draft(Naming(), id: "after-\(event.envelope.id)", tlp: .green)]
  }
}

/// What follows from marked events, or names them, carries their marks on.
@Suite(.timeLimit(.minutes(15))) struct HeritageTests {
  /// Of each published event its id, whether it is an exercise's, and whether it was said to descend from replayed ones.
  private func told(_ broker: FakeBroker) -> [String: [Bool]] {
    var told: [String: [Bool]] = [:]
    let stamp = Stamp(sequence: 1, recorded: Timestamp(nanoseconds: 0), sender: "", flags: [])
    for heard in broker.heard {
      guard let publish = heard.publish else { continue }
      for bytes in heard.events {
        guard let envelope = try? RecordedEvent(stamp: stamp, bytes: bytes).envelope else { continue }
        told[envelope.id] = [envelope.exercise, publish.descends]
      }
    }
    return told
  }

  private func marked(_ sequence: UInt64, _ flags: StampFlags) -> FakeBroker.Event {
    FakeBroker.Event(sequence: sequence, bytes: event("e-\(sequence)"), flags: flags)
  }

  private func reference(_ sequence: UInt64) -> EventReference {
    EventReference(
      source: "//xx.exercise/source", id: "e-\(sequence)", sha256: sha256Hex(event("e-\(sequence)")))
  }

  @Test func `what an analyzer answers has the marks of what it answers`() async throws {
    let broker = try FakeBroker()
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    let task = Task { try await AnalyzerRunner(Echo(), bus).run() }
    let request = try await broker.wait { heard in heard.compactMap(\.subscribe).first }
    _ = try await broker.wait { heard in heard.first { $0.credit != nil } }
    broker.deliver(
      request.subscription,
      [marked(1, []), marked(2, .replayed), marked(3, .exercise), marked(4, [.descends, .exercise]), marked(5, [])])
    _ = try await broker.published(5)
    #expect(
      told(broker) == [
        "after-e-1": [false, false], "after-e-2": [false, true], "after-e-3": [true, false],
        "after-e-4": [true, true], "after-e-5": [false, false],
      ])
    task.cancel()
    _ = await task.result
    await bus.close()
    broker.stop()
  }

  @Test func `who names marked events that it read carries their marks`() async throws {
    let broker = try FakeBroker()
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    let stream = bus.subscribe(Subscription(types: [">"]), held: false)
    let request = try await broker.wait { heard in heard.compactMap(\.subscribe).first }
    broker.deliver(request.subscription, [marked(1, []), marked(2, .replayed), marked(3, .exercise)])
    for _ in 1...3 { _ = try await stream.next() }
    var drafts = [[1], [2], [3], [1, 2, 3]].map { (names: [UInt64]) in
      Draft(Naming(refs: names.map(reference)), id: "names-\(names)")
    }
    // What an event speaks of it does not rest on.
    drafts.append(Draft(Naming(about: reference(3)), id: "about-3"))
    let task = Task { [drafts] in try await bus.publish(drafts) }
    _ = try await broker.published(5)
    #expect(
      told(broker) == [
        "names-[1]": [false, false], "names-[2]": [false, true], "names-[3]": [true, false],
        "names-[1, 2, 3]": [true, true], "about-3": [false, false],
      ])
    _ = await task.result
    await bus.close()
    broker.stop()
  }

  /// Before anybody has read it, in one call and in a later one.
  @Test func `what the plugin publishes itself passes its marks on`() async throws {
    let broker = try FakeBroker()
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    func own(_ id: String) -> EventReference {
      EventReference(source: "//xx.exercise/tester", id: id, sha256: String(repeating: "0", count: 64))
    }
    var descending = Draft(Naming(), id: "b")
    descending.descends = true
    _ = try await bus.publish([
      Draft(Naming(), id: "a", exercise: true), Draft(Naming(refs: [own("a")]), id: "a-1"), descending,
      Draft(Naming(), id: "plain"),
    ])
    _ = try await bus.publish([
      Draft(Naming(refs: [own("a-1")]), id: "a-2"), Draft(Naming(refs: [own("b")]), id: "b-1"),
      Draft(Naming(refs: [own("plain")]), id: "plain-1"),
    ])
    #expect(
      told(broker) == [
        "a": [true, false], "a-1": [true, false], "a-2": [true, false], "b": [false, true], "b-1": [false, true],
        "plain": [false, false], "plain-1": [false, false],
      ])
    await bus.close()
    broker.stop()
  }

  /// Bytes of the caller's own carry the marks as drafts do, and are nobody's to change else.
  @Test func `encoded events carry the marks of what they name`() async throws {
    let broker = try FakeBroker()
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    let stream = bus.subscribe(Subscription(types: [">"]), held: false)
    let request = try await broker.wait { heard in heard.compactMap(\.subscribe).first }
    broker.deliver(request.subscription, [marked(1, []), marked(2, .replayed), marked(3, .exercise)])
    for _ in 1...3 { _ = try await stream.next() }
    func encoded(_ id: String, _ references: [EventReference], exercise: Bool = false) throws -> [UInt8] {
      try Draft(Naming(refs: references), id: id, exercise: exercise).encoded(source: "//xx.exercise/tester")
    }
    let ownID = EventReference(source: "//xx.exercise/tester", id: "own", sha256: String(repeating: "0", count: 64))
    let events = [
      try encoded("live", [reference(1)]), try encoded("replayed", [reference(2)]),
      try encoded("exercise", [reference(3)]), try encoded("own", [], exercise: true),
      try encoded("own-1", [ownID]), Array("no event, \"exercise\"".utf8),
    ]
    _ = try await bus.publish(encoded: events)
    _ = try await bus.publish(encoded: [try encoded("as-it-was", [reference(3)])], replay: true)
    #expect(
      told(broker) == [
        "live": [false, false], "replayed": [false, true], "exercise": [true, false], "own": [true, false],
        "own-1": [true, false], "as-it-was": [false, false],
      ])
    let sent = Set(broker.heard.flatMap(\.events))
    #expect(sent.intersection(events) == Set([events[0], events[1], events[3], events[5]]))
    await bus.close()
    broker.stop()
  }

  /// The broker reads what a text says, and so does the SDK: letters of a name may be written as escapes.
  @Test func `encoded events carry the marks of what they name by names with escapes`() async throws {
    let broker = try FakeBroker()
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    func encoded(_ id: String, _ references: [EventReference], exercise: Bool = false) throws -> String {
      String(
        decoding: try Draft(Naming(refs: references), id: id, exercise: exercise).encoded(
          source: "//xx.exercise/tester"), as: UTF8.self)
    }
    let own = EventReference(source: "//xx.exercise/tester", id: "own", sha256: String(repeating: "0", count: 64))
    let first = try encoded("own", [], exercise: true).replacing(#""exercise""#, with: #""\u0065xercise""#)
    _ = try await bus.publish(encoded: [Array(first.utf8)])
    let names = ["sha256": "73ha256", "source": "73ource", "refs": "72efs", "data": "64ata"]
    for (name, escaped) in names {
      // The id is no name of a member.
      let text = try encoded("by-\(escaped)", [own])
      let changed = text.replacing("\"\(name)\"", with: "\"\\u00\(escaped)\"")
      #expect(changed != text)
      _ = try await bus.publish(encoded: [Array(changed.utf8)])
    }
    let told = told(broker)
    for (name, escaped) in names { #expect(told["by-\(escaped)"] == [true, false], "\(name)") }
    await bus.close()
    broker.stop()
  }

  /// A process that begins again reads its history before it goes on, and knows the marks of what it published then.
  @Test func `what an analyzer published before passes its marks on`() async throws {
    let broker = try FakeBroker { heard in
      guard let request = heard.subscribe else { return nil }
      let number = request.subscription
      guard request.name == nil else {
        return [.init(.subscribed(Subscribed(subscription: number, next: 2, acked: 1, last: 1)))]
      }
      let old = FakeBroker.Event(sequence: 1, bytes: event("e-1"), flags: .exercise)
      return [
        .init(.subscribed(Subscribed(subscription: number, next: 1, acked: nil, last: 1))),
        FakeBroker.delivery(number, [old]),
      ]
    }
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    let task = Task { try await AnalyzerRunner(Echo(), bus).run() }
    _ = try await broker.wait { heard in heard.first { $0.credit != nil } }
    let before = EventReference(
      source: "//xx.exercise/tester", id: "after-e-1", sha256: String(repeating: "0", count: 64))
    _ = try await bus.publish([Draft(Naming(refs: [before]), id: "names-it")])
    #expect(told(broker) == ["names-it": [true, false]])
    task.cancel()
    _ = await task.result
    await bus.close()
    broker.stop()
  }

  @Test func `what descends stays so in the outbox file`() throws {
    var records: [UInt8] = []
    try OutboxFormat.keep(.init(number: 1, event: [1], replay: false, descends: true), into: &records)
    try OutboxFormat.keep(.init(number: 2, event: [2], replay: false), into: &records)
    let file = try OutboxFormat.header("a/b") + OutboxFormat.frame(records)
    #expect(try OutboxFormat.read(file, identity: "a/b").kept.map(\.descends) == [true, false])
    var piece = EncodedEvents()
    piece.descends = true
    try piece.append(event("e-1"))
    try piece.beFrame(first: 1, replay: false)
    #expect(try OutboxFormat.read(OutboxFormat.header("a/b") + piece.bytes, identity: "a/b").kept[0].descends)
  }
}
