import CasusEvents
import Foundation
import Glibc
import TestSupport
import Testing

@testable import CasusJournal

/// A journal of which something is gone is never gone on with as if nothing were, and never with the same numbers.
@Suite("A journal of which something is gone")
struct LossTests {
  /// Several segments with 200 events, and positions that speak of `reach`.
  static func journal(
    _ folder: TemporaryFolder, closed: Bool = true, reach: UInt64 = 150, pruned: Bool = false
  ) throws -> JournalOptions {
    let options = options { $0.segmentBytes = 3000 }
    let journal = try FileJournal.open(folder.journal, options: options)
    try Exercise.fill(journal, commits: 50, of: 4)
    let log = try ValueLog(in: journal, name: "positions.log", sync: .none)
    try log.write([.init(ValueKey(kind: 1, name: "xx.exercise/a#main"), [1, 2, 3])], reaching: reach)
    if pruned { _ = try journal.prune(Retention(maxBytes: 20_000)) }
    if closed { try journal.close() } else { journal.release() }
    return options
  }

  /// What a start says: of the journal, then of its logs.
  static func start(_ folder: TemporaryFolder) throws(JournalError) -> FileJournal {
    var options = options()
    options.makesMissing = false
    let journal = try FileJournal.open(folder.journal, options: options)
    for name in JournalCard.logs { _ = try ValueLog(in: journal, name: name, sync: .none) }
    return journal
  }

  enum Fault: String, CaseIterable, Sendable {
    case lastSegment, lastSegments, firstSegment, allSegments, endOfLastSegment, segmentsOfAnother
    case card, cardOfBefore, flippedCard, cardAndEnd
    case positions, positionsCutToHead, positionsOfBefore, positionsOfAnother, positionsAhead, schemas
  }

  static func cause(_ fault: Fault, _ folder: TemporaryFolder) throws {
    let files = FileManager.default
    let path = folder.journal
    let positions = "\(path)/positions.log"
    let before = try bytes("\(path)/JOURNAL")
    let names = try segments(path)
    func remove(_ paths: some Sequence<String>) throws { for path in paths { try files.removeItem(atPath: path) } }
    switch fault {
    case .lastSegment: try remove(names.suffix(1))
    case .lastSegments: try remove(names.suffix(3))
    case .firstSegment: try remove(names.prefix(1))
    case .allSegments: try remove(names)
    case .endOfLastSegment:
      // Its last commit, to the byte, as if it had never been.
      let file = try PosixFile(names[names.count - 1], O_RDWR)
      let scan = try SegmentScan.read(file)
      #expect(file.truncate(to: try #require(scan.chunks.last).offset) == nil)
    case .card: try remove(["\(path)/JOURNAL"])
    case .cardOfBefore:
      let journal = try FileJournal.open(path, options: options())
      try Exercise.fill(journal, commits: 1, of: 4)
      journal.release()
      try write(before, "\(path)/JOURNAL")
    case .flippedCard:
      var copy = before
      copy[copy.count / 2] ^= 1
      try write(copy, "\(path)/JOURNAL")
    case .positions: try remove([positions])
    case .positionsCutToHead: try write(Array(try bytes(positions).prefix(48)), positions)
    case .positionsOfBefore:
      let old = try bytes(positions)
      let journal = try FileJournal.open(path, options: options())
      let log = try ValueLog(in: journal, name: "positions.log", sync: .none, slack: 0, faults: nil)
      for _ in 0..<4 { try log.write([.init(ValueKey(kind: 1, name: "xx.exercise/a#main"), [9, 9, 9])]) }
      try journal.close()
      try write(old, positions)
    case .positionsOfAnother:
      let other = TemporaryFolder()
      _ = try journal(other)
      try write(try bytes("\(other.journal)/positions.log"), positions)
    case .schemas: try remove(["\(path)/schemas.log"])
    case .positionsAhead:
      let journal = try FileJournal.open(path, options: options())
      let log = try ValueLog(in: journal, name: "positions.log", sync: .none)
      try log.write([.init(ValueKey(kind: 1, name: "xx.exercise/b#main"), [1])], reaching: 5_000_000)
      try journal.close()
    case .segmentsOfAnother:
      let other = TemporaryFolder()
      _ = try journal(other)
      try write(try bytes(try segments(other.journal)[1]), names[1])
    case .cardAndEnd: try remove(["\(path)/JOURNAL", names[names.count - 1]])
    }
  }

