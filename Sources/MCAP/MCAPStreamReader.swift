/// Reads a file record by record from its start, also one that was never closed.
///
/// Memory: the largest record and, where it is a chunk, its unpacked records. After an error, `next` throws the same
/// error again; `goodEnd` tells up to where the file made sense. One thread at a time.
public final class MCAPStreamReader {
  private let source: any ByteSource
  private let maxRecordBytes: Int
  private let decompressor = Decompressor()
  private var record = RecordBuffer()
  private var unpacked = RecordBuffer()
  private var inside = 0
  private var chunkOffset: UInt64 = 0
  private var position: UInt64 = 0
  private var crc = CRC32()
  private var summaryStart: UInt64?
  private var state = State.start
  private var schemas: [UInt16: Schema] = [:]
  private var channels: [UInt16: Channel] = [:]

  private enum State {
    case start
    case reading
    case finished
    case failed(MCAPError)
  }

  /// End of the last record that was read whole, in bytes.
  public private(set) var goodEnd: UInt64 = 0

  /// - Parameter maxRecordBytes: the largest record that is read, and the largest chunk that is unpacked.
  public init(_ source: any ByteSource, maxRecordBytes: Int = 1 << 28) {
    self.source = source
    self.maxRecordBytes = maxRecordBytes
  }

  /// The next record, or `nil` behind the closing magic.
  ///
  /// - Throws: `.truncated` where a file ends without its footer, which is how a file that was never closed ends.
  public func next() throws(MCAPError) -> MCAPRecord? {
    if case .failed(let error) = state { throw error }
    do throws(MCAPError) {
      // A chunk may hold nothing, so this is a loop: as recursion, a file of empty chunks would be a stack overflow.
      while true {
        switch try step() {
        case .record(let record): return record
        case .entered: continue
        case .end: return nil
        }
      }
    } catch {
      state = .failed(error)
      throw error
    }
  }

  /// What stands before the DataEnd record only.
  private static let dataKinds: Set<Opcode> = [
    .header, .message, .chunk, .messageIndex, .attachment, .metadata, .dataEnd,
  ]

  /// What stands in a chunk.
  private static let chunkKinds: Set<Opcode> = [.schema, .channel, .message]

  private enum Step {
    case record(MCAPRecord)
    /// A chunk was unpacked; its records come next.
    case entered
    case end
  }

  private func step() throws(MCAPError) -> Step {
    if case .start = state { try begin() }
    if inside < unpacked.count { return .record(try nextInside()) }
    if case .finished = state { return .end }
    let view = try readRecord()
    let start = position
    if summaryStart != nil, Self.dataKinds.contains(view.opcode) {
      throw MCAPError(.malformed, at: start, "a record of kind \(view.opcode.rawValue) stands behind the data's end")
    }
    position += UInt64(record.count)
    if view.opcode == .chunk {
      crc.update(record.bytes)
      try enter(try ChunkView(view.contents, origin: start + UInt64(recordHeaderSize)), at: start)
      goodEnd = position
      return .entered
    }
    let result = try MCAPRecord(view)
    try check(result, at: start)
    goodEnd = position
    return .record(result)
  }

  private func enter(_ chunk: ChunkView, at start: UInt64) throws(MCAPError) {
    unpacked.removeAll()
    inside = 0
    chunkOffset = start
    do throws(MCAPError) {
      try chunk.unpack(into: &unpacked, with: decompressor, limit: maxRecordBytes)
    } catch {
      throw MCAPError(error.code, at: start, errno: error.errno, error.message)
    }
  }

  private func begin() throws(MCAPError) {
    record.removeAll()
    guard source.size >= UInt64(mcapMagic.count) else { throw MCAPError(.notMCAP, at: 0, "the file is not MCAP") }
    try source.read(UInt64(mcapMagic.count), at: 0, into: &record)
    guard record.bytes.elementsEqual(mcapMagic) else { throw MCAPError(.notMCAP, at: 0, "the file is not MCAP") }
    crc.update(record.bytes)
    position = UInt64(mcapMagic.count)
    goodEnd = position
    state = .reading
  }

