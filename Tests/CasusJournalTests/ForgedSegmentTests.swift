import Foundation
import MCAP
import TestSupport
import Testing

@testable import CasusJournal

/// Files whose checksums are all right and which nobody wrote this way; found by fuzzing (Tests/Fuzz, target `segment`).
@Suite("A segment that is wrong with right checksums")
struct ForgedSegmentTests {
  private static func put(_ value: some FixedWidthInteger, at offset: Int, _ file: inout [UInt8]) {
    withUnsafeBytes(of: value.littleEndian) { file.replaceSubrange(offset..<offset + $0.count, with: $0) }
  }

  /// The places of a file's records of one kind.
  private static func records(_ opcode: Opcode, of file: [UInt8]) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var position = mcapMagic.count
    while position + recordHeaderSize <= file.count {
      let length = file[position + 1..<position + 9].reversed().reduce(0) { $0 << 8 | Int($1) }
      let end = position + recordHeaderSize + length
      if file[position] == opcode.rawValue { found.append(position..<end) }
      position = end
    }
    return found
  }

  /// The summary's CRC made right again.
  private static func sealSummary(of file: inout [UInt8]) throws {
    let footer = try #require(records(.footer, of: file).first)
    let start = try #require(records(.dataEnd, of: file).first).upperBound
    let crc = footer.lowerBound + recordHeaderSize + 16
    put(file[start..<crc].withUnsafeBytes { CRC32.of($0) }, at: crc, &file)
  }

  @Test(arguments: [0, 1 << 63, UInt64.max])
  func `whose first sequence is none is refused, and verification says so`(first: UInt64) throws {
    let folder = TemporaryFolder()
    let id = try FileJournal.make(folder.journal, sync: .none)
    try changeCard(folder.journal) { $0.state = .open }
    var head = RecordBuffer()
    _ = SegmentHead(first: first, broker: "", journal: id).append(to: &head)
    try write([UInt8](head.bytes), "\(folder.journal)/\(segmentName(first))")
    #expect(throws: JournalError.self) { try FileJournal.open(folder.journal, options: options()) }
    #expect(try !verifyJournal(folder.journal).isSound)
    // Not only for what the rest of the journal says: no head that claims it is one.
    let error = #expect(throws: MCAPError.self) { try SegmentHead.parse(head.bytes) }
    #expect(error?.description.contains("is no sequence that a segment begins with") == true)
  }

  @Test
  func `whose channel has another type's schema does not open, and opens once it is repaired`() throws {
    let folder = TemporaryFolder()
    let id = try FileJournal.make(folder.journal, sync: .none)
    try changeCard(folder.journal) { ($0.state, $0.reserved) = (.open, 1000) }
    let file = MemoryFile()
    var writing = MCAPWriterOptions()
    writing.compression = .none
    let writer = try MCAPWriter(file, options: writing)
    try writer.add(Schema(id: 1, name: "casus.other.v1", encoding: "jsonschema", data: Array("{}".utf8)))
    try writer.add(
      Channel(
        id: 1, schemaID: 1, topic: "casus.effect.v1", messageEncoding: "json",
        metadata: ["sender": "jp.nisc/a", "agency": "jp.nisc", "flags": ""]))
    try writer.write(
      Message(channelID: 1, sequence: 1, logTime: 5, publishTime: 5, data: Array(#"{"id":"a"}"#.utf8)))
    try writer.finish()
    let chunk = try #require(Self.records(.chunk, of: file.bytes).first)
    var head = RecordBuffer()
    _ = SegmentHead(first: 1, broker: "", journal: id).append(to: &head)
    try write([UInt8](head.bytes) + file.bytes[chunk], "\(folder.journal)/\(segmentName(1))")

    #expect(throws: JournalError.self) { try FileJournal.open(folder.journal, options: options()) }
    #expect(try repairJournal(folder.journal).events == 1)
    #expect(try FileJournal.open(folder.journal, options: options()).lastSequence == 1)
    #expect(try verifyJournal(folder.journal, envelopes: false).isSound)
  }

  @Test(arguments: [(0, 7), (16, UInt64.max), (16, 1 << 62)])
  func `whose summary is not that of its commits is sound only once it is repaired`(field: Int, value: UInt64) throws {
    let folder = TemporaryFolder()
    let journal = try FileJournal.open(folder.journal, options: options { $0.compression = .none })
    try Exercise.fill(journal, commits: 3, of: 2)
    try journal.close()
    let path = try #require(try segments(folder.journal).first)
    var file = try bytes(path)
    let index = try #require(Self.records(.chunkIndex, of: file).last)
    Self.put(value, at: index.lowerBound + recordHeaderSize + field, &file)
    try Self.sealSummary(of: &file)
    try write(file, path)

    #expect(try !verifyJournal(folder.journal).isSound)
    if let journal = try? FileJournal.open(folder.journal, options: options()) {
      // The commits are not read when it is opened: reading says what is wrong, or finds it all.
      let reader = try journal.reader(from: 1)
      do { while try reader.next() != nil {} } catch { #expect(error.code == .damaged) }
    }
    #expect(try repairJournal(folder.journal).isLossless)
    #expect(try verifyJournal(folder.journal).isSound)
    let again = try FileJournal.open(folder.journal, options: options())
    #expect(try Exercise.read(again) == Array(1...6))
  }

  @Test(arguments: [(0, 8), (22, 4), (48, 8)])
  func `whose statistics count what no commit holds goes on by its commits`(field: Int, width: Int) throws {
    let folder = TemporaryFolder()
    let journal = try FileJournal.open(folder.journal, options: options { $0.compression = .none })
    try Exercise.fill(journal, commits: 3, of: 2)
    try journal.close()
    let path = try #require(try segments(folder.journal).first)
    var file = try bytes(path)
    let place = try #require(Self.records(.statistics, of: file).first).lowerBound + recordHeaderSize + field
    if width == 8 { Self.put(UInt64.max, at: place, &file) } else { Self.put(UInt32.max, at: place, &file) }
    try Self.sealSummary(of: &file)
    try write(file, path)

    #expect(try !verifyJournal(folder.journal).isSound)
    let again = try FileJournal.open(folder.journal, options: options())
    try Exercise.fill(again, commits: 1, of: 2)
    #expect(try Exercise.read(again) == Array(1...8))
    try again.close()
    #expect(try verifyJournal(folder.journal).isSound)
  }
}
