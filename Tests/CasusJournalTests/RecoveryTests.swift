import CasusEvents
import Foundation
import MCAP
import TestSupport
import Testing

@testable import CasusJournal

@Suite("After a crash a journal")
struct RecoveryTests {
  /// A journal of one segment as a killed broker leaves it, and the sizes that it had after each commit.
  static func killed(_ folder: TemporaryFolder, commits: Int, of size: Int, _ options: JournalOptions) throws -> [Int] {
    let journal = try FileJournal.open(folder.journal, options: options)
    var sizes: [Int] = []
    for _ in 0..<commits {
      try Exercise.fill(journal, commits: 1, of: size)
      sizes.append(try bytes(try segments(folder.journal)[0]).count)
    }
    return sizes
  }

  @Test(arguments: [Compression.none, .lz4])
  func `that ends at any byte of its last three commits has all before, and goes on`(compression: Compression) throws {
    let options = options { $0.compression = compression }
    let folder = TemporaryFolder()
    let sizes = try Self.killed(folder, commits: 5, of: 2, options)
    let path = try segments(folder.journal)[0]
    let whole = try bytes(path)
    let card = try bytes("\(folder.journal)/JOURNAL")
    for length in sizes[1]...whole.count {
      try write(Array(whole[..<length]), path)
      try write(card, "\(folder.journal)/JOURNAL")
      let journal = try FileJournal.open(folder.journal, options: options)
      // A commit whose chunk is whole counts; its message indexes are made anew.
      let commits = sizes.filter { $0 <= length }.count
      #expect((UInt64(commits * 2)...UInt64(commits * 2 + 2)).contains(journal.lastSequence), "cut at \(length)")
      let isWhole = sizes.contains(length)
      #expect(journal.recovery.cuts.isEmpty == isWhole || !journal.recovery.notes.isEmpty, "cut at \(length)")
      let last = journal.lastSequence
      try Exercise.fill(journal, commits: 1, of: 1)
      #expect(try Exercise.read(journal) == Array(1...last + 1), "cut at \(length)")
      try journal.close()
      #expect(try verifyJournal(folder.journal).problems == [], "cut at \(length)")
    }
  }

  @Test
  func `whose unfinished tail is longer than what comes after it has nothing of it left`() throws {
    let options = options { $0.compression = .none }
    let folder = TemporaryFolder()
    let sizes = try Self.killed(folder, commits: 2, of: 200, options)
    let path = try segments(folder.journal)[0]
    let whole = try bytes(path)
    for part in [4, 3, 2] {
      let length = sizes[0] + (sizes[1] - sizes[0]) / part
      try write(Array(whole[..<length]), path)
      do {
        let journal = try FileJournal.open(folder.journal, options: options)
        #expect(journal.lastSequence == 200)
        try Exercise.fill(journal, commits: 1, of: 1)
        #expect(try bytes(path).count < length, "nothing was cut off")
      }
      // Killed again right after a small commit.
      let journal = try FileJournal.open(folder.journal, options: options)
      #expect(journal.recovery.cuts.isEmpty && journal.lastSequence == 201, "\(journal.recovery)")
      #expect(try Exercise.read(journal) == Array(1...201))
    }
  }

  /// Two bits of each byte, or with CASUS_EVERY_BIT set all of them, which takes minutes.
  static let bits = ProcessInfo.processInfo.environment["CASUS_EVERY_BIT"] == nil ? [0, 4] : Array(0..<8)

