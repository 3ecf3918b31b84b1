import CasusEvents
import CasusSensor
import Foundation
import SeededRandom
import Synchronization
import TestSupport
import Testing

@testable import SuricataSensor

/// A broker that remembers what it accepted, by id and bytes.
private final class FakeBroker {
  var events: [String: [UInt8]] = [:]
  var answers: [SensorAnswer] = []
  /// Throws before it takes the batch, or after: the answer is what gets lost then.
  var failures = 0
  var losesAnswers = 0

  struct Gone: Error {}

  func publish(_ drafts: [Draft]) throws -> [SensorAnswer] {
    if failures > 0 {
      failures -= 1
      throw Gone()
    }
    let given = try drafts.map { draft -> SensorAnswer in
      let bytes = try draft.encoded(source: "//jp.exercise/sensor-1")
      let id = try #require(draft.id)
      if let known = events[id] { return known == bytes ? .duplicate : .refused("id reused") }
      events[id] = bytes
      return .accepted
    }
    answers += given
    if losesAnswers > 0 {
      losesAnswers -= 1
      throw Gone()
    }
    return given
  }
}

@Suite("The sensor's loop") struct SensorLoopTests {
  private static func line(_ number: Int) -> String {
    """
    {"timestamp":"2026-03-16T13:00:00.\(100_000 + number)+0000","event_type":"dnp3","dest_ip":"10.30.1.10",\
    "dnp3":{"type":"request","dst":1,"application":{"function_code":4}}}
    """
  }

