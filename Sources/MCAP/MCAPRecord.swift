/// Any record of a file but a chunk, of which a reader gives the records.
public enum MCAPRecord: Hashable, Sendable {
  case header(Header)
  case footer(Footer)
  case schema(Schema)
  case channel(Channel)
  case message(Message)
  case messageIndex(MessageIndex)
  case chunkIndex(ChunkIndex)
  case attachment(Attachment)
  case attachmentIndex(AttachmentIndex)
  case statistics(Statistics)
  case metadata(Metadata)
  case metadataIndex(MetadataIndex)
  case summaryOffset(SummaryOffset)
  case dataEnd(DataEnd)
  /// A record that the format does not define, or not yet.
  case unknown(Opcode, [UInt8])

  /// Reads a record's contents; the lengths inside are checked, what they mean together is not.
  public init(_ view: RecordView) throws(MCAPError) {
    let origin = view.offset &+ UInt64(recordHeaderSize)
    var reader = ByteReader(view.contents, origin: origin)
    switch view.opcode {
    case .header: self = .header(try Header(from: &reader))
    case .footer: self = .footer(try Footer(from: &reader))
    case .schema: self = .schema(try Schema(from: &reader))
    case .channel: self = .channel(try Channel(from: &reader))
    case .message: self = .message(try Message(from: &reader))
    case .messageIndex: self = .messageIndex(try MessageIndex(from: &reader))
    case .chunkIndex: self = .chunkIndex(try ChunkIndex(from: &reader))
    case .attachment: self = .attachment(try Attachment(from: &reader))
    case .attachmentIndex: self = .attachmentIndex(try AttachmentIndex(from: &reader))
    case .statistics: self = .statistics(try Statistics(from: &reader))
    case .metadata: self = .metadata(try Metadata(from: &reader))
    case .metadataIndex: self = .metadataIndex(try MetadataIndex(from: &reader))
    case .summaryOffset: self = .summaryOffset(try SummaryOffset(from: &reader))
    case .dataEnd: self = .dataEnd(try DataEnd(from: &reader))
    default: self = .unknown(view.opcode, [UInt8](view.contents))
    }
  }
}
