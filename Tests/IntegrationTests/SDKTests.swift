import CasusEvents
import CasusPlugin
import CasusTestKit
import Foundation
import Synchronization
import TestSupport
import Testing
import ZeroMQ

/// The SDK against a real broker that is killed at bad moments.
@Suite("A plugin made with the SDK", .blocking, .timeLimit(.minutes(15)))
struct SDKTests {
  private func connection(_ broker: RealBroker, _ name: String) throws -> Connection {
    Connection(
      endpoint: "ipc://\(broker.folder)/bus", brokerKey: broker.key,
      keys: try KeyFile.read("\(broker.folder)/keys/\(name).key").keys, identity: "jp.test/\(name)",
      manifest: Manifest(
        program: "sdk-test", version: "1.0.0", summary: "EXERCISE", publishes: [.detection],
        subscribes: ["casus.detection.v1"]))
  }

  private func draft(_ id: String) -> Draft {
    let moment = Timestamp(nanoseconds: 1_700_000_000_000_000_000)
    return Draft(
      Detection(
        finding: Finding(uid: id, title: "EXERCISE \(id)", analytic: Analytic(name: "EXERCISE")), severityID: 1,
        firstSeen: moment, lastSeen: moment), id: id, time: moment, tlp: .green)
  }

  @Test func `publishes to disk, gets a duplicate for a repeat, and reads what it wrote`() async throws {
    let broker = try RealBroker()
    let bus = try await Bus.connect(try connection(broker, "a"))
    let drafts = (1...300).map { draft("d-\($0)") }
    let outcomes = try await bus.publish(drafts)
    var sequences: [UInt64] = []
    for outcome in outcomes {
      guard case .accepted(let sequence, false, "disk") = outcome else {
        Issue.record("\(outcome)")
        continue
      }
      sequences.append(sequence)
    }
    #expect(sequences == sequences.sorted())
    for (outcome, sequence) in zip(try await bus.publish(drafts), sequences) {
      #expect(outcome == .accepted(sequence: sequence, duplicate: true, durability: "disk"))
    }
    var changed = draft("d-1")
    changed.subject = "EXERCISE"
    guard case .refused(let refusal) = try await bus.publish([changed])[0] else {
      Issue.record("an id was used twice")
      return
    }
    #expect(refusal.name == "id-reused")

    let reader = try await Bus.connect(try connection(broker, "b"))
    let stream = try await reader.subscribe(
      Subscription(
        types: ["casus.detection.v1"], senders: ["jp.test/a"], from: .earliest, until: .last, windowEvents: 7))
    var read: [RecordedEvent] = []
    for try await event in stream { read.append(event) }
    #expect(read.map(\.stamp.sequence) == sequences)
    #expect(read.map(\.bytes) == (try drafts.map { try $0.encoded(source: "//jp.test/a") }))
    #expect(read.allSatisfy { $0.stamp.sender == "jp.test/a" })
    await reader.close()
    await bus.close()
  }

  @Test func `gets an answer to a repeat right behind the original, while that is being written`() async throws {
    let broker = try RealBroker()
    let bus = try await Bus.connect(try connection(broker, "a"))
    for round in 0..<20 {
      let once = try (0..<300).map { try draft("r\(round)-\($0)").encoded(source: "//jp.test/a") }
      let outcomes = try await bus.publish(encoded: once + once + once)
      #expect(outcomes.filter { if case .accepted(_, true, _) = $0 { true } else { false } }.count == 600)
    }
    await bus.close()
  }

