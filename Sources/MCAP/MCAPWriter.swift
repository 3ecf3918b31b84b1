/// What a writer puts into a file besides the messages.
public struct MCAPWriterOptions: Hashable, Sendable {
  public var profile = ""
  public var library = "casus"
  /// `.none` or `.lz4`.
  public var compression = Compression.lz4
  /// A chunk is closed when its unpacked records are at least so many bytes; `nil` writes no chunks.
  public var chunkBytes: Int? = 1 << 20
  public var messageIndexes = true
  public var chunkIndexes = true
  public var statistics = true
  public var repeatSchemas = true
  public var repeatChannels = true
  public var attachmentIndexes = true
  public var metadataIndexes = true
  public var summaryOffsets = true

  public init() {}
}

/// Writes an MCAP file from start to end.
///
/// Memory: one chunk, 16 bytes for each of its messages, and about 100 bytes for each chunk written. `finish` must be
/// called; a file without it can still be read as a stream. One thread at a time.
public final class MCAPWriter {
  private let sink: any ByteSink
  private let options: MCAPWriterOptions
  private let compressor = LZ4Compressor()
  private var buffer = RecordBuffer()
  private var position: UInt64 = 0
  private var crc = CRC32()
  private var open = OpenChunk()
  private var summary = Summary()

  private struct OpenChunk: ~Copyable {
    var records = RecordBuffer()
    var start = UInt64.max
    var end = UInt64.min
    var order: [UInt16] = []
    var entries: [UInt16: [MessageIndex.Entry]] = [:]
  }

  private struct Summary {
    var schemas: [UInt16: Schema] = [:]
    var channels: [UInt16: Channel] = [:]
    var chunks: [ChunkIndex] = []
    var attachments: [AttachmentIndex] = []
    var metadata: [MetadataIndex] = []
    var statistics = Statistics()
  }

  /// Writes the magic and the header.
  public init(_ sink: any ByteSink, options: MCAPWriterOptions = MCAPWriterOptions()) throws(MCAPError) {
    self.sink = sink
    self.options = options
    buffer.append(mcapMagic)
    buffer.append(Header(profile: options.profile, library: options.library))
    try put()
  }

  /// What is counted so far.
  public var statistics: Statistics { summary.statistics }

  /// Adds a schema; adding the same again does nothing.
  public func add(_ schema: Schema) throws(MCAPError) {
    if let known = summary.schemas[schema.id] {
      guard known == schema else { throw MCAPError(.malformed, "schema \(schema.id) has two meanings") }
      return
    }
    guard schema.id != 0 else { throw MCAPError(.malformed, "a schema cannot have the number 0") }
    summary.schemas[schema.id] = schema
    summary.statistics.schemaCount += 1
    if options.chunkBytes != nil {
      open.records.append(schema)
    } else {
      buffer.append(schema)
      try put()
    }
  }

  /// Adds a channel whose schema was added; adding the same again does nothing.
  public func add(_ channel: Channel) throws(MCAPError) {
    if let known = summary.channels[channel.id] {
      guard known == channel else { throw MCAPError(.malformed, "channel \(channel.id) has two meanings") }
      return
    }
    guard channel.schemaID == 0 || summary.schemas[channel.schemaID] != nil else {
      throw MCAPError(.malformed, "schema \(channel.schemaID) was not added")
    }
    summary.channels[channel.id] = channel
    summary.statistics.channelCount += 1
    if options.chunkBytes != nil {
      open.records.append(channel)
    } else {
      buffer.append(channel)
      try put()
    }
  }

  public func write(_ message: Message) throws(MCAPError) {
    try message.data.withBytes { data throws(MCAPError) in
      try write(
        channelID: message.channelID, sequence: message.sequence, logTime: message.logTime,
        publishTime: message.publishTime, data: data)
    }
  }

  /// Writes a message on a channel that was added; the data are copied once.
  public func write(
    channelID: UInt16, sequence: UInt32, logTime: UInt64, publishTime: UInt64, data: UnsafeRawBufferPointer
  ) throws(MCAPError) {
    guard summary.channels[channelID] != nil else {
      throw MCAPError(.malformed, "channel \(channelID) was not added")
    }
    count(channelID, logTime)
    guard let chunkBytes = options.chunkBytes else {
      buffer.appendMessage(
        channelID: channelID, sequence: sequence, logTime: logTime, publishTime: publishTime, data: data)
      return try put()
    }
    if open.entries[channelID] == nil { open.order.append(channelID) }
    open.entries[channelID, default: []].append(.init(logTime: logTime, offset: UInt64(open.records.count)))
    open.start = min(open.start, logTime)
    open.end = max(open.end, logTime)
    open.records.appendMessage(
      channelID: channelID, sequence: sequence, logTime: logTime, publishTime: publishTime, data: data)
    if open.records.count >= chunkBytes { try closeChunk() }
  }

