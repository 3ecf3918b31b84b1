import CasusEvents
import MCAP

/// Writes one segment; used by the committing thread only.
final class SegmentWriter: @unchecked Sendable {  // inside the journal's mutex
  let segment: Segment
  private let options: JournalOptions
  private let names: JournalNames
  /// End of the last whole commit, in bytes.
  private(set) var end: UInt64
  private var crc: CRC32
  private var summary: SegmentSummary
  /// Those whose definitions stand in the file.
  private var channels: SegmentChannels

  private var head = RecordBuffer()
  private var tail = RecordBuffer()
  private var definitions = RecordBuffer()
  private let compressor = LZ4Compressor()
  private var counter = ChannelCounter()
  private var ids: [UInt16] = []

  init(
    segment: Segment, options: JournalOptions, names: JournalNames, end: UInt64, crc: CRC32,
    summary: consuming SegmentSummary, channels: SegmentChannels
  ) {
    self.segment = segment
    self.options = options
    self.names = names
    self.end = end
    self.crc = crc
    self.summary = summary
    self.channels = channels
  }

  /// Whether it is large enough to be closed.
  var isLargeEnough: Bool { end >= options.segmentBytes || summary.commits >= UInt64(options.segmentCommits) }

  /// Whether the numbers that it has left are enough for the batch's channels; a new segment's always are.
  func hasRoom(for storage: BatchStorage) -> Bool {
    channels.haveRoom(for: storage.keys, names, maxChannels: options.maxChannels)
  }

  /// Writes the batch as one chunk with its message indexes and syncs. On error nothing of it is in the journal.
  func commit(_ storage: BatchStorage) throws(JournalError) {
    var channels = channels
    channels.take(storage.keys, names, into: &ids)
    storage.contents.place(ids)
    counter.count(storage)
    definitions.removeAll()
    channels.defineNew(since: self.channels, names, into: &definitions)
    let (start, finish) = (counter.startTime, counter.endTime)
    var crcOfRecords = CRC32()
    crcOfRecords.update(definitions.bytes)
    crcOfRecords.update(storage.bytes)
    let unpacked = definitions.count + storage.bytes.count

    head.removeAll()
    if options.compression == .lz4 {
      head.appendChunkHeader(
        startTime: start, endTime: finish, uncompressedSize: UInt64(unpacked), uncompressedCRC: crcOfRecords.value,
        compression: Compression.lz4.rawValue, compressedSize: 0)
      let packedFrom = head.count
      do { try compressor.compress([definitions.bytes, storage.bytes], into: &head) } catch {
        throw JournalError(.io, file: segment.path, "LZ4 could not compress")
      }
      head.overwrite(UInt64(head.count - packedFrom), at: packedFrom - 8)
      head.overwrite(UInt64(head.count - recordHeaderSize), at: 1)
    } else {
      head.appendChunkHeader(
        startTime: start, endTime: finish, uncompressedSize: UInt64(unpacked), uncompressedCRC: crcOfRecords.value,
        compression: "", compressedSize: UInt64(unpacked))
      head.append(definitions.bytes)
    }
    // Packed records stand in `head` already, others are written from where they are.
    let loose = options.compression == .lz4 ? UnsafeRawBufferPointer(rebasing: head.bytes[..<0]) : storage.bytes
    let length = UInt64(head.count + loose.count)
    tail.removeAll()
    if options.messageIndexes { counter.writeIndexes(storage, base: definitions.count, into: &tail) }
    let position = try write([head.bytes, loose, tail.bytes])
    if options.sync == .disk, let number = segment.file.syncData() {
      throw JournalError(.failed, file: segment.path, errno: number, "the disk did not confirm a write")
    }

    for part in [head.bytes, loose, tail.bytes] { crc.update(part) }
    let place = ChunkPlace(
      offset: end, length: length, first: storage.firstSequence, count: UInt32(storage.count),
      startTime: start, endTime: finish)
    summary.add(
      place, compression: options.compression.rawValue, unpacked: UInt64(unpacked), indexLength: UInt64(tail.count),
      channels: counter)
    end = position
    segment.published(place, end: end, channels: definitions.count > 0 ? channels.keys : nil)
    self.channels = channels
  }

  /// Adds the end of data, the summary and the footer, so that any tool can read the file by its index.
  func finish() throws(JournalError) {
    tail.removeAll()
    summary.appendEnd(to: &tail, at: end, dataCRC: crc.value, channels, names)
    let position = try write([tail.bytes])
    if options.sync != .none, let number = segment.file.sync() {
      throw JournalError(.failed, file: segment.path, errno: number, "the disk did not confirm a write")
    }
    segment.closed(end: position)
  }

  /// Writes behind the last commit and returns the new end, or takes back what was written.
  private func write(_ parts: [UnsafeRawBufferPointer]) throws(JournalError) -> UInt64 {
    if let number = segment.file.write(parts, at: end) {
      guard let kind = passing(number), segment.file.takesBack(to: end) else {
        throw JournalError(.failed, file: segment.path, errno: number, "a write failed")
      }
      throw JournalError(kind, file: segment.path, errno: number, "the batch could not be written")
    }
    return parts.reduce(end) { $0 + UInt64($1.count) }
  }
}
