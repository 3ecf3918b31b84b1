import CasusEvents
import MCAP

/// What the summary of a closed segment says, checked by its own CRC.
struct ClosedSegment {
  var head: SegmentHead
  var metadata: MetadataIndex
  var schemas: [Schema] = []
  var channels: [Channel] = []
  var chunkIndexes: [ChunkIndex] = []
  var chunks = ContiguousArray<ChunkPlace>()
  var statistics = Statistics()
  /// Where the DataEnd record stands: the end of the last commit.
  var dataEnd: UInt64 = 0
  var dataCRC: UInt32 = 0
  /// One more than the last sequence.
  var next: UInt64 { head.first + statistics.messageCount }

  /// DataEnd is 13 bytes; footer and magic are 37.
  private static let tailSize: UInt64 = 37
  private static let dataEndSize: UInt64 = 13

  /// Reads head and summary, not the commits; `nil` when the file has no footer, so was never closed.
  /// - Throws: `.damaged` when there is a footer and what it says is not so.
  static func load(_ file: PosixFile) throws(JournalError) -> ClosedSegment? {
    let size = try file.size
    let start = try SegmentScan.Start(file, size: size)
    var segment = ClosedSegment(head: start.head, metadata: start.metadata)
    guard size >= start.end + dataEndSize + tailSize else { return nil }
    var buffer = RecordBuffer()
    try file.readAll(Int(tailSize), at: size - tailSize, into: &buffer)
    guard buffer.bytes.suffix(mcapMagic.count).elementsEqual(mcapMagic) else { return nil }
    do throws(MCAPError) {
      let footer = try Self.footer(buffer.bytes, origin: size - tailSize)
      guard footer.summaryStart >= start.end + dataEndSize, footer.summaryStart <= size - tailSize else {
        throw MCAPError(.malformed, at: size - tailSize, "the footer points outside the file")
      }
      segment.dataEnd = footer.summaryStart - dataEndSize
      guard let length = Int(exactly: size - segment.dataEnd), length <= ChunkDecoder.limit else {
        throw MCAPError(.limit, at: segment.dataEnd, "a summary of \(size - segment.dataEnd) bytes")
      }
    } catch {
      throw JournalError(.damaged, file: file.path, offset: error.offset, error.message)
    }
    buffer.removeAll()
    try file.readAll(Int(size - segment.dataEnd), at: segment.dataEnd, into: &buffer)
    do throws(MCAPError) { try segment.parse(buffer.bytes) } catch {
      throw JournalError(.damaged, file: file.path, offset: error.offset, error.message)
    }
    if !segment.countChunks() { try segment.readChunks(file) }
    guard segment.countsAddUp else {
      throw JournalError(.damaged, file: file.path, offset: segment.dataEnd, "the summary's counts do not add up")
    }
    return segment
  }

  /// Whether the statistics are those of the commits, as far as the summary tells: a writer goes on counting from them.
  private var countsAddUp: Bool {
    var ofChannels: UInt64 = 0
    for count in statistics.channelMessageCounts.values {
      let (sum, overflows) = ofChannels.addingReportingOverflow(count)
      guard !overflows else { return false }
      ofChannels = sum
    }
    return chunks.reduce(0) { $0 + UInt64($1.count) } == statistics.messageCount
      && ofChannels == statistics.messageCount && Int(statistics.chunkCount) == chunks.count
  }

  /// Reads everything before the DataEnd record and compares its CRC. About 10 GB/s, or what the disk gives.
  func checkData(_ file: PosixFile) throws(JournalError) {
    var crc = CRC32()
    var buffer = RecordBuffer(capacity: 1 << 20)
    var position: UInt64 = 0
    while position < dataEnd {
      buffer.removeAll()
      try file.readAll(Int(min(1 << 20, dataEnd - position)), at: position, into: &buffer)
      crc.update(buffer.bytes)
      position += UInt64(buffer.count)
    }
    guard crc.value == dataCRC else {
      throw JournalError(.damaged, file: file.path, "the CRC of the segment's data is not what was written")
    }
  }

  func hasSoundData(_ file: PosixFile) -> Bool { (try? checkData(file)) != nil }

  /// Whether the summary says what the commits are.
  func agrees(with scan: borrowing SegmentScan) -> Bool {
    dataEnd == scan.end && chunks == scan.chunks && Set(schemas) == Set(scan.schemas)
      && Set(channels) == Set(scan.channels)
  }

  private static func footer(_ bytes: UnsafeRawBufferPointer, origin: UInt64) throws(MCAPError) -> Footer {
    var reader = ByteReader(bytes, origin: origin)
    let record = try reader.record()
    guard record.opcode == .footer, record.contents.count == 20 else {
      throw MCAPError(.malformed, at: origin, "no footer stands before the closing magic")
    }
    var contents = ByteReader(record.contents)
    return try Footer(from: &contents)
  }

  /// - Parameter bytes: from the DataEnd record to the end of the file.
  private mutating func parse(_ bytes: UnsafeRawBufferPointer) throws(MCAPError) {
    var reader = ByteReader(UnsafeRawBufferPointer(rebasing: bytes.dropLast(mcapMagic.count)), origin: dataEnd)
    let first = try reader.record()
    guard first.opcode == .dataEnd, first.contents.count == 4 else {
      throw MCAPError(.malformed, at: dataEnd, "no DataEnd stands before the summary")
    }
    var end = ByteReader(first.contents)
    dataCRC = try DataEnd(from: &end).dataSectionCRC
    let summary = UnsafeRawBufferPointer(rebasing: bytes[Int(Self.dataEndSize)..<bytes.count - 12])
    let written = bytes.loadUnaligned(fromByteOffset: bytes.count - 12, as: UInt32.self).littleEndian
    guard CRC32.of(summary) == written else {
      throw MCAPError(.checksum, at: dataEnd + Self.dataEndSize, "the CRC of the summary is not what was written")
    }
    while !reader.isAtEnd {
      let record = try reader.record()
      var fields = ByteReader(record.contents, origin: record.offset + UInt64(recordHeaderSize))
      switch record.opcode {
      case .schema: schemas.append(try Schema(from: &fields))
      case .channel: channels.append(try Channel(from: &fields))
      case .statistics: statistics = try Statistics(from: &fields)
      case .chunkIndex: chunkIndexes.append(try ChunkIndex(from: &fields))
      default: break
      }
    }
  }

  /// A chunk index names no count, but the length of the message indexes does: 15 bytes a channel, 16 an event.
  private mutating func countChunks() -> Bool {
    var first = head.first
    for index in chunkIndexes {
      let overhead = UInt64(index.messageIndexOffsets.count) * messageIndexSize(events: 0)
      guard index.messageIndexLength > overhead,
        let count = UInt32(exactly: (index.messageIndexLength - overhead) / 16)
      else {
        chunks.removeAll()
        return false
      }
      chunks.append(
        ChunkPlace(
          offset: index.offset, length: index.length, first: first, count: count, startTime: index.startTime,
          endTime: index.endTime))
      first += UInt64(count)
    }
    return true
  }

  /// Without message indexes only the commits themselves tell.
  private mutating func readChunks(_ file: PosixFile) throws(JournalError) {
    let scan = try SegmentScan.read(file)
    guard case .dataEnd = scan.ending, scan.end == dataEnd else {
      throw JournalError(.damaged, file: file.path, offset: scan.end, "the commits end before the summary says")
    }
    chunks = scan.chunks
  }
}
