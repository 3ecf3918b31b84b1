import MCAP
import Testing

/// A record in the words of the conformance files: numbers as decimal text, bytes as lists of numbers.
struct Description: Hashable {
  enum Value: Hashable {
    case text(String)
    case bytes([UInt8])
    case map([String: String])
  }

  var type: String
  var fields: [String: Value]

  init(json: [String: Any]) throws {
    type = try #require(json["type"] as? String)
    fields = [:]
    for field in try #require(json["fields"] as? [[Any]]) {
      let name = try #require(field[0] as? String)
      switch field[1] {
      case let text as String: fields[name] = .text(text)
      case let list as [String]: fields[name] = .bytes(list.compactMap(UInt8.init))
      case let map as [String: String]: fields[name] = .map(map)
      default: Issue.record("a field of another kind: \(field)")
      }
    }
  }

  /// Nil for message indexes, which the descriptions leave out.
  init?(_ record: MCAPRecord) {
    func text(_ number: some BinaryInteger) -> Value { .text(String(number)) }
    func map(_ numbers: [UInt16: UInt64]) -> Value {
      .map(Dictionary(uniqueKeysWithValues: numbers.map { (String($0.key), String($0.value)) }))
    }
    switch record {
    case .header(let value):
      (type, fields) = ("Header", ["library": .text(value.library), "profile": .text(value.profile)])
    case .footer(let value):
      type = "Footer"
      fields = [
        "summary_crc": text(value.summaryCRC), "summary_offset_start": text(value.summaryOffsetStart),
        "summary_start": text(value.summaryStart),
      ]
    case .schema(let value):
      type = "Schema"
      fields = [
        "data": .bytes(value.data), "encoding": .text(value.encoding), "id": text(value.id), "name": .text(value.name),
      ]
    case .channel(let value):
      type = "Channel"
      fields = [
        "id": text(value.id), "message_encoding": .text(value.messageEncoding), "metadata": .map(value.metadata),
        "schema_id": text(value.schemaID), "topic": .text(value.topic),
      ]
    case .message(let value):
      type = "Message"
      fields = [
        "channel_id": text(value.channelID), "data": .bytes(value.data), "log_time": text(value.logTime),
        "publish_time": text(value.publishTime), "sequence": text(value.sequence),
      ]
    case .metadata(let value):
      (type, fields) = ("Metadata", ["metadata": .map(value.metadata), "name": .text(value.name)])
    case .dataEnd(let value):
      (type, fields) = ("DataEnd", ["data_section_crc": text(value.dataSectionCRC)])
    case .statistics(let value):
      type = "Statistics"
      fields = [
        "attachment_count": text(value.attachmentCount), "channel_count": text(value.channelCount),
        "channel_message_counts": map(value.channelMessageCounts), "chunk_count": text(value.chunkCount),
        "message_count": text(value.messageCount), "message_end_time": text(value.messageEndTime),
        "message_start_time": text(value.messageStartTime), "metadata_count": text(value.metadataCount),
        "schema_count": text(value.schemaCount),
      ]
    case .chunkIndex(let value):
      type = "ChunkIndex"
      fields = [
        "chunk_length": text(value.length), "chunk_start_offset": text(value.offset),
        "compressed_size": text(value.compressedSize), "compression": .text(value.compression),
        "message_end_time": text(value.endTime), "message_index_length": text(value.messageIndexLength),
        "message_index_offsets": map(value.messageIndexOffsets), "message_start_time": text(value.startTime),
        "uncompressed_size": text(value.uncompressedSize),
      ]
    case .metadataIndex(let value):
      type = "MetadataIndex"
      fields = ["length": text(value.length), "name": .text(value.name), "offset": text(value.offset)]
    case .summaryOffset(let value):
      type = "SummaryOffset"
      fields = [
        "group_length": text(value.groupLength), "group_opcode": text(value.groupOpcode.rawValue),
        "group_start": text(value.groupStart),
      ]
    default: return nil
    }
  }

  private func text(_ name: String) -> String { if case .text(let text) = fields[name] { text } else { "" } }
  private func bytes(_ name: String) -> [UInt8] { if case .bytes(let bytes) = fields[name] { bytes } else { [] } }
  private func map(_ name: String) -> [String: String] { if case .map(let map) = fields[name] { map } else { [:] } }
  private func number<T: FixedWidthInteger>(_ name: String) -> T { T(text(name)) ?? 0 }

  var schema: Schema {
    Schema(id: number("id"), name: text("name"), encoding: text("encoding"), data: bytes("data"))
  }
  var channel: Channel {
    Channel(
      id: number("id"), schemaID: number("schema_id"), topic: text("topic"), messageEncoding: text("message_encoding"),
      metadata: map("metadata"))
  }
  var message: Message {
    Message(
      channelID: number("channel_id"), sequence: number("sequence"), logTime: number("log_time"),
      publishTime: number("publish_time"), data: bytes("data"))
  }
  var metadata: Metadata { Metadata(name: text("name"), metadata: map("metadata")) }
}
