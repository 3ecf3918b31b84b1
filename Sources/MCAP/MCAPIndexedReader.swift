/// Reads a closed file by its summary: what is in it without reading it, and single chunks.
///
/// Memory: the summary and one unpacked chunk. One thread at a time.
public final class MCAPIndexedReader {
  public let header: Header
  public let footer: Footer
  public let statistics: Statistics?
  public let schemas: [UInt16: Schema]
  public let channels: [UInt16: Channel]
  public let chunkIndexes: [ChunkIndex]
  public let attachmentIndexes: [AttachmentIndex]
  public let metadataIndexes: [MetadataIndex]

  private let source: any ByteSource
  private let options: MCAPReaderOptions
  private let decompressor = Decompressor()
  private var unpacked = RecordBuffer()

  /// Reads the header, the footer and the summary.
  /// - Throws: `.notMCAP`, `.noSummary` when the file has none or was never closed, `.checksum`, `.malformed`.
  public init(_ source: any ByteSource, options: MCAPReaderOptions = MCAPReaderOptions()) throws(MCAPError) {
    self.source = source
    self.options = options
    let magic = UInt64(mcapMagic.count)
    var buffer = RecordBuffer()
    try source.read(min(magic, source.size), at: 0, into: &buffer)
    guard buffer.bytes.elementsEqual(mcapMagic) else { throw MCAPError(.notMCAP, at: 0, "the file is not MCAP") }
    guard case .header(let header) = try Self.record(in: source, at: magic, length: nil, options) else {
      throw MCAPError(.malformed, at: magic, "the first record is not a header")
    }
    self.header = header
    let footerSize = UInt64(recordHeaderSize + 20)
    guard source.size >= footerSize + 2 * magic else {
      throw MCAPError(.noSummary, at: source.size, "the file was not closed")
    }
    let footerStart = source.size - footerSize - magic
    buffer.removeAll()
    try source.read(footerSize + magic, at: footerStart, into: &buffer)
    guard buffer.bytes.suffix(mcapMagic.count).elementsEqual(mcapMagic), buffer.bytes[0] == Opcode.footer.rawValue
    else { throw MCAPError(.noSummary, at: footerStart, "the file was not closed") }
    var end = ByteReader(buffer.bytes, origin: footerStart)
    guard case .footer(let footer) = try MCAPRecord(try end.record()) else {
      throw MCAPError(.malformed, at: footerStart, "the last record is not a footer")
    }
    self.footer = footer
    guard footer.summaryStart != 0 else { throw MCAPError(.noSummary, at: footerStart, "the file has no summary") }
    guard footer.summaryStart >= magic, footer.summaryStart <= footerStart,
      footerStart - footer.summaryStart <= UInt64(options.maxRecordBytes)
    else { throw MCAPError(.malformed, at: footerStart, "the footer points outside the file") }
    buffer.removeAll()
    try source.read(
      footerStart - footer.summaryStart + UInt64(recordHeaderSize) + 16, at: footer.summaryStart, into: &buffer)
    let crc = CRC32.of(buffer.bytes)
    if footer.summaryCRC != 0, crc != footer.summaryCRC {
      throw MCAPError(.checksum, at: footerStart, "the CRC of the summary is \(crc), it should be \(footer.summaryCRC)")
    }
    var found = Found()
    var reader = ByteReader(
      UnsafeRawBufferPointer(rebasing: buffer.bytes.dropLast(recordHeaderSize + 16)), origin: footer.summaryStart)
    while !reader.isAtEnd { found.add(try MCAPRecord(try reader.record())) }
    statistics = found.statistics
    schemas = found.schemas
    channels = found.channels
    chunkIndexes = found.chunks
    attachmentIndexes = found.attachments
    metadataIndexes = found.metadata
  }

  private struct Found {
    var statistics: Statistics?
    var schemas: [UInt16: Schema] = [:]
    var channels: [UInt16: Channel] = [:]
    var chunks: [ChunkIndex] = []
    var attachments: [AttachmentIndex] = []
    var metadata: [MetadataIndex] = []

