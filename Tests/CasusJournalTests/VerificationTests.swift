import CasusEvents
import Foundation
import MCAP
import TestSupport
import Testing

@testable import CasusJournal

@Suite("Verifying and repairing")
struct VerificationTests {
  static func journal(_ folder: TemporaryFolder, closed: Bool = true) throws -> JournalOptions {
    let options = options {
      $0.segmentBytes = 3000
      $0.compression = .none
    }
    let journal = try FileJournal.open(folder.journal, options: options)
    try Exercise.fill(journal, commits: 50, of: 4)
    if closed { try journal.close() }
    return options
  }

  @Test(arguments: [true, false])
  func `a sound journal finds nothing and sees every event`(closed: Bool) throws {
    let folder = TemporaryFolder()
    _ = try Self.journal(folder, closed: closed)
    var sequences: [UInt64] = []
    var starts: [UInt64] = []
    let result = try verifyJournal(
      folder.journal,
      visit: { stamp, event in
        #expect(!starts.isEmpty)
        sequences.append(stamp.sequence)
        #expect(event.elementsEqual(Exercise.event(stamp.sequence)))
        #expect(stamp.sender == Exercise.sender(stamp.sequence) && stamp.flags == Exercise.flags(stamp.sequence))
      }, begin: { starts = $0 })
    #expect(result.isSound && result.notes.isEmpty)
    #expect(sequences == Array(1...200) && result.events == 200 && result.first == 1 && result.last == 200)
    #expect(result.segments.allSatisfy { $0.broker == "EXERCISE" })
    #expect(starts.count > 1 && starts == result.segments.map(\.first))
    #expect(result.segments.last?.isClosed == closed)
    #expect(result.segments.reduce(0) { $0 + $1.commits } == 50)
  }

  @Test
  func `an unfinished commit is a note, no problem`() throws {
    let folder = TemporaryFolder()
    _ = try Self.journal(folder, closed: false)
    let path = try #require(try segments(folder.journal).last)
    try write(Array(try bytes(path).dropLast(300)), path)
    let result = try verifyJournal(folder.journal)
    #expect(result.isSound && result.notes.count == 1 && result.last < 200)
  }

  @Test
  func `every flipped byte is found, and the place is told`() throws {
    let folder = TemporaryFolder()
    _ = try Self.journal(folder)
    for path in try segments(folder.journal).prefix(2) {
      let whole = try bytes(path)
      for place in stride(from: 0, to: whole.count, by: 31) {
        var copy = whole
        copy[place] ^= 0x10
        try write(copy, path)
        let result = try verifyJournal(folder.journal, envelopes: false)
        #expect(!result.isSound, "byte \(place) of \(path)")
        #expect(result.problems.first?.file == path.split(separator: "/").last.map { String($0) })
      }
      try write(whole, path)
    }
  }

  @Test
  func `events that are not what their channel says are found`() throws {
    let folder = TemporaryFolder()
    let journal = try FileJournal.open(folder.journal, options: options())
    let batch = journal.makeBatch()
    for (index, event) in [Exercise.event(2), Exercise.event(1), Array("{}".utf8)].enumerated() {
      try event.withUnsafeBytes {
        try batch.append(
          sequence: UInt64(index) + 1, recorded: .init(nanoseconds: 1),
          sender: try journal.sender("jp.nisc/suricata-1"),
          edition: journal.edition(of: try journal.type(.detection), schema: Exercise.schema(.detection)), flags: [],
          published: nil, event: $0)
      }
    }
    _ = try journal.commit(batch)
    let result = try verifyJournal(folder.journal)
    #expect(result.problems.map(\.sequence) == [2, 3])
  }

  @Test
  func `repairing a damaged commit saves all others and writes its events off by name`() throws {
    let folder = TemporaryFolder()
    let options = try Self.journal(folder)
    let path = try segments(folder.journal)[1]
    var copy = try bytes(path)
    // In an event of one of the middle commits.
    let place = try #require(copy.indices.first { $0 > 1200 && copy[$0...].starts(with: Array("EXERCISE".utf8)) })
    copy[place] ^= 1
    try write(copy, path)
    #expect(throws: JournalError.self) { try FileJournal.open(folder.journal, options: options) }
    let report = try repairJournal(folder.journal)
    let lost = try #require(report.lost.first)
    #expect(report.lost.count == 1 && lost.count == 4 && !report.isLossless && !report.lostEnd)
    #expect(report.rewritten.count == 1 && report.events == 196)
    #expect(try bytes("\(folder.journal)/\(report.rewritten[0].keptAs)") == copy)
    let journal = try FileJournal.open(folder.journal, options: options)
    #expect(try Exercise.read(journal) == (1...200).filter { !lost.contains($0) })
    #expect(try Exercise.read(journal, from: lost.lowerBound).first == lost.upperBound + 1)
    let result = try verifyJournal(folder.journal)
    #expect(result.isSound && result.notes.count == 1)
    #expect(try repairJournal(folder.journal, expectingLock: true).rewritten.isEmpty)
  }

  @Test
  func `repairing any flipped byte loses at most the commit that it is in`() throws {
    let folder = TemporaryFolder()
    let options = try Self.journal(folder)
    let paths = try segments(folder.journal)
    let originals = try paths.map { ($0, try bytes($0)) }
    let beside = try ["JOURNAL", "positions.log", "schemas.log"].map { ($0, try bytes("\(folder.journal)/\($0)")) }
    for (number, place) in [(0, 3), (0, 40), (0, 150), (0, 700), (0, 2000), (1, 100), (1, 1500), (2, 2500)] {
      try FileManager.default.removeItem(atPath: folder.journal)
      try FileManager.default.createDirectory(atPath: folder.journal, withIntermediateDirectories: true)
      for (path, bytes) in originals { try write(bytes, path) }
      for (name, bytes) in beside { try write(bytes, "\(folder.journal)/\(name)") }
      var copy = originals[number].1
      copy[place] ^= 1
      try write(copy, paths[number])
      let report = try repairJournal(folder.journal)
      #expect(report.lost.reduce(0) { $0 + $1.count } <= 4, "segment \(number), byte \(place)")
      let journal = try FileJournal.open(folder.journal, options: options)
      let lost = Set(report.lost.flatMap { Array($0) })
      #expect(try Exercise.read(journal) == (journal.firstSequence...200).filter { !lost.contains($0) })
      #expect(try verifyJournal(folder.journal).isSound, "segment \(number), byte \(place)")
    }
  }

  @Test
  func `repairing a missing segment writes its events off`() throws {
    let folder = TemporaryFolder()
    let options = try Self.journal(folder)
    let paths = try segments(folder.journal)
    try FileManager.default.removeItem(atPath: paths[1])
    let report = try repairJournal(folder.journal)
    #expect(report.lost.count == 1 && report.lost[0].count > 4)
    let journal = try FileJournal.open(folder.journal, options: options)
    #expect(journal.lastSequence == 200)
    #expect(try Exercise.read(journal) == (1...200).filter { !report.lost[0].contains($0) })
    #expect(try verifyJournal(folder.journal).isSound)
  }
}

/// A second repair, while the journal of the first check may still be open: waits for nothing, says what it found.
private func repairJournal(_ path: String, expectingLock: Bool) throws -> JournalRepairReport {
  do { return try repairJournal(path) } catch {
    #expect(expectingLock && error.code == .locked)
    return JournalRepairReport()
  }
}
