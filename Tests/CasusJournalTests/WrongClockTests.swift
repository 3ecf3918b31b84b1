import CasusEvents
import TestSupport
import Testing

@testable import CasusJournal

/// A journal in which a wrong clock has left times in the future.
struct WrongClockTests {
  static let hour: Int64 = 3_600_000_000_000
  static let years: Int64 = 87_600 * hour

  static func time(_ hours: Int64) -> Timestamp { Timestamp(nanoseconds: (100_000 + hours) * hour) }

  /// One event a commit at each of these hours, a few in a segment.
  static func append(_ hours: some Sequence<Int64>, to journal: FileJournal) throws {
    let batch = journal.makeBatch()
    let edition = journal.edition(of: try journal.type(.effect), schema: Exercise.schema(.effect))
    let sender = try journal.sender("xx.exercise/a")
    for hour in hours {
      let sequence = journal.lastSequence + 1
      try Exercise.event(sequence).withUnsafeBytes {
        try batch.append(
          sequence: sequence, recorded: time(hour), sender: sender, edition: edition, flags: .exercise, published: nil,
          event: $0)
      }
      _ = try journal.commit(batch)
    }
  }

  static func journal(_ folder: TemporaryFolder, segmentBytes: UInt64 = 1) throws -> FileJournal {
    try FileJournal.open(folder.journal, options: options { $0.segmentBytes = segmentBytes })
  }

  static let future = years / hour

  @Test func `what was recorded in the future is as old as what follows it`() throws {
    let folder = TemporaryFolder()
    let journal = try Self.journal(folder)
    try Self.append(0..<10, to: journal)
    try Self.append(Self.future..<Self.future + 5, to: journal)
    try Self.append(10..<41, to: journal)
    let report = try journal.prune(Retention(maxAge: .seconds(20 * 3600), now: Self.time(40)))
    #expect(!report.isAgeUncertain)
    // Sequences 1 to 10 are hours 0 to 9, 11 to 15 the future, 16 is hour 10, 26 is hour 20.
    #expect(report.firstSequence == 26)
  }

  @Test func `a clock that is years ahead removes nothing for its age also after a restart`() throws {
    let folder = TemporaryFolder()
    var journal = try Self.journal(folder)
    try Self.append(0..<10, to: journal)
    let day = Duration.seconds(24 * 3600)
    for hours in Int64(0)..<6 {
      let report = try journal.prune(Retention(maxAge: day, now: Self.time(Self.future + hours)))
      #expect(report.isAgeUncertain && report.removed.isEmpty, "after \(hours) hours")
      try Self.append([Self.future + hours], to: journal)
      try journal.close()
      journal = try Self.journal(folder)
    }
    #expect(journal.firstSequence == 1)
    // The clock comes back: nothing is old, and the stretch in the future holds nothing up.
    try Self.append(16..<20, to: journal)
    let report = try journal.prune(Retention(maxAge: day, now: Self.time(19)))
    #expect(!report.isAgeUncertain && report.removed.isEmpty)
  }

  @Test func `after a long pause age counts again when the journal has gone on`() throws {
    let folder = TemporaryFolder()
    let journal = try Self.journal(folder)
    try Self.append(0..<10, to: journal)
    try Self.append(500..<513, to: journal)
    let day = Duration.seconds(24 * 3600)
    #expect(try journal.prune(Retention(maxAge: day, now: Self.time(505))).isAgeUncertain)
    let report = try journal.prune(Retention(maxAge: day, now: Self.time(512)))
    #expect(!report.isAgeUncertain && report.firstSequence == 11)
  }

  @Test func `where nothing is old nobody is told that the clock is in doubt`() throws {
    let folder = TemporaryFolder()
    let journal = try Self.journal(folder)
    try Self.append(0..<10, to: journal)
    // Nothing was recorded for more than half of the age.
    let quiet = try journal.prune(Retention(maxAge: .seconds(24 * 3600), now: Self.time(23)))
    #expect(!quiet.isAgeUncertain && quiet.removed.isEmpty)
    #expect(try journal.prune(Retention(maxAge: .seconds(24 * 3600), now: Self.time(25))).isAgeUncertain)
  }

  /// As the last segment is continued by a broker that starts with a wrong clock, the leap is inside.
  @Test func `a leap inside one segment is seen as well`() throws {
    let folder = TemporaryFolder()
    let journal = try Self.journal(folder)
    try Self.append(0..<10, to: journal)
    try journal.close()
    let again = try Self.journal(folder, segmentBytes: 1 << 20)
    try Self.append(Self.future..<Self.future + 2, to: again)
    let report = try again.prune(Retention(maxAge: .seconds(24 * 3600), now: Self.time(Self.future + 2)))
    #expect(report.isAgeUncertain && report.removed.isEmpty)
  }

  @Test(arguments: [1, 1 << 20] as [UInt64])
  func `seeking by time goes over a stretch in the future`(segmentBytes: UInt64) throws {
    let folder = TemporaryFolder()
    let journal = try Self.journal(folder, segmentBytes: segmentBytes)
    try Self.append(0..<10, to: journal)
    try Self.append(Self.future..<Self.future + 5, to: journal)
    try Self.append(10..<20, to: journal)
    #expect(try journal.sequence(at: Self.time(3)) == 4)
    // What stands in the future was recorded before hour 10.
    #expect(try journal.sequence(at: Self.time(10)) == 11)
    #expect(try journal.sequence(at: Self.time(13)) == 19)
    #expect(try journal.sequence(at: Self.time(20)) == 26)
    try journal.close()
    #expect(try verifyJournal(folder.journal, envelopes: false).isSound)
    #expect(try FileJournal.open(folder.journal, options: options()).sequence(at: Self.time(13)) == 19)
  }
  /// A segment whose end is in the future ends, for seeking, where the next one begins.
  @Test func `a time between such a segment and the next is the next ones beginning`() throws {
    let folder = TemporaryFolder()
    let journal = try Self.journal(folder, segmentBytes: 1 << 20)
    try Self.append(0..<10, to: journal)
    try Self.append(Self.future..<Self.future + 5, to: journal)
    try Self.append(10..<15, to: journal)
    try journal.close()
    let again = try Self.journal(folder)
    try Self.append(20..<25, to: again)
    #expect(again.segmentCount > 1)
    #expect(try again.sequence(at: Self.time(14)) == 20)
    #expect(try again.sequence(at: Self.time(17)) == 21)
    #expect(try again.sequence(at: Self.time(22)) == 23)
  }
}
