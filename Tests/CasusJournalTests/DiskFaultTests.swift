import CasusEvents
import Foundation
import MCAP
import Synchronization
import TestSupport
import Testing

@testable import CasusJournal

/// Fails the Nth operation of the disk, for every N until a run goes through.
@Suite("When the disk fails")
struct DiskFaultTests {
  /// Lets `n` operations through, then fails with `number`: once, or for good.
  static func faults(after n: Int, _ number: Int32, only: DiskFaults.Operation? = nil, forGood: Bool) -> DiskFaults {
    let count = Counter()
    return DiskFaults { operation in
      if let only, operation != only { return nil }
      let place = count.next()
      return place == n || (forGood && place > n) ? number : nil
    }
  }

  final class Counter: Sendable {
    private let value = Atomic<Int>(0)
    func next() -> Int { value.wrappingAdd(1, ordering: .relaxed).oldValue }
  }

  /// Commits until it is done or the disk fails, and reopens. Returns what was acknowledged and the errors.
  static func run(_ faults: DiskFaults, retries: Bool) throws -> (acknowledged: UInt64, errors: [JournalError]) {
    let folder = TemporaryFolder()
    var options = options {
      $0.sync = .disk
      $0.segmentBytes = 1500
    }
    options.faults = faults
    var acknowledged: UInt64 = 0
    var errors: [JournalError] = []
    do {
      let journal = try FileJournal.open(folder.journal, options: options)
      let batch = journal.makeBatch()
      while journal.lastSequence < 24, errors.count < 10 {
        if batch.isEmpty { try Exercise.append(3, to: batch, journal) }
        do throws(JournalError) {
          acknowledged = try journal.commit(batch).lastSequence
        } catch {
          errors.append(error)
          #expect(journal.hasFailed == (error.code == .failed))
          if !retries { break }
        }
        #expect(try Exercise.read(journal).count == Int(acknowledged))
      }
    }
    options.faults = nil
    let journal = try FileJournal.open(folder.journal, options: options)
    #expect(try Exercise.read(journal) == Array(1...max(journal.lastSequence, 1)).filter { $0 <= journal.lastSequence })
    #expect(journal.lastSequence >= acknowledged)
    // Nothing but the one batch that was under way can be there beyond what was acknowledged.
    #expect(journal.lastSequence <= acknowledged + 3)
    return (acknowledged, errors)
  }

  @Test
  func `a failed sync stops the journal for good; nothing before it is lost`() throws {
    var runs = 0
    for n in 0..<100 {
      let (acknowledged, errors) = try Self.run(Self.faults(after: n, EIO, only: .sync, forGood: false), retries: true)
      guard let first = errors.first else { break }
      #expect(first.code == .failed && !first.isRetriable)
      #expect(errors.allSatisfy { $0.code == .failed })
      #expect(acknowledged < 24)
      runs += 1
    }
    #expect(runs > 10 && runs < 100)
  }

  @Test
  func `a failed write stops the journal for good`() throws {
    var runs = 0
    for n in 0..<100 {
      let (acknowledged, errors) = try Self.run(Self.faults(after: n, EIO, only: .write, forGood: true), retries: false)
      guard let first = errors.first else { break }
      #expect(first.code == .failed || first.code == .io)
      #expect(acknowledged < 24)
      runs += 1
    }
    #expect(runs > 10 && runs < 100)
  }

  @Test(
    arguments: zip(
      [ENOSPC, EDQUOT, EROFS, EMFILE], [.diskFull, .diskFull, .readOnly, .tooManyFiles] as [JournalError.Code]))
  func
    `a disk that is full or refuses for a while refuses the batch and takes it later`(
      number: Int32, code: JournalError.Code
    ) throws
  {
    var runs = 0
    for n in 0..<100 {
      let (acknowledged, errors) = try Self.run(
        Self.faults(after: n, number, only: .write, forGood: false), retries: true)
      #expect(acknowledged == 24)
      if errors.isEmpty { break }
      #expect(errors.count == 1 && errors[0].code == code && errors[0].isRetriable)
      runs += 1
    }
    #expect(runs > 10 && runs < 100)
  }

  @Test
  func `what a full disk took of a large batch is taken back for what fits`() throws {
    for n in 0..<30 {
      let folder = TemporaryFolder()
      var options = options { $0.compression = .none }
      options.faults = Self.faults(after: n, ENOSPC, only: .write, forGood: false)
      guard let journal = try? FileJournal.open(folder.journal, options: options) else { continue }
      let batch = journal.makeBatch()
      for count in [1, 400, 1] {
        try Exercise.append(count, to: batch, journal)
        do throws(JournalError) { _ = try journal.commit(batch) } catch {
          #expect(error.code == .diskFull)
          batch.removeAll()
        }
      }
      let isClosed = (try? journal.close()) != nil
      let check = try verifyJournal(folder.journal)
      #expect(check.isSound, "write \(n): \(check.problems)")
      #expect(!isClosed || check.segments.allSatisfy(\.isClosed), "write \(n): the segment's end is not at the end")
    }
  }

  @Test
  func `a disk that stays full is refused each time, and a write that cannot be taken back stops the journal`() throws {
    for n in 0..<10 {
      let (_, errors) = try Self.run(Self.faults(after: n, ENOSPC, only: .write, forGood: true), retries: true)
      #expect(errors.count == 10 && errors.allSatisfy { $0.code == .diskFull })
    }
    // Neither the write nor the cut works.
    let faults = DiskFaults { operation in operation == .sync ? nil : ENOSPC }
    let folder = TemporaryFolder()
    _ = try RecoveryTests.killed(folder, commits: 1, of: 1, options())
    var options = options()
    let journal = try FileJournal.open(folder.journal, options: options)
    try journal.close()
    _ = journal
    options.faults = faults
    #expect(throws: JournalError.self) {
      try Exercise.fill(try FileJournal.open(folder.journal, options: options), commits: 1, of: 1)
    }
  }
}
