import CasusEvents
import Foundation
import TestSupport
import Testing

@testable import CasusJournal

/// A file numbers its channels with 16 bits; a broker meets more combinations of schema, sender and marks in its life.
struct ChannelTests {
  /// Every combination of the marks that are kept.
  static let flags: [StampFlags] = [nil, TLP.clear, .green, .amber, .amberStrict, .red].flatMap { marking in
    [[], .exercise, .replayed, [.exercise, .replayed]].map { (flags: StampFlags) in
      var flags = flags
      flags.marking = marking
      return flags
    }
  }

  /// The event at `sequence`, each in a channel that no other has.
  static func append(_ sequence: UInt64, to batch: CommitBatch, _ journal: FileJournal) throws {
    let flags = flags[Int(sequence) % flags.count]
    let sender = try journal.sender(sender(sequence))
    let edition = journal.edition(of: try journal.type(.effect), schema: Exercise.schema(.effect))
    try Exercise.event(sequence).withUnsafeBytes { event in
      try batch.append(
        sequence: sequence, recorded: Exercise.recorded(sequence), sender: sender, edition: edition, flags: flags,
        published: nil, event: event)
    }
  }

  /// As a file with 16 bits does it, with less.
  static let few = options { $0.maxChannels = 300 }

  static func sender(_ sequence: UInt64) -> String { "xx.exercise/sensor-\(sequence / UInt64(flags.count))" }

  static func expectAllRead(_ journal: FileJournal, through last: UInt64) throws {
    let senders = journal.senderNames
    let reader = try journal.reader(from: 1)
    var next: UInt64 = 1
    while let batch = try reader.next() {
      for record in batch {
        #expect(record.sequence == next)
        #expect(senders[Int(record.sender)] == sender(next) && record.flags == flags[Int(next) % flags.count])
        next += 1
      }
    }
    #expect(next == last + 1)
  }

  @Test func `a file numbers as many channels as its format can`() {
    #expect(JournalOptions().maxChannels == 65_535)
  }

  @Test func `more channels than a file can number go to the next segment`() throws {
    let folder = TemporaryFolder()
    let journal = try FileJournal.open(folder.journal, options: Self.few)
    let last: UInt64 = 650
    let batch = journal.makeBatch()
    for sequence in 1...last {
      try Self.append(sequence, to: batch, journal)
      if batch.count == 10 { _ = try journal.commit(batch) }
    }
    #expect(journal.lastSequence == last && journal.segmentCount == 3)
    try Self.expectAllRead(journal, through: last)
    try journal.close()
    let check = try verifyJournal(folder.journal, envelopes: false)
    #expect(check.isSound && check.events == last, "\(check.problems)")
    let isClosed = check.segments.map(\.isClosed)
    #expect(isClosed == [true, true, true])
    try Self.expectAllRead(try FileJournal.open(folder.journal, options: Self.few), through: last)
  }

  @Test func `an event for which a batch has no channel left is refused alone and the next batch takes it`() throws {
    let folder = TemporaryFolder()
    let journal = try FileJournal.open(folder.journal, options: Self.few)
    // In the first segment already, so that the full batch does not fit into it.
    let batch = journal.makeBatch()
    try Exercise.append(1, to: batch, journal)
    _ = try journal.commit(batch)
    let last = UInt64(Self.few.maxChannels) + 1
    for sequence in 2...last { try Self.append(sequence, to: batch, journal) }
    for _ in 0..<2 {
      do {
        try Self.append(last + 1, to: batch, journal)
        Issue.record("a batch took more channels than a file has")
      } catch { #expect((error as? JournalError)?.code == .tooManyChannels) }
    }
    // One that it has a channel for is still taken.
    try Self.append(last + 1, as: 2, to: batch, journal)
    #expect(batch.count == Self.few.maxChannels + 1)
    _ = try journal.commit(batch)
    try Self.append(last + 2, to: batch, journal)
    _ = try journal.commit(batch)
    #expect(journal.segmentCount == 3 && journal.lastSequence == last + 2)
    #expect(try journal.reader(from: last + 2).next()?.stamp(at: 0).sender == Self.sender(last + 2))
    try journal.close()
    #expect(try verifyJournal(folder.journal, envelopes: false).isSound)
  }

  /// The event at `sequence` in the channel of another one.
  static func append(_ sequence: UInt64, as other: UInt64, to batch: CommitBatch, _ journal: FileJournal) throws {
    let edition = journal.edition(of: try journal.type(.effect), schema: Exercise.schema(.effect))
    let sender = try journal.sender(sender(other))
    try Exercise.event(other).withUnsafeBytes { event in
      try batch.append(
        sequence: sequence, recorded: Exercise.recorded(other), sender: sender, edition: edition,
        flags: flags[Int(other) % flags.count], published: nil, event: event)
    }
  }

  @Test func `a segment that is continued keeps its numbers and gives new ones`() throws {
    let folder = TemporaryFolder()
    for round in 0..<4 {
      let journal = try FileJournal.open(folder.journal, options: options())
      let batch = journal.makeBatch()
      for sequence in UInt64(round) * 50 + 1...UInt64(round) * 50 + 50 {
        try Self.append(sequence, to: batch, journal)
        if sequence % 10 == 0 { _ = try journal.commit(batch) }
      }
      try Self.expectAllRead(journal, through: UInt64(round) * 50 + 50)
      // Now and then it ends as if it was killed.
      if round % 2 == 0 { try journal.close() }
    }
    let check = try verifyJournal(folder.journal, envelopes: false)
    #expect(check.isSound && check.segments.count == 1, "\(check.problems)")
  }

  @Test func `what a full disk did not take is defined by the commit that follows`() throws {
    let folder = TemporaryFolder()
    var options = options()
    options.faults = DiskFaultTests.faults(after: 1, 28, only: .write, forGood: false)
    let journal = try FileJournal.open(folder.journal, options: options)
    let batch = journal.makeBatch()
    for sequence in UInt64(1)...40 { try Self.append(sequence, to: batch, journal) }
    #expect(throws: JournalError.self) { try journal.commit(batch) }
    _ = try journal.commit(batch)
    try Self.expectAllRead(journal, through: 40)
    try journal.close()
    #expect(try verifyJournal(folder.journal, envelopes: false).isSound)
  }

  @Test func `both sides number names alike after a restart`() throws {
    let folder = TemporaryFolder()
    let journal = try FileJournal.open(folder.journal, options: options { $0.segmentBytes = 2000 })
    try Exercise.fill(journal, commits: 20, of: 3)
    try journal.close()
    let again = try FileJournal.open(folder.journal, options: options())
    #expect(Set(again.senderNames) == Set(Exercise.senders) && again.senderNames.count == 3)
    #expect(Set(again.typeNames) == Set(Exercise.types) && again.typeNames.count == 2)
    #expect(try again.sender("xx.exercise/new") == 3)
    #expect(try again.sender(again.senderNames[1]) == 1)
    // Two spellings of one letter are two names.
    #expect(try again.sender("e\u{301}") == 4)
    #expect(try again.sender("\u{e9}") == 5)
  }
}