  /// Fills `record` with the record at `position`.
  private func readRecord() throws(MCAPError) -> RecordView {
    record.removeAll()
    try source.read(UInt64(recordHeaderSize), at: position, into: &record)
    let length = record.bytes.loadUnaligned(fromByteOffset: 1, as: UInt64.self).littleEndian
    guard length <= UInt64(maxRecordBytes) else {
      throw MCAPError(
        length > source.size ? .truncated : .limit, at: position,
        "a record of \(length) bytes; at most \(maxRecordBytes) are accepted")
    }
    try source.read(length, at: position + UInt64(recordHeaderSize), into: &record)
    var reader = ByteReader(record.bytes, origin: position)
    return try reader.record()
  }

  private func nextInside() throws(MCAPError) -> MCAPRecord {
    let bytes = UnsafeRawBufferPointer(rebasing: unpacked.bytes[inside...])
    var reader = ByteReader(bytes)
    do throws(MCAPError) {
      let view = try reader.record()
      inside += reader.position
      guard Self.chunkKinds.contains(view.opcode) || !view.opcode.isDefined else {
        throw MCAPError(.malformed, "a record of kind \(view.opcode.rawValue) stands inside a chunk")
      }
      let result = try MCAPRecord(view)
      try remember(result)
      return result
    } catch {
      throw MCAPError(error.code, at: chunkOffset, "in this chunk: \(error.message)")
    }
  }

  /// Checks what stands outside chunks, and keeps the running CRCs.
  private func check(_ result: MCAPRecord, at start: UInt64) throws(MCAPError) {
    switch result {
    case .dataEnd(let end):
      if end.dataSectionCRC != 0, end.dataSectionCRC != crc.value {
        throw MCAPError(
          .checksum, at: start, "the CRC of the data is \(crc.value), it should be \(end.dataSectionCRC)")
      }
      summaryStart = position
      crc = CRC32()
    case .footer(let footer):
      try checkFooter(footer, at: start)
      state = .finished
    default:
      crc.update(record.bytes)
      try remember(result)
    }
  }

  private func checkFooter(_ footer: Footer, at start: UInt64) throws(MCAPError) {
    crc.update(UnsafeRawBufferPointer(rebasing: record.bytes.prefix(recordHeaderSize + 16)))
    guard let summaryStart, footer.summaryStart == (summaryStart == start ? 0 : summaryStart) else {
      throw MCAPError(.malformed, at: start, "the summary does not stand between DataEnd and the footer")
    }
    if footer.summaryCRC != 0, footer.summaryCRC != crc.value {
      throw MCAPError(.checksum, at: start, "the CRC of the summary is \(crc.value), it should be \(footer.summaryCRC)")
    }
    record.removeAll()
    try source.read(UInt64(mcapMagic.count), at: position, into: &record)
    guard record.bytes.elementsEqual(mcapMagic) else {
      throw MCAPError(.malformed, at: position, "the closing magic is not there")
    }
    position += UInt64(mcapMagic.count)
  }

  /// A schema before its channels, a channel before its messages, and no number with two meanings.
  private func remember(_ record: MCAPRecord) throws(MCAPError) {
    switch record {
    case .schema(let schema):
      if let known = schemas.updateValue(schema, forKey: schema.id), known != schema {
        throw MCAPError(.malformed, at: goodEnd, "schema \(schema.id) has two meanings")
      }
    case .channel(let channel):
      guard channel.schemaID == 0 || schemas[channel.schemaID] != nil else {
        throw MCAPError(
          .malformed, at: goodEnd, "channel \(channel.id) names schema \(channel.schemaID) before it stands")
      }
      if let known = channels.updateValue(channel, forKey: channel.id), known != channel {
        throw MCAPError(.malformed, at: goodEnd, "channel \(channel.id) has two meanings")
      }
    case .message(let message):
      guard channels[message.channelID] != nil else {
        throw MCAPError(.malformed, at: goodEnd, "a message stands before its channel \(message.channelID)")
      }
    default: break
    }
  }
}
