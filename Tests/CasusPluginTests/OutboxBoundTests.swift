import CasusEvents
import CasusTestKit
import Foundation
import Glibc
import TestSupport
import Testing

@testable import CasusPlugin

@Suite struct OutboxBoundTests {
  private let folder = TemporaryFolder()
  private let me = "xx.exercise/tester"
  private let clock = ContinuousClock()

  @Test func `a setting out of range is named at start`() async throws {
    let broker = try FakeBroker()
    defer { broker.stop() }
    for (events, bytes, text) in [
      (0, 1, "outboxEvents is 0; it must be from 1 to 1048576"),
      ((1 << 20) + 1, 1, "outboxEvents is 1048577; it must be from 1 to 1048576"),
      (1, -1, "outboxBytes is -1; it must be from 1 to 268435456"),
      (1, 2 << 30, "outboxBytes is 2147483648; it must be from 1 to 268435456"),
    ] {
      var connection = try broker.connection()
      connection.outboxEvents = events
      connection.outboxBytes = bytes
      let error = await busError { _ = try await Bus.connect(connection, logger: quiet) }
      #expect(error == BusError(.configuration, text))
    }
  }

  @Test func `the file of the largest outbox stays within its bound`() {
    // Each event alone in its frame, and settled alone.
    let heads = OutboxFormat.room + 4
    let waiting = Connection.mostOutboxBytes + heads * Connection.mostOutboxEvents
    #expect(4 * waiting + waiting + (16 + 13) * Connection.mostOutboxEvents <= OutboxFormat.mostFileBytes)
    #expect(UInt32(exactly: OutboxFormat.mostFileBytes) != nil)
  }

  @Test func `a file larger than any outbox is refused with what to do`() throws {
    let path = folder.file("outbox")
    #expect(FileManager.default.createFile(atPath: path, contents: nil))
    // A sparse file: nobody has to read or hold it.
    #expect(truncate(path, off_t(5) << 30) == 0)
    let error = #expect(throws: BusError.self) { try OutboxFile(path, identity: me) }
    #expect(error?.code == .configuration)
    #expect(
      error?.message.contains("has 5368709120 bytes, more than any outbox may (2147483648); move it away") == true)
  }

  /// A writer on a new file, with one event kept and `settled` bytes behind it that are settled.
  private func writer(_ path: String, settled: Int, mostBytes: Int) throws -> OutboxWriter {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    try #require(descriptor >= 0)
    let header = OutboxFormat.header(me)
    #expect(OutboxFile.write(header, descriptor, at: 0) == nil)
    let writer = OutboxWriter(path, descriptor, identity: me, end: header.count, live: [:], mostBytes: mostBytes)
    try keep(1, [UInt8](repeating: 65, count: 100), writer)
    try keep(2, [UInt8](repeating: 66, count: settled), writer)
    var settled: [UInt8] = []
    OutboxFormat.settle(2..<3, into: &settled)
    writer.tell(settled)
    writer.settle(2..<3)
    return writer
  }

  private func keep(_ number: UInt64, _ event: [UInt8], _ writer: OutboxWriter) throws {
    var events = try encoded([event])
    try events.beFrame(first: number, replay: false)
    #expect(writer.keep(events, first: number, now: clock.now) == nil)
  }

  @Test func `a rewrite that failed is tried again after a pause and not in each turn`() throws {
    let path = folder.file("outbox")
    let writer = try writer(path, settled: 2 << 20, mostBytes: OutboxFormat.mostFileBytes)
    // Nothing can be written there.
    try FileManager.default.createDirectory(atPath: path + ".new", withIntermediateDirectories: false)
    let now = clock.now
    guard case .failed(let reason) = writer.shrink(now: now) else {
      Issue.record("it was written anew")
      return
    }
    #expect(reason.contains(".new: Is a directory"))
    for milliseconds in [0, 1, 500, 999] {
      #expect(writer.shrink(now: now + .milliseconds(milliseconds)) == .nothingDue)
    }
    guard case .failed = writer.shrink(now: now + .seconds(1)) else {
      Issue.record("not tried again")
      return
    }
    // The pause doubles.
    #expect(writer.shrink(now: now + .milliseconds(2900)) == .nothingDue)
    try FileManager.default.removeItem(atPath: path + ".new")
    #expect(writer.shrink(now: now + .seconds(3)) == .done)
    writer.finish()
    let file = try OutboxFile(path, identity: me)
    #expect(file.left.map(\.number) == [1])
  }

  @Test func `a full file takes no more until it can be written anew`() throws {
    let path = folder.file("outbox")
    let writer = try writer(path, settled: 3000, mostBytes: 4096)
    try FileManager.default.createDirectory(atPath: path + ".new", withIntermediateDirectories: false)
    let now = clock.now
    var more = try encoded([[UInt8](repeating: 67, count: 2000)])
    try more.beFrame(first: 3, replay: false)
    #expect(writer.keep(more, first: 3, now: now)?.contains("of at most 4096 bytes") == true)
    // What is settled does not need the file.
    writer.tell([UInt8](repeating: 2, count: 2000))
    #expect(writer.sync() == nil)
    try FileManager.default.removeItem(atPath: path + ".new")
    #expect(writer.keep(more, first: 3, now: now + .seconds(1)) == nil)
    writer.finish()
  }
}
