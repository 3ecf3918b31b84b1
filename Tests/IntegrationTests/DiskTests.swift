import CasusEvents
import CasusTestKit
import CasusWire
import Foundation
import Glibc
import TestSupport
import Testing

/// A real broker on a disk that fails, by a preloaded library; `Tests/soak/faults` goes through all operations.
@Suite(
  .blocking, .timeLimit(.minutes(15)),
  .enabled(if: FaultyDisk.library != nil, "there is no C compiler to build the failing disk with"))
struct RealDisk {
  private let disk: FaultyDisk
  private let broker: RealBroker

  init() throws {
    let disk = try FaultyDisk()
    self.disk = disk
    // Small segments, so that new ones are begun.
    broker = try RealBroker(settings: "segment_bytes: 65536\ncompression: none") { disk.environment($0) }
  }

  private func ids(_ client: RawClient, _ count: Int, number: Int = 1) throws -> [String] {
    try client.subscribe(["casus.detection.v1"], number: number)
    try client.wait { $0.events.count >= count }
    return client.events.map(\.id)
  }

  /// Waits for the broker's end; an answer that should never come fails the test at once.
  private func end(_ client: RawClient, unless isAnswer: (BrokerReply) -> Bool) throws -> RealProcess.Ended? {
    let deadline = Deadline("the broker's end")
    while broker.process.exit == nil {
      try deadline.check()
      try client.receive(milliseconds: 20)
      guard client.pick(where: isAnswer) == nil else { return nil }
    }
    // What it said before its end may still be on the way.
    try client.receive(milliseconds: 100)
    return client.pick(where: isAnswer) == nil ? broker.process.exit : nil
  }

  @Test func `what was acknowledged survives a power cut`() throws {
    disk[.amnesia] = 1
    let client = try broker.join("a")
    // Enough for several segments: their names have to be on disk as well as their bytes.
    var expected: [String] = []
    for round in 0..<30 {
      let batch = (0..<20).map { "d\(round)-\($0)" }
      #expect(try client.publish(batch.map { try detection($0) }).accepted == 20)
      expected += batch
    }
    disk[.kill] = 1
    #expect(broker.process.wait().signal == SIGKILL)
    disk[.kill] = 0
    try broker.restart()
    #expect(try ids(try broker.join("b"), expected.count) == expected)
  }

  @Test func `nothing is acknowledged before its sync has returned`() throws {
    let client = try broker.join("a")
    #expect(try client.publish([detection("before")]).accepted == 1)
    let subscriber = try broker.join("b")
    #expect(try ids(subscriber, 1) == ["before"])
    disk[.hang] = 1
    try client.sendBatch([detection("during")])
    try awaitCondition("a call that waits for the disk") { disk[.waiting] != 0 }
    // Whatever the broker says of its own accord before the sync would come in front of the pongs.
    for each in [client, subscriber] {
      try each.send(.ping(Ping()))
      let _: Pong = try each.answer {
        if case .published = $0 { Issue.record("acknowledged before the sync") }
        return if case .pong(let pong) = $0 { pong } else { nil }
      }
    }
    #expect(subscriber.events.count == 1)
    disk[.hang] = 0
    #expect(try client.published().accepted == 1)
    try subscriber.wait { $0.events.count == 2 }
  }

  @Test func `a disk that hangs holds up nobody who asks how things stand`() throws {
    struct Status: Decodable {
      struct Journal: Decodable {
        var age: Int64
        var free: UInt64
        var silent: Int64

        enum CodingKeys: String, CodingKey {
          case age = "disk_age_ms"
          case free = "disk_free_bytes"
          case silent = "disk_silent_ms"
        }
      }
      var journal: Journal
    }
    let person = try broker.join("op")
    var number = 0
    func status() throws -> Status {
      number += 1
      try person.send(.request(Request(id: number, what: "status")))
      let reply: Reply = try person.answer { if case .reply(let reply) = $0 { reply } else { nil } }
      return try JSONDecoder().decode(Status.self, from: Data(reply.result))
    }
    #expect(try status().journal.free > 0)
    disk[.hang] = 1
    defer { disk[.hang] = 0 }
    // What was known stands there, older and older.
    try awaitCondition("an answer with its age") { try status().journal.age > 2_500 }
    #expect(try status().journal.free > 0)
    try awaitCondition("the silence") { try status().journal.silent > 1_500 }
    disk[.hang] = 0
    try awaitCondition("an end of the silence") { try status().journal.silent < 1_000 }
    try awaitCondition("the disk's answer") { try status().journal.age < 2_000 }
  }

  /// One that says what room it has all the time, as a disk of the machine does.
  @Test func `a commit that the disk does not keep is its silence`() throws {
    let client = try broker.join("a")
    #expect(try client.publish([detection("before")]).accepted == 1)
    let person = try broker.join("op")
    disk[.hang] = 2
    try client.sendBatch([detection("during")])
    try awaitCondition("a call that waits for the disk") { disk[.waiting] != 0 }
    func silent() throws -> Int {
      try person.send(.request(Request(id: 1, what: "status")))
      let reply: Reply = try person.answer { if case .reply(let reply) = $0 { reply } else { nil } }
      let status = try JSONSerialization.jsonObject(with: Data(reply.result)) as? [String: Any]
      return (status?["journal"] as? [String: Any])?["disk_silent_ms"] as? Int ?? -1
    }
    try awaitCondition("the silence") { try silent() > 1_500 }
    disk[.hang] = 0
    #expect(try client.published().accepted == 1)
    #expect(try silent() < 1_500)
  }

