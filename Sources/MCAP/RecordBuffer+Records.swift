/// Each record as the format draws it: opcode u8, length u64, then its fields in the order written here.
extension RecordBuffer {
  public mutating func append(_ record: Header) {
    let start = beginRecord(.header)
    append(string: record.profile)
    append(string: record.library)
    endRecord(start)
  }

  public mutating func append(_ record: Footer) {
    let start = beginRecord(.footer)
    append(record.summaryStart)
    append(record.summaryOffsetStart)
    append(record.summaryCRC)
    endRecord(start)
  }

  public mutating func append(_ record: Schema) {
    let start = beginRecord(.schema)
    append(record.id)
    append(string: record.name)
    append(string: record.encoding)
    append(UInt32(record.data.count))
    append(record.data)
    endRecord(start)
  }

  public mutating func append(_ record: Channel) {
    let start = beginRecord(.channel)
    append(record.id)
    append(record.schemaID)
    append(string: record.topic)
    append(string: record.messageEncoding)
    append(map: record.metadata)
    endRecord(start)
  }

  public mutating func append(_ record: Message) {
    record.data.withUnsafeBytes {
      appendMessage(
        channelID: record.channelID, sequence: record.sequence, logTime: record.logTime,
        publishTime: record.publishTime, data: $0)
    }
  }

  /// A message whose data lie anywhere; 31 bytes of record around them.
  @inline(__always)
  public mutating func appendMessage(
    channelID: UInt16, sequence: UInt32, logTime: UInt64, publishTime: UInt64, data: UnsafeRawBufferPointer
  ) {
    appendFields(
      opcode: Opcode.message.rawValue, length: UInt64(messageFieldsSize + data.count), channelID, sequence, logTime,
      publishTime)
    append(data)
  }

  /// A chunk up to its packed records, which the caller writes behind it.
  public mutating func appendChunkHeader(
    startTime: UInt64, endTime: UInt64, uncompressedSize: UInt64, uncompressedCRC: UInt32, compression: String,
    compressedSize: UInt64
  ) {
    let start = beginRecord(.chunk)
    append(startTime)
    append(endTime)
    append(uncompressedSize)
    append(uncompressedCRC)
    append(string: compression)
    append(compressedSize)
    endRecord(start, unwritten: Int(compressedSize))
  }

  public mutating func append(_ record: MessageIndex) {
    let start = beginRecord(.messageIndex)
    append(record.channelID)
    append(UInt32(record.entries.count * 16))
    for entry in record.entries {
      append(entry.logTime)
      append(entry.offset)
    }
    endRecord(start)
  }

  public mutating func append(_ record: ChunkIndex) {
    let start = beginRecord(.chunkIndex)
    append(record.startTime)
    append(record.endTime)
    append(record.offset)
    append(record.length)
    append(UInt32(record.messageIndexOffsets.count * 10))
    for (channel, offset) in record.messageIndexOffsets.sorted(by: { $0.key < $1.key }) {
      append(channel)
      append(offset)
    }
    append(record.messageIndexLength)
    append(string: record.compression)
    append(record.compressedSize)
    append(record.uncompressedSize)
    endRecord(start)
  }

  /// Computes the CRC unless `record` brings one.
  public mutating func append(_ record: Attachment) {
    let start = beginRecord(.attachment)
    append(record.logTime)
    append(record.createTime)
    append(string: record.name)
    append(string: record.mediaType)
    append(UInt64(record.data.count))
    append(record.data)
    let crc = record.crc != 0 ? record.crc : CRC32.of(UnsafeRawBufferPointer(rebasing: bytes[start..<count]))
    append(crc)
    endRecord(start)
  }

  public mutating func append(_ record: AttachmentIndex) {
    let start = beginRecord(.attachmentIndex)
    append(record.offset)
    append(record.length)
    append(record.logTime)
    append(record.createTime)
    append(record.dataSize)
    append(string: record.name)
    append(string: record.mediaType)
    endRecord(start)
  }

  public mutating func append(_ record: Metadata) {
    let start = beginRecord(.metadata)
    append(string: record.name)
    append(map: record.metadata)
    endRecord(start)
  }

  public mutating func append(_ record: MetadataIndex) {
    let start = beginRecord(.metadataIndex)
    append(record.offset)
    append(record.length)
    append(string: record.name)
    endRecord(start)
  }

  public mutating func append(_ record: Statistics) {
    let start = beginRecord(.statistics)
    append(record.messageCount)
    append(record.schemaCount)
    append(record.channelCount)
    append(record.attachmentCount)
    append(record.metadataCount)
    append(record.chunkCount)
    append(record.messageStartTime)
    append(record.messageEndTime)
    append(UInt32(record.channelMessageCounts.count * 10))
    for (channel, count) in record.channelMessageCounts.sorted(by: { $0.key < $1.key }) {
      append(channel)
      append(count)
    }
    endRecord(start)
  }

  public mutating func append(_ record: SummaryOffset) {
    let start = beginRecord(.summaryOffset)
    append(record.groupOpcode.rawValue)
    append(record.groupStart)
    append(record.groupLength)
    endRecord(start)
  }

  public mutating func append(_ record: DataEnd) {
    let start = beginRecord(.dataEnd)
    append(record.dataSectionCRC)
    endRecord(start)
  }
}

/// channel u16, sequence u32, log time u64, publish time u64.
public let messageFieldsSize = 22
