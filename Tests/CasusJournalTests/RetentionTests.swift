import CasusEvents
import Foundation
import TestSupport
import Testing

@testable import CasusJournal

@Suite("Retention")
struct RetentionTests {
  static func journal(_ folder: TemporaryFolder) throws -> FileJournal {
    let journal = try FileJournal.open(folder.journal, options: options { $0.segmentBytes = 3000 })
    try Exercise.fill(journal, commits: 50, of: 4)
    return journal
  }

  @Test
  func `removes whole segments from the old end, by size`() throws {
    let folder = TemporaryFolder()
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

  @Test
  func `tells what is kept from any sequence on`() throws {
    let folder = TemporaryFolder()
    let options = options { $0.segmentBytes = 3000 }
    let journal = try FileJournal.open(folder.journal, options: options)
    try Exercise.fill(journal, commits: 50, of: 4)
    let found = journal.kept(from: [1, 200, 201, 100, 0])
    #expect(found[0]?.bytes == journal.bytes && found[4]?.bytes == journal.bytes && found[2] == nil)
    #expect(found[0]?.since == UInt64(Exercise.recorded(1).nanoseconds))
    let (middle, last) = (try #require(found[3]), try #require(found[1]))
    #expect(last.bytes < middle.bytes && middle.bytes < journal.bytes && last.since > middle.since)
  }

  @Test
  func `removes by age`() throws {
    let folder = TemporaryFolder()
    let journal = try Self.journal(folder)
    let report = try journal.prune(Retention(maxAge: .milliseconds(100), now: Exercise.recorded(200)))
    #expect(report.firstSequence > 1 && report.firstSequence <= 100)
    // Even what is old is kept in the last segment, and nothing is old beyond a leap of the clock.
    #expect(try journal.prune(Retention(maxAge: .milliseconds(100), now: Timestamp(nanoseconds: .max))).isAgeUncertain)
    _ = try journal.prune(Retention(maxBytes: 0))
    #expect(journal.segmentCount == 1 && journal.lastSequence == 200)
  }

  @Test
  func `names segments that a durable subscription still needs, and keeps them`() throws {
    let folder = TemporaryFolder()
    let journal = try Self.journal(folder)
    let report = try journal.prune(
      Retention(maxBytes: 0), neededFrom: ["jp.nisc/correlator": 60, "us.cisa/damage": 61, "late": 500])
    #expect(report.firstSequence <= 60 && report.firstSequence > 1)
    let first = try #require(report.held.first)
    #expect(first.first == report.firstSequence && (first.first...first.last).contains(60))
    #expect(first.neededBy == ["jp.nisc/correlator", "us.cisa/damage"] || first.neededBy == ["jp.nisc/correlator"])
  }

  @Test
  func `does not stop a reader that is in a removed segment`() throws {
    let folder = TemporaryFolder()
    let journal = try Self.journal(folder)
    let reader = try journal.reader(from: 1)
    let first = try #require(try reader.next())
    _ = try journal.prune(Retention(maxBytes: 0))
    #expect(journal.firstSequence > first.lastSequence + 1)
    #expect(try reader.next()?.first?.sequence == first.lastSequence + 1)
  }
}