  @Test func `a failed sync ends the broker and is not acknowledged`() throws {
    let client = try broker.join("a")
    #expect(try client.publish([detection("kept")]).accepted == 1)
    disk.failNext(.sync, EIO)
    try client.sendBatch([detection("never")])
    #expect(try end(client) { if case .published = $0 { true } else { false } } == .init(code: 74))
    #expect(broker.process.printed.contains("the disk did not confirm a write"))
    disk[.at] = 0
    try broker.restart()
    let again = try broker.join("a")
    // The bytes may have reached the disk; the publisher's repeat settles it.
    let published = try again.publish([detection("kept"), detection("never")])
    #expect(published.accepted + published.duplicates.count == 2)
    #expect(try ids(try broker.join("b"), 2) == ["kept", "never"])
  }

  @Test func `a failed sync of positions ends the broker`() throws {
    let client = try broker.join("a")
    #expect(try client.publish([detection("kept")]).accepted == 1)
    disk.failNext(.sync, EIO)
    try client.send(
      .subscribe(
        Subscribe(subscription: 1, types: [">"], name: "mine", start: .earliest, creditEvents: 1, creditBytes: 1)))
    #expect(try end(client) { if case .subscribed = $0 { true } else { false } } == .init(code: 74))
    #expect(broker.process.printed.contains("positions cannot be kept"))
  }

  /// What is no fault of the disk's is not called one, and passes.
  @Test func `a file system that is read only for a while holds events up and says so`() throws {
    let client = try broker.join("a")
    let `operator` = try broker.join("op")
    #expect(try client.publish([detection("d0")]).accepted == 1)
    // From now on, whoever writes: positions are written in between, too.
    disk[.forGood] = 1
    disk.failNext(.write, EROFS)
    try client.sendBatch([detection("d1")])
    #expect(try client.error().error.code == .journalHeldUp)
    #expect(try troubles(`operator`).contains("read-only"))
    disk[.mask] = 0
    #expect(broker.process.printed.contains("read-only"))
    client.nextBatch = 2
    #expect(try client.publish([detection("d1")]).accepted == 1)
    try awaitCondition("no trouble") { try troubles(`operator`) == [] }
  }

  private func troubles(_ client: RawClient) throws -> [String] {
    let journal = try client.status()["journal"] as? [String: Any]
    return (journal?["troubles"] as? [[String: Any]] ?? []).compactMap { $0["code"] as? String }
  }

  @Test func `without a descriptor it goes on in its reserve then holds events up and never blames the disk`() throws {
    let client = try broker.join("a")
    let `operator` = try broker.join("op")
    let pid = broker.process.pid
    /// Of the running broker, as an operator does it.
    func limit(_ files: Int) throws {
      let process = try RealProcess("/usr/bin/prlimit", ["--pid", "\(pid)", "--nofile=\(files):"], folder: "/")
      try #require(process.wait() == .init(code: 0), "\(process.printed)")
    }
    let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").compactMap { Int($0) }
    try limit((open.max() ?? 0) + 1)
    // Each batch is a segment of its own, or nearly.
    var number = 0
    func batch() throws -> [String] { try (0..<100).map { try detection("d\(number)-\($0)") } }
    var isHeldUp = false
    while !isHeldUp, number < 100 {
      try client.sendBatch(try batch())
      let reply: BrokerReply = try client.answer {
        switch $0 {
        case .published, .error: $0
        default: nil
        }
      }
      if case .error(let error) = reply {
        #expect(error.error.code == .journalHeldUp, "\(error)")
        isHeldUp = true
      } else {
        number += 1
      }
    }
    #expect(isHeldUp && number > 8, "\(number) batches")
    #expect(try troubles(`operator`).contains("too-many-files"))
    #expect(!broker.process.printed.contains("the disk is full") && broker.process.exit == nil)
    try limit(1_024)
    client.nextBatch -= 1
    #expect(try client.publish(try batch()).accepted == 100)
    try awaitCondition("no trouble") { try troubles(`operator`) == [] }
  }

  @Test func `a full disk refuses events serves readers and recovers by itself`() throws {
    let client = try broker.join("a")
    #expect(try client.publish([detection("d0"), detection("d1")]).accepted == 2)
    disk[.full] = 1
    for name in ["late1", "late2"] {
      try client.sendBatch([detection(name)])
      let refused = try client.error()
      #expect(refused.error.code == .diskFull && refused.command == "publish")
    }
    // Who reads is served, from memory and from the disk.
    #expect(try ids(try broker.join("b"), 2) == ["d0", "d1"])
    #expect(try broker.join("op").status()["journal"] != nil)
    let health = try broker.casus("health", "--critical")
    #expect(health.code == 1 && health.text.hasPrefix("critical: ") && health.text.contains("disk-refuses disk-full"))
    disk[.full] = 0
    // What was refused first comes first: else the publisher's order would be lost.
    try client.sendBatch([detection("late3")])
    #expect(try client.error().error.code == .diskFull)
    client.nextBatch = 2
    #expect(try client.publish([detection("late1")]).accepted == 1)
    // What the bus had to tell meanwhile, that others had joined, is told all the same.
    let listener = try broker.join("op")
    try listener.subscribe(["casus.bus.joined.v1"], number: 3)
    try listener.wait {
      $0.events.contains { String(decoding: $0.bytes, as: UTF8.self).contains("\"plugin\":\"jp.test/b\"") }
    }
    #expect(broker.process.exit == nil)
    broker.process.kill(signal: SIGTERM)
    #expect(broker.process.wait() == .init(code: 0))
    try broker.restart()
    #expect(try ids(try broker.join("b"), 3) == ["d0", "d1", "late1"])
  }
}
