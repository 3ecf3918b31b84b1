import CasusEvents
import Foundation
import MCAP
import TestSupport
import Testing

@testable import CasusJournal

@Suite("A journal")
struct JournalTests {
  @Test(arguments: [Compression.none, .lz4], [true, false])
  func `gives back every event and stamp, over segments and restarts`(compression: Compression, messageIndexes: Bool)
    throws
  {
    let folder = TemporaryFolder()
    let options = options {
      $0.compression = compression
      $0.messageIndexes = messageIndexes
      $0.segmentBytes = 6000
    }
    var written: UInt64 = 0
    for round in 0..<4 {
      let journal = try FileJournal.open(folder.journal, options: options)
      #expect(journal.lastSequence == written && journal.recovery.cuts.isEmpty)
      try Exercise.fill(journal, commits: 12, of: 1 + round * 3)
      written += UInt64(12 * (1 + round * 3))
      #expect(try Exercise.read(journal) == Array(1...written))
      // Twice closed in good order, twice left as a killed process leaves it.
      if round % 2 == 0 { try journal.close() }
    }
    #expect(try segments(folder.journal).count > 3)
    let journal = try FileJournal.open(folder.journal, options: options)
    #expect(try Exercise.read(journal) == Array(1...written))
    #expect(journal.segmentCount == (try segments(folder.journal).count))
    #expect(journal.firstSequence == 1)
    #expect(try verifyJournal(folder.journal).problems == [])
  }

  @Test
  func `is cut into segments of so many commits, also when it goes on with one from before`() throws {
    let folder = TemporaryFolder()
    let options = options { $0.segmentCommits = 4 }
    for round in 0..<3 {
      let journal = try FileJournal.open(folder.journal, options: options)
      try Exercise.fill(journal, commits: 5, of: 2)
      // The last one as a killed process leaves it.
      if round < 2 { try journal.close() }
    }
    let journal = try FileJournal.open(folder.journal, options: options)
    #expect(try Exercise.read(journal) == Array(1...30))
    #expect(try segments(folder.journal).count == 4)
    #expect(try verifyJournal(folder.journal).problems == [])
  }

  @Test
  func `is read from any sequence, a commit at a time`() throws {
    let folder = TemporaryFolder()
    let journal = try FileJournal.open(folder.journal, options: options { $0.segmentBytes = 4000 })
    try Exercise.fill(journal, commits: 30, of: 7)
    for first in stride(from: UInt64(1), through: 210, by: 13) {
      #expect(try Exercise.read(journal, from: first) == Array(first...210))
    }
    let reader = try journal.reader(from: 100)
    #expect(try reader.next()?.map(\.sequence) == Array(100...105))
    #expect(reader.position == 106)
    let end = try journal.reader(from: 211)
    #expect(try end.next() == nil)
    try Exercise.fill(journal, commits: 1, of: 2)
    #expect(try end.next()?.map(\.sequence) == [211, 212])
  }

  @Test
  func `finds the first event recorded at a time or later`() throws {
    let folder = TemporaryFolder()
    let journal = try FileJournal.open(folder.journal, options: options { $0.segmentBytes = 4000 })
    #expect(try journal.sequence(at: Timestamp(nanoseconds: 0)) == 1)
    try Exercise.fill(journal, commits: 20, of: 7)
    #expect(try journal.sequence(at: Timestamp(nanoseconds: -5)) == 1)
    #expect(try journal.sequence(at: Timestamp(nanoseconds: 77_000_000)) == 77)
    #expect(try journal.sequence(at: Timestamp(nanoseconds: 77_000_001)) == 78)
    #expect(try journal.sequence(at: Timestamp(nanoseconds: 140_000_000)) == 140)
    #expect(try journal.sequence(at: Timestamp(nanoseconds: 140_000_001)) == 141)
  }