  @Test(arguments: Fault.allCases)
  func `does not open, verification says what and what to do, and nothing was changed`(_ fault: Fault) throws {
    let folder = TemporaryFolder()
    _ = try Self.journal(folder)
    #expect(try verifyJournal(folder.journal).isSound)
    try Self.cause(fault, folder)
    let before = try FileManager.default.contentsOfDirectory(atPath: folder.journal).sorted()
    var told: JournalError?
    do throws(JournalError) { _ = try Self.start(folder) } catch { told = error }
    let error = try #require(told, "it opened")
    #expect(error.code == .lost, "\(error)")
    let advice = fault == .segmentsOfAnother ? "move it out" : "casus journal accept-loss \(folder.journal)"
    #expect(error.message.contains(advice), "\(error)")
    let result = try verifyJournal(folder.journal)
    let isTold = result.problems.contains { !$0.isDamage && $0.message == error.message }
    #expect(!result.isSound && isTold, "\(result.problems)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.journal).sorted() == before)
  }

  @Test(arguments: Fault.allCases.filter { $0 != .segmentsOfAnother }, [true, false])
  func `goes on, when a person says so, beyond all that was ever given`(_ fault: Fault, closed: Bool) throws {
    // One that is open has reserved what follows: that it is an old one neither shows nor matters.
    guard closed || fault != .cardOfBefore else { return }
    let folder = TemporaryFolder()
    let options = try Self.journal(folder, closed: closed, reach: 200)
    try Self.cause(fault, folder)
    let report = try acceptLoss(folder.journal, by: "EXERCISE operator", reason: "EXERCISE")
    let sequence = try #require(report.sequence)
    #expect(sequence > (fault == .positionsAhead ? 5_000_000 : 200) && !report.found.isEmpty)
    let result = try verifyJournal(folder.journal)
    #expect(result.isSound, "\(result.problems)")
    let journal = try Self.start(folder)
    #expect(journal.lastSequence == sequence)
    // The event says it to everybody who reads.
    let batch = try #require(try journal.reader(from: sequence).next())
    let event = try RecordedEvent(stamp: batch.stamp(at: batch.startIndex), bytes: Array(batch[batch.startIndex].event))
    let loss = try event.data(as: BusLoss.self)
    #expect(loss.by == "EXERCISE operator" && loss.reason == "EXERCISE" && loss.found == report.found)
    #expect(loss.journal == "\(journal.id)" && loss.lost == report.lost.map(BusLoss.Stretch.init))
    #expect(event.stamp.flags.contains(.exercise) == (fault != .allSegments))
    // Whoever had read on goes on behind the gap, and what is left is still there.
    #expect(try journal.reader(from: max(201, journal.firstSequence)).next() != nil)
    let left = fault == .allSegments ? 0 : Int(sequence) - report.lost.reduce(0) { $0 + $1.count } - 1
    var read = 0
    let reader = try journal.reader(from: 0)
    while let batch = try reader.next() { read += batch.count }
    #expect(read == left + 1)
    // What lies between, and nothing else, is nobody's to read.
    let kept = journal.lastSequence - journal.firstSequence + 1 - journal.gaps.reduce(0) { $0 + UInt64($1.count) }
    #expect(kept == UInt64(read))
    journal.release()
    // A second time there is nothing to accept.
    #expect(try acceptLoss(folder.journal, by: "EXERCISE operator").sequence == nil)
    try Exercise.fill(try FileJournal.open(folder.journal, options: options), commits: 1, of: 1)
  }

