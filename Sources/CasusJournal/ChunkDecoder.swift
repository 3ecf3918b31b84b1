import CasusEvents
import MCAP

/// Turns a chunk of a segment back into a batch. Keeps its memory from call to call; one thread at a time.
final class ChunkDecoder {
  private var raw = RecordBuffer(capacity: 64 << 10)
  private let decompressor = Decompressor()
  /// Whether the chunk's own times, which its CRC does not cover, must be its events'.
  private let checksTimes: Bool
  /// Where the storage has the keys of the chunk's channels: its messages mostly repeat a few.
  private var resolved: [UInt16: UInt16] = [:]

  init(checksTimes: Bool = true) { self.checksTimes = checksTimes }

  /// Largest chunk, packed or unpacked, in bytes.
  static let limit = 1 << 30

  /// Reads the chunk at `place` and checks its CRC, its sequences and its times.
  func read(
    _ place: ChunkPlace, of file: PosixFile, into storage: BatchStorage,
    resolve: (UInt16) -> ChannelKey?
  ) throws(JournalError) {
    guard let length = Int(exactly: place.length), length <= Self.limit, length > recordHeaderSize else {
      throw JournalError(.damaged, file: file.path, offset: place.offset, "a chunk of \(place.length) bytes")
    }
    raw.removeAll()
    try file.readAll(length, at: place.offset, into: &raw)
    do throws(MCAPError) {
      let chunk = try decode(raw.bytes, at: place.offset, first: place.first, into: storage, resolve: resolve) { _ in }
      guard storage.count == Int(place.count), chunk.startTime == place.startTime,
        chunk.endTime == place.endTime
      else { throw MCAPError(.malformed, "the chunk differs from its index") }
    } catch {
      throw JournalError(.damaged, file: file.path, offset: place.offset, error.message)
    }
  }

  /// Checks a whole chunk record and finds its events, numbered from `first`.
  ///
  /// - Parameter define: is told each schema and channel record.
  func decode(
    _ record: UnsafeRawBufferPointer, at offset: UInt64, first: UInt64, into storage: BatchStorage,
    resolve: (UInt16) -> ChannelKey?, define: (RecordView) throws(MCAPError) -> Void
  ) throws(MCAPError) -> ChunkView {
    var outer = ByteReader(record, origin: offset)
    let view = try outer.record()
    guard view.opcode == .chunk, outer.isAtEnd else { throw MCAPError(.malformed, "no chunk stands here") }
    let chunk = try ChunkView(view.contents, origin: offset + UInt64(recordHeaderSize))
    guard UInt64(record.count) == chunkOverhead(chunk.compression) + UInt64(chunk.records.count) else {
      throw MCAPError(.malformed, "the chunk's lengths contradict each other")
    }
    try chunk.unpack(into: &storage.contents.records, with: decompressor, limit: Self.limit, strict: true)
    try index(storage, first: first, resolve: resolve, define: define)
    var start = UInt64.max
    var end = UInt64.min
    let bytes = storage.bytes
    for entry in storage.entries {
      let time = BatchStorage.logTime(entry, in: bytes)
      start = min(start, time)
      end = max(end, time)
    }
    guard storage.count > 0, !checksTimes || chunk.startTime == start && chunk.endTime == end else {
      throw MCAPError(.malformed, "the chunk's times are not its events'")
    }
    return chunk
  }

  private func index(
    _ storage: BatchStorage, first: UInt64, resolve: (UInt16) -> ChannelKey?,
    define: (RecordView) throws(MCAPError) -> Void
  ) throws(MCAPError) {
    resolved.removeAll(keepingCapacity: true)
    storage.contents.firstSequence = first
    var expected = first
    var last: (id: UInt16, key: UInt16)?
    var reader = ByteReader(storage.bytes)
    while !reader.isAtEnd {
      let record = try reader.record()
      guard record.opcode == .message else {
        try define(record)
        continue
      }
      var fields = ByteReader(record.contents)
      let id: UInt16 = try fields.read()
      let sequence: UInt32 = try fields.read()
      _ = try fields.take(16)
      guard sequence == UInt32(truncatingIfNeeded: expected) else {
        throw MCAPError(.malformed, "sequence \(sequence) (of 32 bits) stands where \(expected) should")
      }
      if last?.id != id { last = (id, try key(of: id, in: storage, resolve)) }
      guard let key = last?.key else { continue }
      storage.contents.entries.append(
        BatchStorage.Entry(
          offset: UInt32(reader.position - fields.remaining), length: UInt32(fields.remaining), key: key))
      expected += 1
    }
  }

  private func key(
    of id: UInt16, in storage: BatchStorage, _ resolve: (UInt16) -> ChannelKey?
  ) throws(MCAPError) -> UInt16 {
    if let known = resolved[id] { return known }
    guard let key = resolve(id), storage.keys.count < Int(UInt16.max) else {
      throw MCAPError(.malformed, "channel \(id) is not defined")
    }
    let place = UInt16(storage.keys.count)
    storage.contents.keys.append(key)
    resolved[id] = place
    return place
  }
}
