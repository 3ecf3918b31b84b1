import CasusEvents
import MCAP

/// Turns a chunk of a segment back into a batch. Keeps its memory from call to call; one thread at a time.
final class ChunkDecoder {
  private var raw = RecordBuffer(capacity: 64 << 10)
  private let decompressor = Decompressor()
  /// Of the last chunk: a chunk's messages mostly repeat a few channels.
  private var resolved: [UInt16: ChannelRegistry.ChannelEntry] = [:]

  static let limit = 1 << 30

  /// Reads the chunk at `place` and checks its CRC, its sequences and its times.
  func read(
    _ place: ChunkPlace, of file: PosixFile, into storage: BatchStorage,
    resolve: (UInt16) -> ChannelRegistry.ChannelEntry?
  ) throws(JournalError) {
    guard let length = Int(exactly: place.length), length <= Self.limit, length > recordHeaderSize else {
      throw JournalError(.damaged, file: file.path, offset: place.offset, "a chunk of \(place.length) bytes")
    }
    raw.removeAll()
    try file.readAll(length, at: place.offset, into: &raw)
    do throws(MCAPError) {
      var reader = ByteReader(raw.bytes, origin: place.offset)
      let record = try reader.record()
      guard record.opcode == .chunk, reader.isAtEnd else { throw MCAPError(.malformed, "no chunk stands here") }
      let chunk = try ChunkView(record.contents, origin: place.offset + UInt64(recordHeaderSize))
      try chunk.unpack(into: &storage.records, with: decompressor, limit: Self.limit, strict: true)
      try index(storage, first: place.first, resolve: resolve)
      guard storage.entries.count == Int(place.count) else {
        throw MCAPError(.malformed, "\(storage.entries.count) events, the index says \(place.count)")
      }
    } catch {
      throw JournalError(.damaged, file: file.path, offset: place.offset, error.message)
    }
  }

  /// Finds the events among the unpacked records.
  private func index(
    _ storage: BatchStorage, first: UInt64, resolve: (UInt16) -> ChannelRegistry.ChannelEntry?
  ) throws(MCAPError) {
    resolved.removeAll(keepingCapacity: true)
    storage.firstSequence = first
    var reader = ByteReader(storage.records.bytes)
    while !reader.isAtEnd {
      let record = try reader.record()
      guard record.opcode == .message else { continue }
      var fields = ByteReader(record.contents)
      let id: UInt16 = try fields.read()
      let sequence: UInt32 = try fields.read()
      _ = try fields.take(16)
      guard sequence == UInt32(truncatingIfNeeded: first + UInt64(storage.entries.count)) else {
        throw MCAPError(.malformed, "sequence \(sequence) where \(first + UInt64(storage.entries.count)) should be")
      }
      guard let channel = resolved[id] ?? resolve(id) else {
        throw MCAPError(.malformed, "channel \(id) is not defined")
      }
      resolved[id] = channel
      storage.entries.append(
        BatchStorage.Entry(
          offset: UInt32(reader.position - fields.remaining), length: UInt32(fields.remaining),
          sender: channel.sender, type: channel.type, flags: channel.flags, channel: id))
    }
  }
}
