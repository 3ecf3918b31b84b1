import CasusEvents
import Foundation
import Testing

@testable import CasusJournal

@Suite("Cursors")
struct CursorTests {
  @Test("are what was saved last, also after a restart, and empty before the first time")
  func roundTrip() throws {
    let folder = try TemporaryFolder()
    let store = CursorStore(folder: folder.path)
    #expect(try store.load() == [:])
    for round in UInt8(0)..<20 {
      let values: [String: [UInt8]] = ["a": [round], "b/é": [], "c": Array(repeating: round, count: Int(round) * 100)]
      try store.save(values)
      #expect(try store.load() == values)
      #expect(try CursorStore(folder: folder.path).load() == values)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["cursors"])
  }

  @Test("of any size that was saved are read again: many quarantines with long reasons make tens of megabytes")
  func large() throws {
    let folder = try TemporaryFolder()
    let store = CursorStore(folder: folder.path, sync: .none)
    let values = ["a": [UInt8](repeating: 1, count: 70 << 20), "b": [2]]
    try store.save(values)
    #expect(try CursorStore(folder: folder.path).load() == values)
  }

  @Test("that are not what was written are refused, at any byte and bit")
  func damaged() throws {
    let folder = try TemporaryFolder()
    let store = CursorStore(folder: folder.path, sync: .none)
    try store.save(["a": [1, 2, 3], "b": []])
    let whole = try bytes("\(folder.path)/cursors")
    for length in 0..<whole.count {
      try write(Array(whole[..<length]), "\(folder.path)/cursors")
      #expect(throws: JournalError.self) { try store.load() }
    }
    for bit in 0..<whole.count * 8 {
      var copy = whole
      copy[bit / 8] ^= 1 << UInt8(bit % 8)
      try write(copy, "\(folder.path)/cursors")
      #expect(throws: JournalError.self) { try store.load() }
    }
    // Half a new file beside it means nothing.
    try write(whole, "\(folder.path)/cursors")
    try write([1], "\(folder.path)/cursors.new")
    #expect(try store.load().count == 2)
  }
}

@Suite("Retention")
struct RetentionTests {
  static func journal(_ folder: TemporaryFolder) throws -> FileJournal {
    let journal = try FileJournal.open(folder.journal, options: options { $0.segmentBytes = 3000 })
    try Exercise.fill(journal, commits: 50, of: 4)
    return journal
  }

  @Test("removes whole segments from the old end, by size")
  func bytes() throws {
    let folder = try TemporaryFolder()
    let journal = try Self.journal(folder)
    let before = try segments(folder.journal).count
    let report = try journal.prune(Retention(maxBytes: 8000))
    #expect(!report.removed.isEmpty && report.held.isEmpty)
    #expect(try segments(folder.journal).count == before - report.removed.count)
    #expect(journal.bytes <= 8000)
    #expect(journal.firstSequence == report.firstSequence && report.firstSequence > 1)
    #expect(try Exercise.read(journal) == Array(report.firstSequence...200))
    #expect(throws: JournalError.self) { try journal.reader(from: 1).next() }
    do { _ = try journal.reader(from: 1).next() } catch { #expect(error.code == .removed) }
    try journal.close()
    let reopened = try FileJournal.open(folder.journal, options: options())
    #expect(reopened.firstSequence == report.firstSequence && reopened.lastSequence == 200)
  }

  @Test("removes by age, and keeps what is asked for")
  func age() throws {
    let folder = try TemporaryFolder()
    let journal = try Self.journal(folder)
    let kept = try journal.prune(Retention(keepAfter: Exercise.recorded(100), keepFrom: 10))
    #expect(kept.firstSequence == 1)
    let report = try journal.prune(Retention(keepAfter: Exercise.recorded(100)))
    #expect(report.firstSequence > 1 && report.firstSequence <= 100)
    // Even what is old is kept in the last segment.
    _ = try journal.prune(Retention(keepAfter: Timestamp(nanoseconds: .max)))
    #expect(journal.segmentCount == 1 && journal.lastSequence == 200)
  }

  @Test("names segments that a durable subscription still needs, and keeps them")
  func held() throws {
    let folder = try TemporaryFolder()
    let journal = try Self.journal(folder)
    let report = try journal.prune(
      Retention(maxBytes: 0), neededFrom: ["jp.nisc/correlator": 60, "us.cisa/damage": 61, "late": 500])
    #expect(report.firstSequence <= 60 && report.firstSequence > 1)
    let first = try #require(report.held.first)
    #expect(first.first == report.firstSequence && (first.first...first.last).contains(60))
    #expect(first.neededBy == ["jp.nisc/correlator", "us.cisa/damage"] || first.neededBy == ["jp.nisc/correlator"])
  }

  @Test("does not stop a reader that is in a removed segment")
  func reading() throws {
    let folder = try TemporaryFolder()
    let journal = try Self.journal(folder)
    let reader = try journal.reader(from: 1)
    #expect(try reader.next(maxEvents: 1)?.first?.sequence == 1)
    _ = try journal.prune(Retention(maxBytes: 0))
    #expect(try reader.next()?.first?.sequence == 2)
  }
}