  @Test(arguments: [Compression.none, .lz4], [true, false])
  func `never loses an event in silence, whichever bit of it flips`(compression: Compression, closed: Bool) throws {
    let options = options { $0.compression = compression }
    let folder = TemporaryFolder()
    _ = try Self.killed(folder, commits: 2, of: 1, options)
    if closed { try FileJournal.open(folder.journal, options: options).closeAfterContinuing() }
    let count = closed ? 3 : 2
    let path = try segments(folder.journal)[0]
    let whole = try bytes(path)
    // What stands behind the last commit can be made anew from the commits, so it is, and the report says so.
    let end = try SegmentScan.read(PosixFile(path, O_RDONLY)).end
    let behind = closed ? Int(end) : Int(end) - 31
    var refused = 0
    for place in whole.indices {
      for bit in Self.bits.map({ ($0 + place) % 8 }) {
        var copy = whole
        copy[place] ^= 1 << UInt8(bit)
        try write(copy, path)
        do {
          let journal = try FileJournal.open(folder.journal, options: options)
          #expect(place >= behind, "bit \(bit) of byte \(place)")
          #expect(journal.lastSequence == UInt64(count) && journal.recovery.cuts.count == 1, "bit \(bit) of \(place)")
          #expect(try Exercise.read(journal).count == count)
        } catch {
          #expect((error as? JournalError)?.code == .damaged || (error as? JournalError)?.code == .unsupported)
          refused += 1
        }
      }
    }
    #expect(refused >= behind * Self.bits.count)
  }

  @Test
  func `with sectors of its last commit that never reached the disk cuts that commit off`() throws {
    let folder = TemporaryFolder()
    let options = options { $0.compression = .none }
    let sizes = try Self.killed(folder, commits: 3, of: 20, options)
    let path = try segments(folder.journal)[0]
    let whole = try bytes(path)
    for sector in sizes[1] / 512 + 1..<whole.count / 512 {
      var copy = whole
      for place in sector * 512..<(sector + 1) * 512 { copy[place] = 0 }
      try write(copy, path)
      let journal = try FileJournal.open(folder.journal, options: options)
      #expect(journal.lastSequence == 40 || journal.lastSequence == 60)
      #expect(!journal.recovery.cuts.isEmpty)
    }
    // The same in the commit before it is damage.
    var copy = whole
    let sector = sizes[0] / 512 + 1
    for place in sector * 512..<(sector + 1) * 512 { copy[place] = 0 }
    try write(copy, path)
    #expect(throws: JournalError.self) { try FileJournal.open(folder.journal, options: options) }
  }

  @Test
  func `with a torn chunk whose size would not fit into 64 bits refuses it as damage, and does not trap`() throws {
    let folder = TemporaryFolder()
    let options = options { $0.compression = .none }
    _ = try Self.killed(folder, commits: 2, of: 1, options)
    let path = try segments(folder.journal)[0]
    var tail: [UInt8] = [0x06, 0x00, 0x01, 0, 0, 0, 0, 0, 0]  // a chunk of 256 bytes
    tail += [UInt8](repeating: 1, count: 28) + [0, 0, 0, 0]  // times, sizes, no compression
    tail += [UInt8](repeating: 0xff, count: 8)  // the size of its records
    try write(bytes(path) + tail, path)
    #expect(throws: JournalError.self) { try FileJournal.open(folder.journal, options: options) }
  }

  @Test
  func `with a file that the system made longer and never filled cuts the zeros off`() throws {
    let folder = TemporaryFolder()
    _ = try Self.killed(folder, commits: 3, of: 2, options())
    let path = try segments(folder.journal)[0]
    for zeros in [1, 8, 9, 100, 5000] {
      let whole = try bytes(path)
      try write(whole + [UInt8](repeating: 0, count: zeros), path)
      let journal = try FileJournal.open(folder.journal, options: options())
      #expect(journal.lastSequence == 6)
      #expect(journal.recovery.cuts.first?.bytes == UInt64(zeros))
    }
  }

  @Test
  func `names file, place and the command that repairs when damage is no unfinished write`() throws {
    let folder = TemporaryFolder()
    let sizes = try Self.killed(folder, commits: 3, of: 2, options { $0.compression = .none })
    let path = try segments(folder.journal)[0]
    var copy = try bytes(path)
    copy[sizes[0] + 200] ^= 1
    try write(copy, path)
    do {
      _ = try FileJournal.open(folder.journal, options: options())
      Issue.record("the journal opened")
    } catch {
      #expect(error.code == .damaged && !error.isRetriable)
      #expect(error.file == path && error.offset == UInt64(sizes[0]))
      #expect(error.message.contains("casus journal repair \(folder.journal)"))
    }
  }

