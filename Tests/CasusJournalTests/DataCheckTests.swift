import CasusEvents
import Foundation
import TestSupport
import Testing

@testable import CasusJournal

/// A start by the summaries, and the rest afterwards.
struct DataCheckTests {
  static func filled(_ folder: TemporaryFolder) throws -> [String] {
    let journal = try FileJournal.open(folder.journal, options: options { $0.segmentBytes = 3000 })
    try Exercise.fill(journal, commits: 50, of: 4)
    try journal.close()
    return try segments(folder.journal)
  }

  static func quick(_ folder: TemporaryFolder) throws -> FileJournal {
    try FileJournal.open(folder.journal, options: options { $0.check = .summaries })
  }

  static func run(_ check: DataCheck) -> (read: UInt64, damage: [JournalError]) {
    var read: UInt64 = 0
    var damage: [JournalError] = []
    while true {
      switch check.step() {
      case .read(let count): read += UInt64(count)
      case .damaged(let error): damage.append(error)
      case .done: return (read, damage)
      }
    }
  }

  @Test func `every flipped byte that a quick start does not see is found afterwards with its place`() throws {
    let folder = TemporaryFolder()
    let files = try Self.filled(folder)
    let path = files[1]
    let whole = try bytes(path)
    let last = try #require(segments(folder.journal).last)
    var unseen = 0
    for place in stride(from: 0, to: whole.count, by: 7) {
      var copy = whole
      copy[place] ^= 0x10
      try write(copy, path)
      guard let journal = try? Self.quick(folder) else { continue }
      unseen += 1
      let check = DataCheck(journal)
      #expect(check.segmentCount == files.count - 1)
      let (_, damage) = Self.run(check)
      #expect(damage.count == 1 && damage.first?.code == .damaged && damage.first?.file == path, "byte \(place)")
    }
    #expect(unseen > 100 && last != path)
    try write(whole, path)
    let (read, damage) = Self.run(DataCheck(try Self.quick(folder)))
    #expect(damage.isEmpty && read > 0)
  }

  @Test func `nothing is left after a start that read everything`() throws {
    let folder = TemporaryFolder()
    _ = try Self.filled(folder)
    let check = DataCheck(try FileJournal.open(folder.journal, options: options()))
    #expect(check.segmentCount == 0 && check.bytes == 0)
    guard case .done = check.step() else {
      Issue.record("there was something to be read")
      return
    }
  }

  @Test func `what retention took meanwhile is passed over`() throws {
    let folder = TemporaryFolder()
    _ = try Self.filled(folder)
    let journal = try Self.quick(folder)
    let check = DataCheck(journal)
    _ = try journal.prune(Retention(maxBytes: 0))
    #expect(Self.run(check).damage.isEmpty)
  }

  @Test func `the summaries count what each sender brought`() throws {
    let folder = TemporaryFolder()
    _ = try Self.filled(folder)
    let journal = try Self.quick(folder)
    let count = try journal.countClosed()
    var expected: [UInt16: UInt64] = [:]
    let reader = try journal.reader(from: 1)
    while let batch = try reader.next() {
      for record in batch where record.sequence <= count.through { expected[record.sender, default: 0] += 1 }
    }
    #expect(count.bySender == expected && count.lost == 0 && count.through > 100)
  }
}