  @Test
  func `publishes detections, counts the rest by kind and skips a broken line with its number`() async throws {
    let scratch = TemporaryFolder()
    try scratch.write(
      "eve.json",
      [Self.line(1), #"{"event_type":"flow"}"#, "{broken", Self.line(2), #"{"event_type":"dns"}"#].joined(
        separator: "\n"))
    let broker = FakeBroker()
    var notes: [SensorNote] = []
    var loop = try SensorLoop(
      source: .log(try LogFollower(path: scratch.file("eve.json"))), detector: try Detector.shipped(), store: nil,
      name: "eve.json")
    while try await loop.step(now: 0, publish: broker.publish, log: { notes.append($0) }) == .lines {}
    try await loop.finish(publish: broker.publish, log: { notes.append($0) })
    #expect(loop.summary.lines == 5)
    #expect(loop.summary.detections == 2)
    #expect(loop.summary.accepted == 2)
    #expect(loop.summary.other == ["flow": 1, "dns": 1])
    #expect(loop.summary.broken == 1)
    #expect(notes.count == 1)
    #expect(notes.first?.values["at"] == "eve.json:3")
    #expect(
      loop.summary.logLine.hasPrefix("summary lines=5 detections=2 accepted=2 duplicates=0 refused=0 broken=1 other=2"))
  }

  @Test
  func `tells of a refusal and goes on`() async throws {
    let scratch = TemporaryFolder()
    try scratch.write("eve.json", Self.line(1) + "\n" + Self.line(2) + "\n")
    var notes: [SensorNote] = []
    var loop = try SensorLoop(
      source: .log(try LogFollower(path: scratch.file("eve.json"))), detector: try Detector.shipped(), store: nil,
      name: "eve.json", batch: 1)
    var answers: [SensorAnswer] = [.refused("303 schema"), .accepted]
    _ = try await loop.step(now: 0, publish: { _ in [answers.removeFirst()] }, log: { notes.append($0) })
    #expect(loop.summary.refused == 1)
    #expect(loop.summary.accepted == 1)
    #expect(notes.first?.values["reason"] == "303 schema")
  }

  @Test(arguments: [0, 1])
  func `remembers its place only after the broker has acknowledged`(lost: Int) async throws {
    let scratch = TemporaryFolder()
    try scratch.write("eve.json", (1...5).map { Self.line($0) + "\n" }.joined())
    let store = PositionStore(folder: scratch.path, log: "eve.json")
    let broker = FakeBroker()
    broker.failures = 1 - lost
    broker.losesAnswers = lost
    var loop = try await makeLoop(scratch, store)
    await #expect(throws: FakeBroker.Gone.self) { try await loop.step(now: 0, publish: broker.publish, log: { _ in }) }
    #expect(store.load().positions.allSatisfy { $0.offset == 0 })
    var next = try await makeLoop(scratch, store)
    while try await next.step(now: 0, publish: broker.publish, log: { _ in }) == .lines {}
    #expect(next.summary.accepted == (lost == 1 ? 2 : 5))
    #expect(next.summary.duplicates == (lost == 1 ? 3 : 0))
    #expect(store.load().positions.first?.line == 5)
    #expect(broker.events.count == 5)
  }

  @Test(arguments: 0..<25)
  func `loses no detection through crashes, rotations and lost answers; says nothing twice`(seed: Int) async throws {
    let scratch = TemporaryFolder()
    var dice = SeededGenerator(seed: UInt64(seed))
    let broker = FakeBroker()
    let store = PositionStore(folder: scratch.path, log: "eve.json")
    var written = 0
    var rotations = 0
    var loop = try await makeLoop(scratch, store)
    var clock = 0.0
    for _ in 0..<80 {
      clock += 1
      switch Int.random(in: 0..<10, using: &dice) {
      case 0...3:
        for _ in 0..<Int.random(in: 1...4, using: &dice) {
          written += 1
          try scratch.append("eve.json", (Self.line(written) + "\n").utf8)
        }
      case 4 where FileManager.default.fileExists(atPath: scratch.file("eve.json")):
        rotations += 1
        try scratch.rename("eve.json", "eve.json.\(1000 + rotations)")
      case 5: broker.losesAnswers = 1
      case 6: loop = try await makeLoop(scratch, store)
      default:
        do {
          _ = try await loop.step(now: clock, publish: broker.publish, log: { _ in })
        } catch is FakeBroker.Gone {
          loop = try await makeLoop(scratch, store)
        }
      }
    }
    broker.losesAnswers = 0
    for _ in 0..<200 {
      clock += 1
      _ = try await loop.step(now: clock, publish: broker.publish, log: { _ in })
    }
    #expect(broker.events.count == written)
    // Every line counts once, however often it was read; a file that was cut off by a crash may be read again.
    #expect(loop.summary.lines >= written)
    #expect(loop.summary.accepted + loop.summary.duplicates == loop.summary.lines)
    #expect(!broker.answers.contains { if case .refused = $0 { true } else { false } })
  }

  @Test
  func `reads a pipe to its end, the last line without newline too`() async throws {
    var ends: [Int32] = [0, 0]
    #expect(Foundation.pipe(&ends) == 0)
    let input = FileHandle(fileDescriptor: ends[1], closeOnDealloc: true)
    try input.write(contentsOf: Data((Self.line(1) + "\n" + Self.line(2)).utf8))
    try input.close()
    let broker = FakeBroker()
    var loop = try SensorLoop(
      source: .input(StandardInput(descriptor: ends[0], maximumLine: 1 << 16)), detector: try Detector.shipped(),
      store: nil, name: "-")
    while try await loop.step(now: 0, publish: broker.publish, log: { _ in }) != .closed {}
    try await loop.finish(publish: broker.publish, log: { _ in })
    close(ends[0])
    #expect(loop.summary.accepted == 2)
  }

  @Test
  func `starts over, and says why, when its state is unreadable or of another log`() throws {
    let scratch = TemporaryFolder()
    let store = PositionStore(folder: scratch.path, log: "eve.json")
    #expect(store.load().note == nil)
    try scratch.write("position.json", "{")
    #expect(store.load().note?.contains("cannot be read") == true)
    try PositionStore(folder: scratch.path, log: "other.json").save([], Summary())
    #expect(store.load().note?.contains("another log") == true)
  }

  private func makeLoop(_ scratch: TemporaryFolder, _ store: PositionStore) async throws -> SensorLoop {
    let kept = store.load()
    let follower = try LogFollower(
      path: scratch.file("eve.json"), positions: kept.positions, since: kept.saved, grace: 2)
    return try SensorLoop(
      source: .log(follower), detector: try Detector.shipped(), store: store, name: "eve.json", batch: 3,
      summary: kept.summary)
  }
}
