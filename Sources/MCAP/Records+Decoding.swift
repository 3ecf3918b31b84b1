// A record's contents, behind opcode and length. Bytes behind the last field are left alone, so that later editions
// of the format may add fields; Message, DataEnd and Footer allow none.

extension Header {
  public init(from reader: inout ByteReader) throws(MCAPError) {
    self.init(profile: try reader.string(), library: try reader.string())
  }
}

extension Footer {
  public init(from reader: inout ByteReader) throws(MCAPError) {
    self.init(summaryStart: try reader.read(), summaryOffsetStart: try reader.read(), summaryCRC: try reader.read())
  }
}

extension Schema {
  public init(from reader: inout ByteReader) throws(MCAPError) {
    let id: UInt16 = try reader.read()
    let name = try reader.string()
    let encoding = try reader.string()
    var section = try reader.section()
    self.init(id: id, name: name, encoding: encoding, data: [UInt8](section.rest()))
    guard id != 0 else { throw MCAPError(.malformed, at: reader.origin, "a schema has the number 0") }
  }
}

extension Channel {
  public init(from reader: inout ByteReader) throws(MCAPError) {
    self.init(
      id: try reader.read(), schemaID: try reader.read(), topic: try reader.string(),
      messageEncoding: try reader.string(), metadata: try reader.dictionary())
  }
}

extension Message {
  public init(from reader: inout ByteReader) throws(MCAPError) {
    self.init(
      channelID: try reader.read(), sequence: try reader.read(), logTime: try reader.read(),
      publishTime: try reader.read(), data: [UInt8](reader.rest()))
  }
}

extension MessageIndex {
  public init(from reader: inout ByteReader) throws(MCAPError) {
    let id: UInt16 = try reader.read()
    var section = try reader.section()
    guard section.remaining % 16 == 0 else {
      throw MCAPError(.malformed, at: section.offset, "a message index of \(section.remaining) bytes")
    }
    var entries: [Entry] = []
    entries.reserveCapacity(section.remaining / 16)
    while !section.isAtEnd { entries.append(Entry(logTime: try section.read(), offset: try section.read())) }
    self.init(channelID: id, entries: entries)
  }
}

extension ChunkIndex {
  public init(from reader: inout ByteReader) throws(MCAPError) {
    self.init(
      startTime: try reader.read(), endTime: try reader.read(), offset: try reader.read(), length: try reader.read(),
      messageIndexOffsets: try reader.numbers(), messageIndexLength: try reader.read(),
      compression: try reader.string(), compressedSize: try reader.read(), uncompressedSize: try reader.read())
  }
}

extension Attachment {
  /// Checks the CRC unless it is 0.
  public init(from reader: inout ByteReader) throws(MCAPError) {
    let start = reader.position
    let logTime: UInt64 = try reader.read()
    let createTime: UInt64 = try reader.read()
    let name = try reader.string()
    let mediaType = try reader.string()
    let data = try reader.take(try reader.read(UInt64.self))
    let crc = CRC32.of(UnsafeRawBufferPointer(rebasing: reader.bytes[start..<reader.position]))
    let place = reader.offset
    let expected: UInt32 = try reader.read()
    guard expected == 0 || crc == expected else {
      throw MCAPError(.checksum, at: place, "the attachment '\(name)' has the CRC \(crc), it should be \(expected)")
    }
    self.init(
      logTime: logTime, createTime: createTime, name: name, mediaType: mediaType, data: [UInt8](data), crc: expected)
  }
}

extension AttachmentIndex {
  public init(from reader: inout ByteReader) throws(MCAPError) {
    self.init(
      offset: try reader.read(), length: try reader.read(), logTime: try reader.read(), createTime: try reader.read(),
      dataSize: try reader.read(), name: try reader.string(), mediaType: try reader.string())
  }
}

extension Metadata {
  public init(from reader: inout ByteReader) throws(MCAPError) {
    self.init(name: try reader.string(), metadata: try reader.dictionary())
  }
}

extension MetadataIndex {
  public init(from reader: inout ByteReader) throws(MCAPError) {
    self.init(offset: try reader.read(), length: try reader.read(), name: try reader.string())
  }
}

extension Statistics {
  public init(from reader: inout ByteReader) throws(MCAPError) {
    self.init()
    messageCount = try reader.read()
    schemaCount = try reader.read()
    channelCount = try reader.read()
    attachmentCount = try reader.read()
    metadataCount = try reader.read()
    chunkCount = try reader.read()
    messageStartTime = try reader.read()
    messageEndTime = try reader.read()
    channelMessageCounts = try reader.numbers()
  }
}

extension SummaryOffset {
  public init(from reader: inout ByteReader) throws(MCAPError) {
    self.init(
      groupOpcode: Opcode(rawValue: try reader.read()), groupStart: try reader.read(), groupLength: try reader.read())
  }
}

extension DataEnd {
  public init(from reader: inout ByteReader) throws(MCAPError) {
    self.init(dataSectionCRC: try reader.read())
  }
}

extension ByteReader {
  /// A map whose keys may not repeat.
  mutating func dictionary() throws(MCAPError) -> [String: String] {
    let start = offset
    var result: [String: String] = [:]
    for (key, value) in try map() {
      guard result.updateValue(value, forKey: key) == nil else {
        throw MCAPError(.malformed, at: start, "the key '\(key)' stands twice in a map")
      }
    }
    return result
  }

  /// Pairs of u16 and u64.
  mutating func numbers() throws(MCAPError) -> [UInt16: UInt64] {
    var section = try section()
    guard section.remaining % 10 == 0 else {
      throw MCAPError(.malformed, at: section.offset, "a map of u16 to u64 has \(section.remaining) bytes")
    }
    var result: [UInt16: UInt64] = [:]
    while !section.isAtEnd { result[try section.read()] = try section.read() as UInt64 }
    return result
  }
}