  @Test func `folds its history again after kill -9, and repeats nothing`() async throws {
    let broker = try RealBroker()
    try FileManager.default.createDirectory(atPath: "\(broker.folder)/state", withIntermediateDirectories: true)
    let environment = [
      "CASUS_BROKER": broker.endpoint, "CASUS_BROKER_KEY": broker.key.z85, "CASUS_IDENTITY": "jp.test/b",
      "CASUS_KEY_FILE": "\(broker.folder)/keys/b.key", "CASUS_STATE": "\(broker.folder)/state",
    ]
    func start() throws -> RealProcess {
      try RealProcess("example-counter", [], folder: broker.folder, environment: environment)
    }
    let writer = try await Bus.connect(try connection(broker, "a"))
    func hits(_ numbers: ClosedRange<Int>) async throws {
      let drafts = numbers.map { number in
        let moment = Timestamp(nanoseconds: 1_700_000_000_000_000_000 + Int64(number))
        return Draft(
          Detection(
            finding: Finding(uid: "\(number)", title: "EXERCISE", analytic: Analytic(name: "EXERCISE")), severityID: 1,
            firstSeen: moment, lastSeen: moment, asset: Asset(id: "EXERCISE-rtu")), id: "h-\(number)", time: moment,
          tlp: .amber)
      }
      _ = try await writer.publish(drafts)
    }
    let checker = try await Bus.connect(try connection(broker, "op"))
    func isSettled() async throws -> Bool {
      struct Status: Decodable {
        struct Subscription: Decodable {
          var plugin: String
          var name: String?
          var pending: Int
          var lag: Int
        }
        var subscriptions: [Subscription]
      }
      let status = try JSONDecoder().decode(Status.self, from: Data(try await checker.request("status")))
      return status.subscriptions.contains {
        $0.plugin == "jp.test/b" && $0.name == "analyzer" && $0.pending == 0 && $0.lag == 0
      }
    }
    func settle() async throws {
      while try await !isSettled() { try await Task.sleep(for: .milliseconds(10)) }
    }
    func outputs() async throws -> [RecordedEvent] {
      let stream = try await checker.subscribe(
        Subscription(types: ["casus.detection.v1"], senders: ["jp.test/b"], from: .earliest, until: .last))
      var outputs: [RecordedEvent] = []
      for try await event in stream { outputs.append(event) }
      return outputs
    }
    var process = try start()
    try await hits(1...6)
    try await settle()
    process.kill(signal: SIGKILL)
    _ = process.wait()
    #expect(try await outputs().isEmpty)
    try await hits(7...8)
    process = try start()
    try await hits(9...12)
    try await settle()
    let first = try await outputs()
    #expect(first.count == 1)
    // It knows the six that came before it was killed.
    let refs = try #require(try first.first?.data(as: Detection.self).refs)
    #expect(refs.map(\.id) == (1...10).map { "h-\($0)" })
    process.kill(signal: SIGKILL)
    _ = process.wait()
    process = try start()
    try await hits(13...13)
    try await settle()
    #expect(try await outputs().count == 1)
    process.kill(signal: SIGTERM)
    #expect(process.wait() == .init(code: 0, signal: nil))
    await checker.close()
    await writer.close()
  }