    mutating func add(_ record: MCAPRecord) {
      switch record {
      case .statistics(let value): statistics = value
      case .schema(let value): schemas[value.id] = value
      case .channel(let value): channels[value.id] = value
      case .chunkIndex(let value): chunks.append(value)
      case .attachmentIndex(let value): attachments.append(value)
      case .metadataIndex(let value): metadata.append(value)
      default: break
      }
    }
  }

  /// The chunks that may hold messages logged in `times` on one of `topics`, oldest first.
  public func chunks(
    logged times: ClosedRange<UInt64> = 0...UInt64.max, topics: Set<String>? = nil
  ) -> [ChunkIndex] {
    let wanted = topics.map { topics in Set(channels.values.filter { topics.contains($0.topic) }.map(\.id)) }
    return chunkIndexes.filter { index in
      guard index.startTime <= times.upperBound, index.endTime >= times.lowerBound else { return false }
      guard let wanted, !index.messageIndexOffsets.isEmpty else { return true }
      return index.messageIndexOffsets.keys.contains { wanted.contains($0) }
    }.sorted { ($0.startTime, $0.offset) < ($1.startTime, $1.offset) }
  }

  /// Unpacks one chunk and hands over its messages in file order.
  public func forEachMessage(
    in index: ChunkIndex, _ body: (Message) throws(MCAPError) -> Void
  ) throws(MCAPError) {
    var record = RecordBuffer()
    guard index.length <= UInt64(options.maxRecordBytes) else {
      throw MCAPError(.limit, at: index.offset, "a chunk of \(index.length) bytes")
    }
    try source.read(index.length, at: index.offset, into: &record)
    var reader = ByteReader(record.bytes, origin: index.offset)
    let view = try reader.record()
    guard view.opcode == .chunk else { throw MCAPError(.malformed, at: index.offset, "no chunk stands here") }
    let chunk = try ChunkView(view.contents, origin: index.offset + UInt64(recordHeaderSize))
    unpacked.removeAll()
    try chunk.unpack(into: &unpacked, with: decompressor, limit: options.maxRecordBytes)
    var inside = ByteReader(unpacked.bytes)
    while !inside.isAtEnd {
      if case .message(let message) = try MCAPRecord(try inside.record()) { try body(message) }
    }
  }

  /// The message indexes behind one chunk, by channel.
  public func messageIndexes(of index: ChunkIndex) throws(MCAPError) -> [MessageIndex] {
    var result: [MessageIndex] = []
    for (_, offset) in index.messageIndexOffsets.sorted(by: { $0.value < $1.value }) {
      guard case .messageIndex(let found) = try Self.record(in: source, at: offset, length: nil, options) else {
        throw MCAPError(.malformed, at: offset, "no message index stands here")
      }
      result.append(found)
    }
    return result
  }

  public func attachment(_ index: AttachmentIndex) throws(MCAPError) -> Attachment {
    guard case .attachment(let found) = try Self.record(in: source, at: index.offset, length: index.length, options)
    else { throw MCAPError(.malformed, at: index.offset, "no attachment stands here") }
    return found
  }

  public func metadata(_ index: MetadataIndex) throws(MCAPError) -> Metadata {
    guard case .metadata(let found) = try Self.record(in: source, at: index.offset, length: index.length, options)
    else { throw MCAPError(.malformed, at: index.offset, "no metadata stand here") }
    return found
  }

  private static func record(
    in source: any ByteSource, at offset: UInt64, length: UInt64?, _ options: MCAPReaderOptions
  ) throws(MCAPError) -> MCAPRecord {
    var buffer = RecordBuffer()
    try source.read(UInt64(recordHeaderSize), at: offset, into: &buffer)
    let contents = buffer.bytes.loadUnaligned(fromByteOffset: 1, as: UInt64.self).littleEndian
    guard contents <= UInt64(options.maxRecordBytes) else {
      throw MCAPError(.limit, at: offset, "a record of \(contents) bytes")
    }
    if let length, length != contents + UInt64(recordHeaderSize) {
      throw MCAPError(.malformed, at: offset, "the index gives the record \(length) bytes")
    }
    try source.read(contents, at: offset + UInt64(recordHeaderSize), into: &buffer)
    var reader = ByteReader(buffer.bytes, origin: offset)
    return try MCAPRecord(try reader.record())
  }
}
