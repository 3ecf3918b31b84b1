/// A file inside the file.
public struct Attachment: Hashable, Sendable {
  public var logTime: UInt64
  public var createTime: UInt64
  public var name: String
  public var mediaType: String
  public var data: [UInt8]
  /// Of the fields before it; 0 means not computed.
  public var crc: UInt32
  public init(logTime: UInt64, createTime: UInt64, name: String, mediaType: String, data: [UInt8], crc: UInt32 = 0) {
    self.logTime = logTime
    self.createTime = createTime
    self.name = name
    self.mediaType = mediaType
    self.data = data
    self.crc = crc
  }
}

public struct AttachmentIndex: Hashable, Sendable {
  public var offset: UInt64
  public var length: UInt64
  public var logTime: UInt64
  public var createTime: UInt64
  public var dataSize: UInt64
  public var name: String
  public var mediaType: String
  public init(
    offset: UInt64, length: UInt64, logTime: UInt64, createTime: UInt64, dataSize: UInt64, name: String,
    mediaType: String
  ) {
    self.offset = offset
    self.length = length
    self.logTime = logTime
    self.createTime = createTime
    self.dataSize = dataSize
    self.name = name
    self.mediaType = mediaType
  }
}

/// Words about the file as a whole.
public struct Metadata: Hashable, Sendable {
  public var name: String
  public var metadata: [String: String]
  public init(name: String, metadata: [String: String]) {
    self.name = name
    self.metadata = metadata
  }
}

public struct MetadataIndex: Hashable, Sendable {
  public var offset: UInt64
  public var length: UInt64
  public var name: String
  public init(offset: UInt64, length: UInt64, name: String) {
    self.offset = offset
    self.length = length
    self.name = name
  }
}

/// How much of everything a file holds.
public struct Statistics: Hashable, Sendable {
  public var messageCount: UInt64 = 0
  public var schemaCount: UInt16 = 0
  public var channelCount: UInt32 = 0
  public var attachmentCount: UInt32 = 0
  public var metadataCount: UInt32 = 0
  public var chunkCount: UInt32 = 0
  /// Of the first and last log time; 0 when there is no message.
  public var messageStartTime: UInt64 = 0
  public var messageEndTime: UInt64 = 0
  public var channelMessageCounts: [UInt16: UInt64] = [:]
  public init() {}
}

/// Where the summary's records of one kind stand.
public struct SummaryOffset: Hashable, Sendable {
  public var groupOpcode: Opcode
  public var groupStart: UInt64
  public var groupLength: UInt64
  public init(groupOpcode: Opcode, groupStart: UInt64, groupLength: UInt64) {
    self.groupOpcode = groupOpcode
    self.groupStart = groupStart
    self.groupLength = groupLength
  }
}

/// Ends the data section.
public struct DataEnd: Hashable, Sendable {
  /// Of everything before this record, the magic included; 0 means not computed.
  public var dataSectionCRC: UInt32
  public init(dataSectionCRC: UInt32) { self.dataSectionCRC = dataSectionCRC }
}