  @Test func `goes on when a schema that it asked to add is refused`() async throws {
    let broker = try RealBroker()
    let bus = try await Bus.connect(try connection(broker, "a"))
    await #expect(throws: BusError.self) {
      _ = try await bus.request("schema-add", ["type": "us.other.probe.v1", "schema": "{}"])
    }
    #expect(String(decoding: try await bus.request("schemas"), as: UTF8.self).contains("casus.detection.v1"))
    await bus.close()
  }

  @Test func `asks for status and schemas`() async throws {
    let broker = try RealBroker()
    let bus = try await Bus.connect(try connection(broker, "op"))
    #expect(String(decoding: try await bus.request("status"), as: UTF8.self).contains("\"journal\""))
    #expect(String(decoding: try await bus.request("schemas"), as: UTF8.self).contains("casus.detection.v1"))
    for type in ["casus.detection.v1", "casus.attribution.v1", "casus.case.v1", "casus.decision.v1"] {
      #expect(String(decoding: try await bus.request("schema", ["type": type]), as: UTF8.self).contains(type))
    }
    await bus.close()
  }

  @Test func `loses nothing while the broker is killed again and again`() async throws {
    let broker = try RealBroker()
    let writer = try await Bus.connect(try connection(broker, "a"))
    let reader = try await Bus.connect(try connection(broker, "b"))
    let stream = try await reader.subscribe(
      Subscription(types: ["casus.detection.v1"], name: "all", from: .earliest))
    let total = 2000
    let seen = Tally()
    let reading = Task {
      while let event = try await stream.next() {
        #expect(seen.add(event.envelope.id) == 1, "\(event.envelope.id) was handed out twice")
        stream.ack(event)
        if seen.count == total { return }
      }
    }
    let accepted = Tally()
    let writing = Task {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for task in 0..<4 {
          group.addTask {
            for number in 0..<total / 4 {
              let outcome = try await writer.publish([draft("t\(task)-\(number)")])[0]
              guard case .accepted(_, _, "disk") = outcome else {
                Issue.record("\(outcome)")
                continue
              }
              accepted.add("\(task)-\(number)")
            }
          }
        }
        try await group.waitForAll()
      }
    }
    for kill in 1...4 {
      while accepted.count < kill * total / 6 { try await Task.sleep(for: .milliseconds(2)) }
      try broker.crashAndRestart()
    }
    try await writing.value
    try await reading.value
    #expect(accepted.count == total)
    #expect(seen.count == total)
    await reader.close()
    await writer.close()
    // The journal has each once.
    let checker = try await Bus.connect(try connection(broker, "op"))
    var ids: [String: Int] = [:]
    let all = try await checker.subscribe(
      Subscription(types: ["casus.detection.v1"], from: .earliest, until: .last))
    for try await event in all { ids[event.envelope.id, default: 0] += 1 }
    #expect(ids.count == total)
    #expect(ids.values.allSatisfy { $0 == 1 })
    await checker.close()
  }

  @Test func `gets in as soon as the registry knows its key`() async throws {
    let broker = try RealBroker()
    _ = try RealBroker.makeKey("c", in: broker.folder)
    let key = try KeyFile.read("\(broker.folder)/keys/c.key")
    let path = "\(broker.folder)/keys/c.key"
    var late = try connection(broker, "a")
    late.keys = key.keys
    late.identity = "jp.test/c"
    let connecting = Task { [late] in try await Bus.connect(late) }
    #expect(FileManager.default.fileExists(atPath: path))
    try RealBroker.register(
      ["a": .init(), "b": .init(), "c": .init(), "op": .init(roles: ["operator"])], in: broker.folder)
    let bus = try await connecting.value
    guard case .accepted = try await bus.publish([draft("x")])[0] else {
      Issue.record("refused")
      return
    }
    await bus.close()
  }

  @Test func `is told what went to quarantine, and its cursor goes on`() async throws {
    let broker = try RealBroker()
    let writer = try await Bus.connect(try connection(broker, "a"))
    _ = try await writer.publish((1...5).map { draft("d-\($0)") })
    let reader = try await Bus.connect(try connection(broker, "b"))
    let checker = try await Bus.connect(try connection(broker, "op"))
    let watch = try await reader.subscribe(Subscription(types: ["casus.bus.quarantined.v1"], from: .earliest))
    let stream = try await reader.subscribe(
      Subscription(types: ["casus.detection.v1"], name: "picky", from: .earliest, maxAttempts: 3))
    let attempts = Tally()
    let reading = Task {
      while let event = try await stream.next() {
        if event.envelope.id == "d-2" {
          attempts.add("d-2")
          stream.nack(event.stamp.sequence, delay: .milliseconds(50), reason: "EXERCISE: no")
        } else {
          stream.ack(event)
        }
      }
    }
    let event = try #require(try await watch.next())
    let quarantined = try event.data(as: BusQuarantined.self)
    #expect(quarantined.plugin == "jp.test/b")
    #expect(quarantined.attempts == 3)
    #expect(quarantined.message == "EXERCISE: no")
    #expect(attempts["d-2"] == 3)
    // What came behind it is acknowledged within seconds, though the refused one never came again.
    struct Status: Decodable {
      struct Subscription: Decodable, Equatable {
        var name: String?
        var acked: Int
        var pending: Int
        var quarantined: Int
      }
      var subscriptions: [Subscription]
    }
    let wanted = Status.Subscription(name: "picky", acked: 4, pending: 0, quarantined: 1)
    let deadline = Deadline("the refused event in quarantine and the others acknowledged")
    while true {
      let status = try JSONDecoder().decode(Status.self, from: Data(try await checker.request("status")))
      if status.subscriptions.contains(wanted) { break }
      try deadline.check()
      try await Task.sleep(for: .milliseconds(50))
    }
    reading.cancel()
    await checker.close()
    await reader.close()
    await writer.close()
  }
}

/// Counts by name, from any task.
private final class Tally: Sendable {
  private let counts = Mutex<[String: Int]>([:])

  /// How many times the name was added, with this one.
  @discardableResult
  func add(_ name: String) -> Int {
    counts.withLock { counts in
      counts[name, default: 0] += 1
      return counts[name] ?? 0
    }
  }

  var count: Int { counts.withLock { $0.count } }
  subscript(name: String) -> Int { counts.withLock { $0[name] ?? 0 } }
}