  public func write(_ attachment: Attachment) throws(MCAPError) {
    try closeChunk()
    buffer.append(attachment)
    summary.attachments.append(
      AttachmentIndex(
        offset: position, length: UInt64(buffer.count), logTime: attachment.logTime,
        createTime: attachment.createTime, dataSize: UInt64(attachment.data.count), name: attachment.name,
        mediaType: attachment.mediaType))
    summary.statistics.attachmentCount += 1
    try put()
  }

  public func write(_ metadata: Metadata) throws(MCAPError) {
    try closeChunk()
    buffer.append(metadata)
    summary.metadata.append(
      MetadataIndex(offset: position, length: UInt64(buffer.count), name: metadata.name))
    summary.statistics.metadataCount += 1
    try put()
  }

  /// Closes the chunk that is being filled, if any: what was written so far can then be read back.
  public func closeChunk() throws(MCAPError) {
    guard open.records.count > 0 else { return }
    let hasMessages = !open.order.isEmpty
    let unpacked = open.records.count
    var index = ChunkIndex(
      startTime: hasMessages ? open.start : 0, endTime: open.end, offset: position, length: 0,
      messageIndexOffsets: [:], messageIndexLength: 0, compression: options.compression.rawValue, compressedSize: 0,
      uncompressedSize: UInt64(unpacked))
    buffer.appendChunkHeader(
      startTime: index.startTime, endTime: index.endTime, uncompressedSize: UInt64(unpacked),
      uncompressedCRC: CRC32.of(open.records.bytes), compression: index.compression, compressedSize: 0)
    let packedFrom = buffer.count
    if options.compression == .lz4 {
      try compressor.compress([open.records.bytes], into: &buffer)
    } else {
      buffer.append(open.records.bytes)
    }
    index.compressedSize = UInt64(buffer.count - packedFrom)
    buffer.overwrite(index.compressedSize, at: packedFrom - 8)
    buffer.overwrite(UInt64(buffer.count - recordHeaderSize), at: 1)
    index.length = UInt64(buffer.count)
    if options.messageIndexes {
      for id in open.order {
        index.messageIndexOffsets[id] = position + UInt64(buffer.count)
        buffer.append(MessageIndex(channelID: id, entries: open.entries[id] ?? []))
      }
      index.messageIndexLength = UInt64(buffer.count) - index.length
    }
    try put()
    summary.chunks.append(index)
    summary.statistics.chunkCount += 1
    open.records.removeAll()
    open.order.removeAll(keepingCapacity: true)
    open.entries.removeAll(keepingCapacity: true)
    (open.start, open.end) = (.max, .min)
  }

  /// Writes the end of the data, the summary, the footer and the magic. Nothing may be written after it.
  public func finish() throws(MCAPError) {
    try closeChunk()
    buffer.append(DataEnd(dataSectionCRC: crc.value))
    try put()
    let base = position
    var groups: [SummaryOffset] = []
    func group(_ opcode: Opcode, _ write: () -> Void) {
      let start = buffer.count
      write()
      guard buffer.count > start else { return }
      groups.append(
        SummaryOffset(
          groupOpcode: opcode, groupStart: base + UInt64(start), groupLength: UInt64(buffer.count - start)))
    }
    if options.repeatSchemas {
      group(.schema) { for schema in summary.schemas.values.sorted(by: { $0.id < $1.id }) { buffer.append(schema) } }
    }
    if options.repeatChannels {
      group(.channel) {
        for channel in summary.channels.values.sorted(by: { $0.id < $1.id }) { buffer.append(channel) }
      }
    }
    if options.statistics { group(.statistics) { buffer.append(summary.statistics) } }
    if options.chunkIndexes { group(.chunkIndex) { for index in summary.chunks { buffer.append(index) } } }
    if options.attachmentIndexes {
      group(.attachmentIndex) { for index in summary.attachments { buffer.append(index) } }
    }
    if options.metadataIndexes { group(.metadataIndex) { for index in summary.metadata { buffer.append(index) } } }
    let hasSummary = buffer.count > 0
    let offsets = buffer.count
    if options.summaryOffsets { for group in groups { buffer.append(group) } }
    buffer.append(
      Footer(
        summaryStart: hasSummary ? base : 0, summaryOffsetStart: buffer.count > offsets ? base + UInt64(offsets) : 0,
        summaryCRC: 0))
    let crc = CRC32.of(UnsafeRawBufferPointer(rebasing: buffer.bytes.dropLast(4)))
    buffer.overwrite(crc, at: buffer.count - 4)
    buffer.append(mcapMagic)
    try put()
  }

  private func count(_ channelID: UInt16, _ logTime: UInt64) {
    let isFirst = summary.statistics.messageCount == 0
    summary.statistics.messageStartTime = isFirst ? logTime : min(summary.statistics.messageStartTime, logTime)
    summary.statistics.messageEndTime = max(summary.statistics.messageEndTime, logTime)
    summary.statistics.messageCount += 1
    summary.statistics.channelMessageCounts[channelID, default: 0] += 1
  }

  private func put() throws(MCAPError) {
    try sink.write(buffer.bytes)
    crc.update(buffer.bytes)
    position += UInt64(buffer.count)
    buffer.removeAll()
  }
}
