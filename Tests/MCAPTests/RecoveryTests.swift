import MCAP
import Testing

@Suite("Recovering a file")
struct RecoveryTests {
  @Test("that was closed loses nothing")
  func whole() throws {
    let (bytes, written) = try sample()
    let out = MemoryFile()
    let report = try recoverMCAP(from: MemoryFile(bytes), to: out)
    #expect(report.isLossless)
    #expect(report.messages == 40 && report.attachments == 1 && report.metadata == 1)
    #expect(messages(of: out.bytes) == written)
  }

  @Test("that was cut at any byte keeps every whole chunk before it")
  func cut() throws {
    let (bytes, written) = try sample()
    var most = 0
    // From the end of the header on: before it there is nothing to recover.
    for length in 30..<bytes.count {
      let part = Array(bytes[..<length])
      let out = MemoryFile()
      let report = try recoverMCAP(from: MemoryFile(part), to: out)
      let found = messages(of: out.bytes)
      #expect(found == Array(written.prefix(found.count)), "cut at \(length)")
      #expect(found.count >= most, "cut at \(length)")
      #expect(report.messages == UInt64(found.count))
      most = found.count
      #expect(try records(of: out.bytes).count > 2)
    }
    #expect(most == 40)
  }

  @Test("with a damaged chunk keeps all others and says what it left out")
  func damagedChunk() throws {
    let (bytes, written) = try sample { $0.compression = .none }
    let index = try MCAPIndexedReader(MemoryFile(bytes)).chunkIndexes[2]
    var copy = bytes
    copy[Int(index.offset + index.length) - 5] ^= 4
    let out = MemoryFile()
    let report = try recoverMCAP(from: MemoryFile(copy), to: out)
    #expect(!report.isLossless && report.discardedRecords == 1 && report.stopped == nil)
    let found = messages(of: out.bytes)
    #expect(found.count < 40 && found.count > 30)
    #expect(Set(found).isSubset(of: Set(written)))
  }

  @Test("that was not closed but is whole otherwise is lossless")
  func unclosed() throws {
    let (bytes, written) = try sample()
    // Everything up to the DataEnd record, which is 13 bytes before the summary.
    let footer = try MCAPIndexedReader(MemoryFile(bytes)).footer
    let part = Array(bytes[..<Int(footer.summaryStart - 13)])
    let report = try recoverMCAP(from: MemoryFile(part), to: MemoryFile())
    #expect(report.isLossless && report.messages == UInt64(written.count))
  }
}
