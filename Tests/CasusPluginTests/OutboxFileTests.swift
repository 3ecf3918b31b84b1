import CasusEvents
import CasusTestKit
import CasusWire
import Foundation
import Synchronization
import Testing

@testable import CasusPlugin

@Suite("The outbox in a file", .timeLimit(.minutes(15)))
struct OutboxFileTests {
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("outbox-\(UUID().uuidString)").path
  private var path: String { "\(folder)/outbox" }
  private let me = "xx.exercise/tester"

  init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

  private func bytes() throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }

  private func keep(_ events: [[UInt8]], replay: Bool, in file: OutboxFile) async throws -> Range<UInt64> {
    var encoded = try encoded(events)
    return try await file.keep(&encoded, replay: replay)
  }

  private func event(_ name: String) -> [UInt8] { Array("{\"id\":\"\(name)\"}".utf8) }

  /// A file with frames of 1, 2 and 3 events, and where each frame ends.
  private static func file(_ identity: String) throws -> (bytes: [UInt8], ends: [Int], kept: [OutboxFormat.Kept]) {
    var bytes = OutboxFormat.header(identity)
    var ends = [bytes.count]
    var all: [OutboxFormat.Kept] = []
    for count in 1...3 {
      var records: [UInt8] = []
      for _ in 0..<count {
        let number = UInt64(all.count + 1)
        let kept = OutboxFormat.Kept(number: number, event: Array("event \(number)".utf8), replay: number == 2)
        all.append(kept)
        try OutboxFormat.keep(kept, into: &records)
      }
      bytes += try OutboxFormat.frame(records)
      ends.append(bytes.count)
    }
    return (bytes, ends, all)
  }

  @Test func `that ends at any byte has every event of its whole frames`() throws {
    let (bytes, ends, all) = try Self.file(me)
    for length in 0...bytes.count {
      let contents = try OutboxFormat.read(Array(bytes[..<length]), identity: me)
      let whole = ends.lastIndex { $0 <= length }
      #expect(contents.end == whole.map { ends[$0] } ?? 0)
      #expect(contents.kept == Array(all.prefix([0, 1, 3, 6][whole ?? 0])), "cut at \(length)")
      // What a file system may leave behind a cut.
      let zeros = try OutboxFormat.read(Array(bytes[..<length]) + [UInt8](repeating: 0, count: 40), identity: me)
      #expect(ends.contains(length) ? zeros == contents : zeros.kept.count >= contents.kept.count - 1)
    }
  }

  @Test func `never gives a wrong event, whichever bit of it flips`() throws {
    let (bytes, ends, all) = try Self.file(me)
    for place in bytes.indices {
      for bit in 0..<8 {
        var copy = bytes
        copy[place] ^= 1 << UInt8(bit)
        do throws(OutboxFormat.Fault) {
          let contents = try OutboxFormat.read(copy, identity: me)
          // Only the last frame can be taken for an unfinished one.
          #expect(place >= ends[2] && contents.kept == Array(all.prefix(3)), "bit \(bit) of byte \(place)")
        } catch {
          if place < ends[0] { #expect(error != .damaged(offset: 0)) }
        }
      }
    }
  }

  @Test func `is not another plugin's`() throws {
    let (bytes, _, _) = try Self.file("xx.exercise/other")
    #expect(throws: OutboxFormat.Fault.identity("xx.exercise/other")) {
      try OutboxFormat.read(bytes, identity: me)
    }
    #expect(throws: OutboxFormat.Fault.foreign) { try OutboxFormat.read(Array("something".utf8), identity: me) }
  }

  @Test func `keeps what was handed over and not settled for the next process`() async throws {
    do {
      let file = try OutboxFile(path, identity: me)
      #expect(try await keep([event("a"), event("b")], replay: false, in: file) == 1..<3)
      #expect(try await keep([event("c")], replay: true, in: file) == 3..<4)
      file.settle(1..<2)
      await file.close()
    }
    let file = try OutboxFile(path, identity: me)
    #expect(file.left.map(\.number) == [2, 3] && file.left.map(\.replay) == [false, true])
    #expect(try await keep([event("d")], replay: false, in: file) == 4..<5)
    await file.close()
  }

  @Test func `is used by one process, and damage in it is said with the place and the way out`() async throws {
    let first = try OutboxFile(path, identity: me)
    for name in ["a", "b"] { _ = try await keep([event(name)], replay: false, in: first) }
    #expect(throws: BusError(.configuration, "the outbox \(path) is in use by another process")) {
      try OutboxFile(path, identity: me)
    }
    await first.close()
    var copy = try bytes()
    let place = OutboxFormat.header(me).count
    copy[place + 20] ^= 1
    try Data(copy).write(to: URL(fileURLWithPath: path))
    #expect(
      throws: BusError(
        .configuration,
        "the outbox \(path) is damaged at byte \(place); move it away to start without the events that wait in it")
    ) { try OutboxFile(path, identity: me) }
  }

  @Test func `is free when it was closed, though a child that was just forked still has its descriptor`() async throws {
    let file = try OutboxFile(path, identity: me)
    let copies = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { name -> Int32? in
      let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)")
      return target == path ? Int32(name).map { dup($0) } : nil
    }
    defer { for copy in copies { close(copy) } }
    #expect(!copies.isEmpty)
    await file.close()
    await (try OutboxFile(path, identity: me)).close()
  }

  @Test func `does not outgrow what waits in it`() async throws {
    let file = try OutboxFile(path, identity: me)
    let large = [UInt8](repeating: 65, count: 60_000)
    let old = try await keep([event("old")], replay: false, in: file)
    for _ in 0..<100 {
      let numbers = try await keep([large], replay: false, in: file)
      file.settle(numbers)
    }
    let last = try await keep([event("new")], replay: false, in: file)
    await file.close()
    #expect(try bytes().count < 2 << 20)
    let again = try OutboxFile(path, identity: me)
    #expect(again.left.map(\.event) == [event("old"), event("new")])
    for kept in again.left { again.settle(kept.number..<kept.number + 1) }
    #expect(old.lowerBound < last.lowerBound)
    await again.close()
    #expect(try OutboxFile(path, identity: me).left.isEmpty)
  }

  @Test func `is sent again by the next process, in order, before anything new`() async throws {
    // The first broker takes events and never answers.
    let silent = try FakeBroker { $0.publish.map { _ in [] } }
    var connection = try silent.connection()
    connection.outboxFile = path
    do {
      let bus = try await Bus.connect(connection, logger: quiet)
      let drafts = ["a", "b"].map { Draft(Note(text: $0), id: $0, tlp: .green, exercise: true) }
      // Returns although nobody answers: they are on disk.
      _ = try await bus.keep(drafts)
      #expect(try bytes().count > 200)
      await bus.close(within: .zero, reason: "")
    }
    silent.stop()

    let broker = try FakeBroker()
    connection = try broker.connection()
    connection.outboxFile = path
    let bus = try await Bus.connect(connection, logger: quiet)
    #expect(bus.leftCount == 2)
    _ = try await bus.publish([Draft(Note(text: "c"), id: "c", tlp: .green, exercise: true)])
    #expect(try await bus.recovered().count == 2)
    await bus.close()
    let sent = broker.heard.flatMap(\.events).map { String(decoding: $0, as: UTF8.self) }
    #expect(sent.count == 3)
    for (text, id) in zip(sent, ["a", "b", "c"]) { #expect(text.contains("\"id\":\"\(id)\"")) }
    broker.stop()
    let third = try OutboxFile(path, identity: me)
    #expect(third.left.isEmpty)
    await third.close()
  }
}
