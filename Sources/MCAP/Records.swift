/// First record of a file.
public struct Header: Hashable, Sendable {
  public var profile: String
  public var library: String
  public init(profile: String, library: String) {
    self.profile = profile
    self.library = library
  }
}

/// Last record of a file. Zero means "not there".
public struct Footer: Hashable, Sendable {
  public var summaryStart: UInt64
  public var summaryOffsetStart: UInt64
  public var summaryCRC: UInt32
  public init(summaryStart: UInt64, summaryOffsetStart: UInt64, summaryCRC: UInt32) {
    self.summaryStart = summaryStart
    self.summaryOffsetStart = summaryOffsetStart
    self.summaryCRC = summaryCRC
  }
}

/// What a channel's messages are shaped like. `id` is never 0.
public struct Schema: Hashable, Sendable {
  public var id: UInt16
  public var name: String
  public var encoding: String
  public var data: [UInt8]
  public init(id: UInt16, name: String, encoding: String, data: [UInt8]) {
    self.id = id
    self.name = name
    self.encoding = encoding
    self.data = data
  }
}

/// A stream of messages on one topic. `schemaID` 0 means without a schema.
public struct Channel: Hashable, Sendable {
  public var id: UInt16
  public var schemaID: UInt16
  public var topic: String
  public var messageEncoding: String
  public var metadata: [String: String]
  public init(id: UInt16, schemaID: UInt16, topic: String, messageEncoding: String, metadata: [String: String] = [:]) {
    self.id = id
    self.schemaID = schemaID
    self.topic = topic
    self.messageEncoding = messageEncoding
    self.metadata = metadata
  }
}

/// One message. Times in nanoseconds since 1970.
public struct Message: Hashable, Sendable {
  public var channelID: UInt16
  public var sequence: UInt32
  public var logTime: UInt64
  public var publishTime: UInt64
  public var data: [UInt8]
  public init(channelID: UInt16, sequence: UInt32, logTime: UInt64, publishTime: UInt64, data: [UInt8]) {
    self.channelID = channelID
    self.sequence = sequence
    self.logTime = logTime
    self.publishTime = publishTime
    self.data = data
  }
}

/// Where one channel's messages stand in the unpacked records of the chunk before it, in file order.
public struct MessageIndex: Hashable, Sendable {
  public struct Entry: Hashable, Sendable {
    public var logTime: UInt64
    public var offset: UInt64
    public init(logTime: UInt64, offset: UInt64) {
      self.logTime = logTime
      self.offset = offset
    }
  }
  public var channelID: UInt16
  public var entries: [Entry]
  public init(channelID: UInt16, entries: [Entry]) {
    self.channelID = channelID
    self.entries = entries
  }
}

/// Where a chunk stands, in the summary.
public struct ChunkIndex: Hashable, Sendable {
  public var startTime: UInt64
  public var endTime: UInt64
  public var offset: UInt64
  /// Of the whole chunk record with its nine bytes of opcode and length.
  public var length: UInt64
  /// Channel → place of its MessageIndex record in the file; empty when there are none.
  public var messageIndexOffsets: [UInt16: UInt64]
  public var messageIndexLength: UInt64
  public var compression: String
  public var compressedSize: UInt64
  public var uncompressedSize: UInt64
  public init(
    startTime: UInt64, endTime: UInt64, offset: UInt64, length: UInt64, messageIndexOffsets: [UInt16: UInt64],
    messageIndexLength: UInt64, compression: String, compressedSize: UInt64, uncompressedSize: UInt64
  ) {
    self.startTime = startTime
    self.endTime = endTime
    self.offset = offset
    self.length = length
    self.messageIndexOffsets = messageIndexOffsets
    self.messageIndexLength = messageIndexLength
    self.compression = compression
    self.compressedSize = compressedSize
    self.uncompressedSize = uncompressedSize
  }
}