  @Test
  func `hands a commit's events out of the memory they were committed from, and takes it back`() throws {
    let folder = TemporaryFolder()
    let journal = try FileJournal.open(folder.journal, options: options())
    let batch = journal.makeBatch()
    for round in UInt64(0)..<50 {
      try Exercise.append(4, to: batch, journal)
      #expect(batch.count == 4 && batch.byteCount > 400 && batch.firstSequence == round * 4 + 1)
      let committed = try journal.commit(batch)
      #expect(batch.isEmpty && batch.byteCount == 0)
      #expect(committed.firstSequence == round * 4 + 1 && committed.lastSequence == round * 4 + 4)
      #expect(committed.from(round * 4 + 3).map(\.sequence) == [round * 4 + 3, round * 4 + 4])
      #expect(committed.from(round * 4 + 9).isEmpty)
      for record in committed { #expect(record.event.elementsEqual(Exercise.event(record.sequence))) }
    }
  }

  @Test
  func `lets its lock go with it, also while a child that was just forked still has the descriptor`() throws {
    let folder = TemporaryFolder()
    var copies: [Int32] = []
    defer { for copy in copies { close(copy) } }
    do {
      let journal = try FileJournal.open(folder.journal, options: options())
      try Exercise.fill(journal, commits: 1, of: 1)
      for number in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap({ Int32($0) }) {
        let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(number)")
        if target == "\(folder.journal)/LOCK" { copies.append(dup(number)) }
      }
    }
    #expect(!copies.isEmpty)
    #expect(try FileJournal.open(folder.journal, options: options()).lastSequence == 1)
  }

  @Test
  func `is written by one process at a time and read by any number`() throws {
    let folder = TemporaryFolder()
    let journal = try FileJournal.open(folder.journal, options: options())
    try Exercise.fill(journal, commits: 3, of: 3)
    #expect(throws: JournalError.self) { try FileJournal.open(folder.journal, options: options()) }
    do { _ = try FileJournal.open(folder.journal, options: options()) } catch {
      #expect(error.code == .locked && error.isRetriable && error.description.contains(folder.journal))
    }
    let reader = try FileJournal.open(folder.journal, options: options { $0.access = .readOnly })
    #expect(try Exercise.read(reader) == Array(1...9))
    try Exercise.fill(journal, commits: 1, of: 1)
    // It sees what was there when it was opened, and may not write.
    #expect(reader.lastSequence == 9)
    let batch = reader.makeBatch()
    try Exercise.append(1, to: batch, reader)
    #expect(throws: JournalError.self) { try reader.commit(batch) }
    try journal.close()
    #expect(throws: JournalError.self) { try Exercise.fill(journal, commits: 1, of: 1) }
    _ = try FileJournal.open(folder.journal, options: options())
  }

  @Test
  func `refuses batches that are empty, too large or not the next ones, and is as before`() throws {
    let folder = TemporaryFolder()
    let journal = try FileJournal.open(folder.journal, options: options { $0.maxBatchBytes = 2000 })
    let batch = journal.makeBatch()
    #expect(throws: JournalError.self) { try journal.commit(batch) }
    let sender = try journal.sender("jp.nisc/suricata-1")
    let edition = journal.edition(of: try journal.type(.detection), schema: [])
    func append(_ sequence: UInt64, _ event: [UInt8] = [1]) throws {
      try event.withUnsafeBytes {
        try batch.append(
          sequence: sequence, recorded: .init(nanoseconds: 1), sender: sender, edition: edition, flags: [],
          published: nil, event: $0)
      }
    }
    #expect(throws: JournalError.self) { try append(0) }
    try append(2)
    #expect(throws: JournalError.self) { try journal.commit(batch) }
    #expect(throws: JournalError.self) { try append(2) }
    #expect(throws: JournalError.self) { try append(4) }
    #expect(throws: JournalError.self) { try append(3, [UInt8](repeating: 0, count: 1970)) }
    #expect(batch.count == 1)
    batch.removeAll()
    try append(1)
    #expect(try journal.commit(batch).count == 1)
    #expect(journal.lastSequence == 1)
  }

  @Test
  func `keeps event bytes, flags and times exactly, whatever they are`() throws {
    let folder = TemporaryFolder()
    let journal = try FileJournal.open(folder.journal, options: options())
    let batch = journal.makeBatch()
    let events: [[UInt8]] = [[], [0], Array(0...255), [UInt8](repeating: 0xFF, count: 65_536)]
    for (index, event) in events.enumerated() {
      try event.withUnsafeBytes {
        try batch.append(
          sequence: UInt64(index) + 1, recorded: Timestamp(nanoseconds: Int64.max), sender: try journal.sender(""),
          edition: journal.edition(of: try journal.type(EventType("é.v1")), schema: event),
          flags: [.replayed, .redelivered], published: Timestamp(nanoseconds: -1), event: $0)
      }
    }
    _ = try journal.commit(batch)
    let read = try #require(try journal.reader(from: 1).next())
    for (record, event) in zip(read, events) {
      #expect(record.event.elementsEqual(event))
      // A delivery's mark is not kept; a time before 1970 cannot be, so the moment of recording stands in.
      #expect(record.flags == .replayed)
      #expect(record.recorded.nanoseconds == .max && record.published == record.recorded)
    }
  }

  @Test
  func `is read by other threads while it is written`() async throws {
    let folder = TemporaryFolder()
    let journal = try FileJournal.open(folder.journal, options: options { $0.segmentBytes = 20_000 })
    let last: UInt64 = 3000
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try Exercise.fill(journal, commits: 300, of: 10) }
      for _ in 0..<3 {
        group.addTask {
          let reader = try journal.reader(from: 1)
          while reader.position <= last {
            guard let batch = try reader.next() else {
              await Task.yield()
              continue
            }
            for record in batch where !record.event.elementsEqual(Exercise.event(record.sequence)) {
              Issue.record("event \(record.sequence) differs")
            }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(journal.lastSequence == last)
  }
}

@Suite("A commit in memory")
struct CommitMemoryTests {
  @Test
  func `takes about what it holds, however large the batch was before`() throws {
    let folder = TemporaryFolder()
    let journal = try FileJournal.open(folder.journal, options: options())
    let batch = journal.makeBatch()
    try Exercise.append(3000, to: batch, journal)
    let large = try journal.commit(batch)
    #expect(large.memory > 100_000)
    var held: [CommittedBatch] = []
    for _ in 0..<50 {
      try Exercise.append(1, to: batch, journal)
      held.append(try journal.commit(batch))
    }
    for commit in held { #expect(commit.memory < 4096 && commit.count == 1) }
    #expect(try Exercise.read(journal) == Array(1...3050))
  }
}