  @Test
  func `with a damaged segment before the last refuses, unless told to look at summaries only`() throws {
    let folder = TemporaryFolder()
    let options = options { $0.segmentBytes = 2000 }
    let journal = try FileJournal.open(folder.journal, options: options)
    try Exercise.fill(journal, commits: 30, of: 4)
    try journal.close()
    let path = try segments(folder.journal)[1]
    var copy = try bytes(path)
    copy[600] ^= 1
    try write(copy, path)
    #expect(throws: JournalError.self) { try FileJournal.open(folder.journal, options: options) }
    var quick = options
    quick.check = .summaries
    let reopened = try FileJournal.open(folder.journal, options: quick)
    #expect(reopened.lastSequence == 120)
    // The damage shows when it is read.
    #expect(throws: JournalError.self) { try Exercise.read(reopened) }
  }

  @Test
  func `with a missing segment or one under a wrong name refuses`() throws {
    let folder = TemporaryFolder()
    let options = options { $0.segmentBytes = 2000 }
    let journal = try FileJournal.open(folder.journal, options: options)
    try Exercise.fill(journal, commits: 30, of: 4)
    try journal.close()
    let paths = try segments(folder.journal)
    let kept = try bytes(paths[1])
    try FileManager.default.removeItem(atPath: paths[1])
    #expect(throws: JournalError.self) { try FileJournal.open(folder.journal, options: options) }
    try write(kept, "\(folder.journal)/00000000000000000002.mcap")
    #expect(throws: JournalError.self) { try FileJournal.open(folder.journal, options: options) }
  }

  @Test
  func `removes a segment that was never begun and says so`() throws {
    let folder = TemporaryFolder()
    _ = try Self.killed(folder, commits: 2, of: 2, options())
    try write([1, 2, 3], "\(folder.journal)/00000000000000000005.mcap.new")
    try write([], "\(folder.journal)/00000000000000000005.mcap")
    let journal = try FileJournal.open(folder.journal, options: options())
    #expect(journal.lastSequence == 4 && journal.recovery.notes.count == 2)
    try Exercise.fill(journal, commits: 1, of: 1)
    #expect(try Exercise.read(journal) == [1, 2, 3, 4, 5])
  }

  @Test
  func `is read by PyPI's mcap with its CRC checks on: closed, left open, and recovered`() throws {
    let folder = TemporaryFolder()
    let options = options { $0.segmentBytes = 3000 }
    try Exercise.fill(try FileJournal.open(folder.journal, options: options), commits: 30, of: 4)
    guard let open = try pythonReads(try segments(folder.journal)) else { return }
    #expect(open.compactMap { $0["messages"] as? Int }.reduce(0, +) == 120)
    #expect(open.dropLast().allSatisfy { $0["closed"] as? Bool == true })
    #expect(open.last?["closed"] as? Bool == false)

    // Cut in the middle of the last commit, recovered, continued, closed.
    let path = try #require(try segments(folder.journal).last)
    try write(Array(try bytes(path).dropLast(150)), path)
    let journal = try FileJournal.open(folder.journal, options: options)
    let last = journal.lastSequence
    #expect(last < 120 && !journal.recovery.cuts.isEmpty)
    try Exercise.fill(journal, commits: 2, of: 3)
    try journal.close()
    let closed = try #require(try pythonReads(try segments(folder.journal)))
    for key in ["messages", "indexed", "statistics"] {
      #expect(closed.compactMap { $0[key] as? Int }.reduce(0, +) == Int(last) + 6, "\(key)")
    }
    #expect(closed.allSatisfy { $0["closed"] as? Bool == true })
    let metadata = try #require(closed.first?["metadata"] as? [String: [String: String]])
    #expect(metadata["casus-segment"]?["first"] == "1" && metadata["casus-segment"]?["broker"] == "EXERCISE")
    let channels = try #require(closed.first?["channels"] as? [[Any]])
    let fields = try #require(channels.first?[3] as? [String: String])
    #expect(fields["sender"] == Exercise.sender(1) && fields["agency"] == "us.cisa")
    #expect(fields["schema-sha256"] == sha256Hex(Exercise.schema(Exercise.type(1))))
  }
}

extension FileJournal {
  /// Goes on in the last segment by one event and closes it.
  fileprivate func closeAfterContinuing() throws {
    try Exercise.fill(self, commits: 1, of: 1)
    try close()
  }
}
