import CasusEvents
import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import CasusCore
@testable import CasusJournal
@testable import CasusServer

/// Positions, quarantine and books as they go to disk and come back.
@Suite(.timeLimit(.minutes(15)))
struct PositionKeeperTests {
  static func cursor(_ number: Int, acked: UInt64, quarantine: [QuarantinedEvent] = []) -> CursorRecord {
    CursorRecord(
      identity: "us.cisa/attribution-\(number)", name: "main", isGroup: false, types: ["casus.detection.v1"],
      senders: [], acked: acked, done: [], ackWait: 30_000, maxAttempts: 5, matched: acked, ackedCount: acked,
      quarantined: UInt64(quarantine.count), dropped: 0, quarantine: quarantine, failures: [], marks: 2)
  }

  /// A journal that has more events than the positions speak of.
  static func journal(in folder: TemporaryFolder) throws -> FileJournal {
    var options = JournalOptions()
    options.sync = .none
    options.makesMissing = true
    let journal = try FileJournal.open(folder.path, options: options)
    if journal.lastSequence == 0 {
      let batch = journal.makeBatch()
      let sender = try journal.sender("xx.exercise/a")
      let edition = journal.edition(of: try journal.type(.detection), schema: Array("{}".utf8))
      for sequence in UInt64(1)...30_000 {
        try batch.append(
          sequence: sequence, recorded: Timestamp(nanoseconds: 1), sender: sender, edition: edition, flags: [],
          published: nil, event: UnsafeRawBufferPointer(start: nil, count: 0))
      }
      _ = try journal.commit(batch)
    }
    return journal
  }

  static func log(in folder: TemporaryFolder) throws -> ValueLog {
    try ValueLog(in: journal(in: folder), name: ValueLog.positions, sync: .none)
  }

  static func name(_ number: Int) -> String { "us.cisa/attribution-\(number)#main" }

  static func events(_ sequences: Range<UInt64>) -> [QuarantinedEvent] {
    sequences.map {
      QuarantinedEvent(
        sequence: $0, type: "casus.detection.v1", attempts: 5, reason: "EXERCISE: cannot be read", tlp: .red,
        time: Timestamp(nanoseconds: Int64($0)))
    }
  }

  @Test func `one position costs its own bytes however much is in quarantine`() throws {
    let folder = TemporaryFolder()
    let log = PositionLog(try Self.log(in: folder))
    _ = try log.load()
    let quarantine = Self.events(1..<10_001)
    var all: [String: CursorRecord?] = [:]
    for number in 0..<64 {
      // One is as full as it may be; of all of them a debug build would take minutes.
      let held = number == 7 ? quarantine : Array(quarantine.prefix(200))
      all[Self.name(number)] = Self.cursor(number, acked: 20_000, quarantine: held)
    }
    try log.write(all, nil)
    let before = log.written
    #expect(before > 22_000 * 40)
    try log.write([Self.name(7): Self.cursor(7, acked: 20_001, quarantine: quarantine)], nil)
    #expect(log.written - before < 1000)

    let found = try PositionLog(try Self.log(in: folder)).load()
    #expect(found.cursors.count == 64 && found.notes.isEmpty)
    let expected = Self.cursor(7, acked: 20_001, quarantine: quarantine)
    #expect(found.cursors.first { $0.identity == expected.identity } == expected)
  }

  @Test func `what leaves quarantine and what is forgotten is gone after a restart`() throws {
    let folder = TemporaryFolder()
    func open() throws -> PositionLog {
      PositionLog(try Self.log(in: folder))
    }
    let log = try open()
    _ = try log.load()
    var entry = PublisherBooks.Entry(accepted: 7)
    entry.refused = [303: 2, 101: 1]
    let books = PublisherBooks(from: 1, through: 9, lost: 0, publishers: ["xx.exercise/a": entry])
    try log.write(
      [
        Self.name(0): Self.cursor(0, acked: 9, quarantine: Self.events(1..<5)),
        Self.name(1): Self.cursor(1, acked: 9, quarantine: Self.events(1..<5)),
      ], books)
    try log.write([Self.name(0): Self.cursor(0, acked: 9, quarantine: Self.events(3..<4)), Self.name(1): nil], nil)
    let again = try open()
    let found = try again.load()
    #expect(found.cursors == [Self.cursor(0, acked: 9, quarantine: Self.events(3..<4))])
    #expect(found.books == books)
    // The same event may come back for another reason.
    var later = Self.events(3..<4)
    later[0].time = Timestamp(nanoseconds: 99)
    try again.write([Self.name(0): Self.cursor(0, acked: 9, quarantine: later)], nil)
    #expect(try open().load().cursors.first?.quarantine == later)
  }

  /// Collects what the keeper reports, which comes on its thread.
  final class Reports: Sendable {
    private let outcomes = Mutex<[PositionKeeper.Outcome]>([])

    func add(_ outcome: PositionKeeper.Outcome) { outcomes.withLock { $0.append(outcome) } }

    var all: [PositionKeeper.Outcome] { outcomes.withLock { $0 } }
  }

  final class Faults: Sendable {
    private let flag = Atomic(false)

    var isFull: Bool {
      get { flag.load(ordering: .acquiring) }
      set { flag.store(newValue, ordering: .releasing) }
    }
  }

  @Test func `nothing is confirmed before the disk has it`() throws {
    let folder = TemporaryFolder()
    let reports = Reports()
    let sizes = Mutex<[UInt64]>([])
    let log = PositionLog(try Self.log(in: folder))
    let keeper = try PositionKeeper(log) { outcome in
      sizes.withLock { $0.append(log.written) }
      reports.add(outcome)
    }
    let before = log.written
    keeper.keepFirst(SubscriptionKey(number: 1), Self.name(1), Self.cursor(1, acked: 0))
    keeper.stop()
    guard case .kept(let keys)? = reports.all.first else {
      Issue.record("nothing was kept")
      return
    }
    #expect(keys == [SubscriptionKey(number: 1)])
    #expect(sizes.withLock { $0[0] } > before)
  }

  @Test func `what finds no room is written later and an unconfirmed subscription is forgotten`() throws {
    let folder = TemporaryFolder()
    let faults = Faults()
    let log = PositionLog(
      try ValueLog(
        in: Self.journal(in: folder), name: ValueLog.positions, sync: .none, slack: 1 << 20,
        faults: DiskFaults { operation in operation == .write && faults.isFull ? ENOSPC : nil }))
    let reports = Reports()
    let keeper = try PositionKeeper(log) { reports.add($0) }
    faults.isFull = true
    keeper.keep(Self.name(0), Self.cursor(0, acked: 5))
    keeper.keepFirst(SubscriptionKey(number: 1), Self.name(1), Self.cursor(1, acked: 0))
    while reports.all.isEmpty { usleep(1000) }
    guard case .failed(let error, let keys) = reports.all[0] else {
      Issue.record("a full disk took a position")
      return
    }
    #expect(error.code == .diskFull && keys == [SubscriptionKey(number: 1)])
    keeper.keep(Self.name(0), Self.cursor(0, acked: 6))
    faults.isFull = false
    keeper.stop()
    let found = try PositionLog(try Self.log(in: folder)).load()
    #expect(found.cursors == [Self.cursor(0, acked: 6)])
  }
}
