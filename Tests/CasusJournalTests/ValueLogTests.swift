import CasusEvents
import Foundation
import SeededRandom
import TestSupport
import Testing

@testable import CasusJournal

struct ValueLogTests {
  typealias Values = [ValueKey: [UInt8]]

  static func open(
    _ folder: TemporaryFolder, slack: UInt64 = 1 << 20, faults: DiskFaults? = nil
  ) throws -> ValueLog {
    // The journal holds its lock only while the log is opened.
    let journal = try FileJournal.open(folder.path, options: options())
    defer { journal.release() }
    return try ValueLog(in: journal, name: "schemas.log", sync: .none, slack: slack, faults: faults)
  }

  /// What the journal knows of itself, but for how long its logs are: what is behind a test's cut is for the log alone to judge.
  static func cardWithoutMarks(_ folder: TemporaryFolder) throws -> [UInt8] {
    var card = try CardFile.read(in: folder.path)
    card.marks = [:]
    return card.text
  }

  static func values(_ log: ValueLog) throws -> Values {
    var values: Values = [:]
    try log.readAll { key, value in values[key] = [UInt8](value) }
    return values
  }

  static func key(_ number: Int) -> ValueKey {
    ValueKey(kind: UInt8(number % 3), name: "xx.exercise/p\(number % 4)#main", number: UInt64(number / 12))
  }