  @Test
  func `at its beginning by retention alone is sound, also when retention was interrupted`() throws {
    let folder = TemporaryFolder()
    _ = try Self.journal(folder, pruned: true)
    let names = try segments(folder.journal)
    let first = try #require(UInt64(names[0].suffix(25).prefix(20)))
    #expect(first > 1)
    let result = try verifyJournal(folder.journal)
    #expect(result.isSound && result.notes.contains { $0.contains("begins with sequence \(first)") })
    // Given up, and not yet removed.
    let second = try #require(UInt64(names[1].suffix(25).prefix(20)))
    try changeCard(folder.journal) { $0.first = second }
    #expect(try verifyJournal(folder.journal).isSound)
    let journal = try Self.start(folder)
    #expect(journal.firstSequence == second && journal.recovery.notes.contains { $0.contains("given up") })
    #expect(!FileManager.default.fileExists(atPath: names[0]))
  }

  @Test
  func `since there never was one is not made by the way`() throws {
    let folder = TemporaryFolder()
    for path in [folder.journal, folder.path] {
      let calls: [() throws -> Any] = [
        { try verifyJournal(path) }, { try repairJournal(path) }, { try acceptLoss(path, by: "EXERCISE") },
      ]
      for call in calls {
        let error = #expect(throws: JournalError.self) { _ = try call() }
        #expect(error?.code == .absent)
      }
      var options = options()
      options.makesMissing = false
      let error = #expect(throws: JournalError.self) { try FileJournal.open(path, options: options) }
      #expect(error?.code == .absent && error?.message.contains("casusd --init") == true)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
  }

  @Test
  func `is made once, and over nothing`() throws {
    let folder = TemporaryFolder()
    let id = try FileJournal.make(folder.journal, sync: .none)
    #expect(try verifyJournal(folder.journal).isSound && Self.start(folder).id == id)
    _ = try Self.journal(folder)
    // RED events stand in it: nobody but the owner reads them.
    let manager = FileManager.default
    for name in [""] + (try manager.contentsOfDirectory(atPath: folder.journal)) {
      let mode = try manager.attributesOfItem(atPath: "\(folder.journal)/\(name)")[.posixPermissions] as? Int
      #expect((mode ?? 0o777) & 0o077 == 0, "\(name)")
    }
    let error = #expect(throws: JournalError.self) { try FileJournal.make(folder.journal) }
    #expect(error?.code == .occupied)
    try write([1], folder.file("precious"))
    #expect(throws: JournalError.self) { try FileJournal.make(folder.path) }
    // What an interrupted making left is no journal yet.
    for name in ["JOURNAL"] + (try segments(folder.journal).map { fileName($0) }) {
      try FileManager.default.removeItem(atPath: "\(folder.journal)/\(name)")
    }
    #expect(throws: JournalError.self) { try FileJournal.make(folder.journal) }
    try FileManager.default.removeItem(atPath: "\(folder.journal)/positions.log")
    #expect(try FileJournal.make(folder.journal, sync: .none) != id)
  }

  private static func damageLastCommit(_ folder: TemporaryFolder) throws {
    let last = try #require(try segments(folder.journal).last)
    var copy = try bytes(last)
    let file = try PosixFile(last, O_RDONLY)
    let place = try #require(try SegmentScan.read(file).chunks.last)
    copy[Int(place.offset + place.length) - 5] ^= 1
    try write(copy, last)
  }

  @Test
  func `at a damaged end is not gone on with after a repair alone`() throws {
    let folder = TemporaryFolder()
    _ = try Self.journal(folder, closed: false, reach: 100)
    try Self.damageLastCommit(folder)
    #expect(throws: JournalError.self) { try Self.start(folder) }
    #expect(try repairJournal(folder.journal).lostEnd)
    let error = #expect(throws: JournalError.self) { try Self.start(folder) }
    #expect(error?.code == .lost)
    #expect(try #require(try acceptLoss(folder.journal, by: "EXERCISE").sequence) > 200)
    #expect(try verifyJournal(folder.journal).isSound)
  }

  @Test
  func `at its beginning, with a damaged end, has both told, and gives no sequence twice`() throws {
    let folder = TemporaryFolder()
    _ = try Self.journal(folder, closed: false, reach: 100)
    try Self.cause(.firstSegment, folder)
    try Self.damageLastCommit(folder)
    #expect(try repairJournal(folder.journal).lostEnd)
    #expect(try CardFile.read(in: folder.journal).state == .cut)
    let report = try acceptLoss(folder.journal, by: "EXERCISE")
    #expect(report.lost.count == 2 && report.found.count == 2)
    #expect(try #require(report.sequence) > 200)
    #expect(try verifyJournal(folder.journal).isSound)
  }

  @Test(arguments: [0, 1, -1, nil])
  func `without its file JOURNAL, with damage too, is repaired and then gone on with`(_ place: Int?) throws {
    let folder = TemporaryFolder()
    _ = try Self.journal(folder)
    try Self.cause(.card, folder)
    let names = try segments(folder.journal)
    if let place {
      let path = names[(place + names.count) % names.count]
      var copy = try bytes(path)
      copy[40] ^= 1
      try write(copy, path)
    } else {
      // Not one segment tells which journal it is: the logs do.
      for path in names { try write([0x89], path) }
    }
    let error = #expect(throws: JournalError.self) { try acceptLoss(folder.journal, by: "EXERCISE") }
    #expect(error?.code == .damaged)
    let repaired = try repairJournal(folder.journal)
    #expect(!repaired.rewritten.isEmpty && repaired.lostEnd)
    // Until a person has decided it stays to be seen.
    #expect(throws: JournalError.self) { try Self.start(folder) }
    #expect(!FileManager.default.fileExists(atPath: "\(folder.journal)/JOURNAL"))
    #expect(try #require(try acceptLoss(folder.journal, by: "EXERCISE").sequence) > 200)
    #expect(try verifyJournal(folder.journal).isSound)
    _ = try Self.start(folder)
  }

  @Test(arguments: [(0, 0), (1, 1)])
  func `whose events a repair has written off tells of them in an event when a person says so, once`(
    segment: Int, commit: Int
  ) throws {
    let folder = TemporaryFolder()
    _ = try Self.journal(folder)
    let path = try segments(folder.journal)[segment]
    var copy = try bytes(path)
    let file = try PosixFile(path, O_RDONLY)
    let chunk = try SegmentScan.read(file).chunks[commit]
    copy[Int(chunk.offset + chunk.length / 2)] ^= 1
    try write(copy, path)
    let lost = try repairJournal(folder.journal).lost
    #expect(lost.count == 1)
    let report = try acceptLoss(folder.journal, by: "EXERCISE")
    // The end is not lost: it goes on with the next sequence.
    #expect(report.lost == lost && report.sequence == 201)
    #expect(try verifyJournal(folder.journal).isSound)
    #expect(try acceptLoss(folder.journal, by: "EXERCISE").sequence == nil)
    // The event is gone with the end: the next one says all of it again.
    try Self.cause(.lastSegment, folder)
    let again = try acceptLoss(folder.journal, by: "EXERCISE")
    #expect(again.lost.first == lost[0] && again.lost.count == 2)
  }

  @Test(arguments: [true, false])
  func `is decided about again after an interruption: logs change after the event`(_ isForeign: Bool) throws {
    let folder = TemporaryFolder()
    _ = try Self.journal(folder)
    try Self.cause(isForeign ? .positionsOfAnother : .positions, folder)
    // The event cannot be written: a folder has the name of the segment that it would stand in.
    let inTheWay = "\(folder.journal)/\(segmentName(201)).new"
    try FileManager.default.createDirectory(atPath: inTheWay, withIntermediateDirectories: false)
    let before = try? bytes("\(folder.journal)/positions.log")
    #expect(throws: JournalError.self) { try acceptLoss(folder.journal, by: "EXERCISE") }
    #expect((try? bytes("\(folder.journal)/positions.log")) == before)
    #expect(throws: JournalError.self) { try Self.start(folder) }
    try FileManager.default.removeItem(atPath: inTheWay)
    let report = try acceptLoss(folder.journal, by: "EXERCISE")
    #expect(report.sequence == 201 && report.found.count == 1)
    _ = try Self.start(folder)
  }

  @Test(arguments: [Fault.lastSegment, .firstSegment, .allSegments])
  func `is decided about again after an interruption between the segment and its event`(_ fault: Fault) throws {
    let folder = TemporaryFolder()
    _ = try Self.journal(folder)
    try Self.cause(fault, folder)
    let before = try CardFile.read(in: folder.journal)
    let report = try acceptLoss(folder.journal, by: "EXERCISE")
    let path = "\(folder.journal)/\(segmentName(try #require(report.sequence)))"
    // As a kill leaves it: the segment is begun, the card knows of it, and nothing stands in it.
    let file = try PosixFile(path, O_RDWR)
    #expect(file.truncate(to: try SegmentScan.Start(file, size: try file.size).end) == nil)
    var card = try CardFile.read(in: folder.journal)
    card.state = .open
    if fault == .firstSegment { card.first = before.first }
    try write(card.text, "\(folder.journal)/JOURNAL")
    let again = try acceptLoss(folder.journal, by: "EXERCISE")
    #expect(again.sequence == report.sequence && again.lost == report.lost && !again.lost.isEmpty)
    #expect(try verifyJournal(folder.journal).isSound)
    let journal = try Self.start(folder)
    #expect(try journal.untoldLosses().isEmpty)
  }

  @Test
  func `is told in as many events as everything that was found takes`() throws {
    let folder = TemporaryFolder()
    _ = try Self.journal(folder)
    let found = (1...230).map { "EXERCISE \($0)" }
    let report = try acceptLoss(folder.journal, by: "EXERCISE", others: found)
    let first = try #require(report.sequence)
    #expect(try verifyJournal(folder.journal).isSound)
    let journal = try Self.start(folder)
    #expect(journal.lastSequence == first + 2)
    let reader = try journal.reader(from: first)
    var told: [String] = []
    while let batch = try reader.next() {
      for index in batch.indices {
        let event = try RecordedEvent(stamp: batch.stamp(at: index), bytes: Array(batch[index].event))
        told += try event.data(as: BusLoss.self).found
      }
    }
    #expect(told == report.found && told.count >= 230)
    #expect(try journal.untoldLosses().isEmpty)
  }

  @Test
  func `is no journal with a log of somebody else's beside it`() throws {
    let folder = TemporaryFolder()
    _ = try Self.journal(folder)
    try write(Array("not ours\n".utf8), "\(folder.journal)/somebody.log")
    #expect(try verifyJournal(folder.journal).isSound)
    #expect(try repairJournal(folder.journal).isLossless)
    #expect(try bytes("\(folder.journal)/somebody.log") == Array("not ours\n".utf8))
    _ = try Self.start(folder)
  }

  @Test
  func `whose file JOURNAL has a bit flipped anywhere is not taken for sound`() throws {
    let folder = TemporaryFolder()
    _ = try Self.journal(folder)
    let path = "\(folder.journal)/JOURNAL"
    let whole = try bytes(path)
    for bit in 0..<whole.count * 8 {
      var copy = whole
      copy[bit / 8] ^= 1 << UInt8(bit % 8)
      try write(copy, path)
      #expect(throws: JournalError.self, "bit \(bit)") { try Self.start(folder) }
    }
    for length in 0..<whole.count {
      try write(Array(whole[..<length]), path)
      #expect(throws: JournalError.self, "cut at \(length)") { try Self.start(folder) }
    }
  }
}