  /// Some values set, some removed, some removed that are not there.
  static func changes(_ random: inout some RandomNumberGenerator, _ values: inout Values) -> [ValueLog.Change] {
    (0..<Int.random(in: 1...6, using: &random)).map { _ in
      let key = key(Int.random(in: 0..<60, using: &random))
      let length = Int.random(in: 0..<60, using: &random)
      let value =
        Bool.random(using: &random) ? (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) } : nil
      values[key] = value
      return .init(key, value)
    }
  }

  @Test(arguments: 0..<20)
  func `random changes are read back also after the file was written anew`(seed: Int) throws {
    let folder = TemporaryFolder()
    var random = SeededGenerator(seed: UInt64(seed))
    var values: Values = [:]
    var log = try Self.open(folder, slack: 500)
    for round in 0..<120 {
      try log.write(Self.changes(&random, &values))
      if round % 10 == 0 { log = try Self.open(folder, slack: 500) }
      #expect(try Self.values(log) == values)
      #expect(log.count == values.count)
    }
    #expect(try bytes("\(folder.path)/schemas.log").count < 10_000, "it was never written anew")
    #expect(FileManager.default.fileExists(atPath: "\(folder.path)/schemas.log.before"))
  }

  @Test(arguments: 0..<5)
  func `cut at any byte it holds what some write before had synced`(seed: Int) throws {
    let folder = TemporaryFolder()
    let path = "\(folder.path)/schemas.log"
    var random = SeededGenerator(seed: UInt64(seed))
    var values: Values = [:]
    let log = try Self.open(folder)
    var states = [(end: try bytes(path).count, values: values)]
    for _ in 0..<12 {
      try log.write(Self.changes(&random, &values))
      states.append((try bytes(path).count, values))
    }
    let whole = try bytes(path)
    let card = try Self.cardWithoutMarks(folder)
    // Each byte with one of the seeds.
    for cut in stride(from: states[0].end + seed, through: whole.count, by: 5) {
      try write(Array(whole[..<cut]), path)
      try write(card, "\(folder.path)/JOURNAL")
      let expected = try #require(states.last { $0.end <= cut })
      let again = try Self.open(folder)
      #expect(try Self.values(again) == expected.values, "cut at byte \(cut)")
      #expect((again.recovery == nil) == (expected.end == cut))
      // It goes on as if the cut write had never been.
      try again.write([.init(Self.key(1), [9])])
      #expect(try Self.values(Self.open(folder))[Self.key(1)] == [9])
    }
  }

  @Test func `sectors that never reached the disk are cut off`() throws {
    let folder = TemporaryFolder()
    let path = "\(folder.path)/schemas.log"
    let log = try Self.open(folder)
    try log.write([.init(Self.key(1), [1])])
    let synced = try bytes(path).count
    try log.write([.init(Self.key(1), [UInt8](repeating: 7, count: 3000))])
    var torn = try bytes(path)
    for place in 1024..<1536 { torn[place] = 0 }
    try write(torn, path)
    try write(try Self.cardWithoutMarks(folder), "\(folder.path)/JOURNAL")
    let again = try Self.open(folder)
    #expect(try Self.values(again) == [Self.key(1): [1]])
    #expect(try bytes(path).count == synced)
  }

  @Test func `a flipped bit is refused with its place and repair keeps what stands before`() throws {
    let folder = TemporaryFolder()
    let path = "\(folder.path)/schemas.log"
    var values: Values = [:]
    var random = SeededGenerator(seed: 1)
    let log = try Self.open(folder)
    var states = [(end: try bytes(path).count, values: values)]
    for _ in 0..<3 {
      try log.write(Self.changes(&random, &values))
      states.append((try bytes(path).count, values))
    }
    let whole = try bytes(path)
    let card = try Self.cardWithoutMarks(folder)
    // A number without a factor in common with eight: every byte, and its bits in turn.
    for bit in stride(from: 0, to: whole.count * 8, by: 7) {
      var copy = whole
      copy[bit / 8] ^= 1 << UInt8(bit % 8)
      try write(copy, path)
      try write(card, "\(folder.path)/JOURNAL")
      do {
        _ = try Self.open(folder)
        Issue.record("bit \(bit) passed")
      } catch {
        let error = try #require(error as? JournalError)
        #expect(error.code == .damaged || error.code == .unsupported, "bit \(bit)")
      }
      guard bit % 8 == 0 || bit % 8 == 7 else { continue }
      #expect(try !verifyJournal(folder.path).isSound)
      let report = try repairJournal(folder.path)
      #expect(report.logs.count == 1 && !report.isLossless, "bit \(bit)")
      // A damaged head hides nothing that stands behind it.
      let expected = bit / 8 < states[0].end ? values : states.last { $0.end <= bit / 8 }?.values
      #expect(try Self.values(Self.open(folder)) == expected, "bit \(bit)")
      #expect(try verifyJournal(folder.path).isSound)
      #expect(try bytes("\(folder.path)/\(report.logs[0].keptAs)") == copy)
    }
  }

  @Test func `damage in what was written as a whole is never taken for an unfinished end`() throws {
    let folder = TemporaryFolder()
    let path = "\(folder.path)/schemas.log"
    let log = try Self.open(folder, slack: 0)
    for round in UInt8(0)..<4 { try log.write([.init(Self.key(1), [UInt8](repeating: round, count: 50))]) }
    let whole = try bytes(path)
    // The last write made the file anew: nothing stands behind its base.
    for cut in 0..<whole.count {
      try write(Array(whole[..<cut]), path)
      #expect(throws: JournalError.self) { try Self.open(folder) }
    }
  }

  @Test func `a full disk keeps what was and takes the same when there is room`() throws {
    for n in 0..<40 {
      let folder = TemporaryFolder()
      let faults = DiskFaultTests.faults(after: n, ENOSPC, only: .write, forGood: false)
      guard let log = try? Self.open(folder, slack: 100, faults: faults) else { continue }
      var values: Values = [:]
      for round in UInt8(0)..<30 {
        let change = ValueLog.Change(Self.key(Int(round % 3)), [UInt8](repeating: round, count: 40))
        do {
          try log.write([change])
        } catch {
          #expect(error.code == .diskFull)
          #expect(try Self.values(Self.open(folder)) == values)
          try log.write([change])
        }
        values[change.key] = change.value
        #expect(try Self.values(log) == values)
      }
      #expect(try Self.values(Self.open(folder)) == values)
    }
  }

  @Test func `a failed sync stops the log`() throws {
    let folder = TemporaryFolder()
    let faults = DiskFaults { operation in operation == .sync ? EIO : nil }
    _ = try Self.open(folder)
    let journal = try FileJournal.open(folder.path, options: options())
    let log = try ValueLog(in: journal, name: "schemas.log", sync: .disk, slack: 1000, faults: faults)
    for _ in 0..<2 {
      do {
        try log.write([.init(Self.key(1), [1])])
        Issue.record("a write counts that the disk did not confirm")
      } catch { #expect(error.code == .failed) }
    }
  }

  @Test func `half a new file beside it means nothing`() throws {
    let folder = TemporaryFolder()
    try Self.open(folder).write([.init(Self.key(1), [1])])
    try write([1, 2, 3], "\(folder.path)/schemas.log.new")
    #expect(try Self.values(Self.open(folder)) == [Self.key(1): [1]])
    #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/schemas.log.new"))
  }
}
