import CasusEvents
import MCAP

/// A segment read from its first byte to where it stops making sense: every CRC, every sequence, every index.
struct SegmentScan: ~Copyable {
  enum Ending: Equatable {
    /// The last commit ends where the file ends.
    case whole
    /// A DataEnd record stands behind the last commit, with the CRC given; whatever follows can be made anew.
    case dataEnd(UInt32)
    /// The write of the last commit, or of its indexes, was not finished: nothing of it was acknowledged.
    case torn(String)
    /// Something that no unfinished write explains.
    case damaged(offset: UInt64, String)
  }

  let head: SegmentHead
  var summary: SegmentSummary
  var chunks = ContiguousArray<ChunkPlace>()
  var schemas: [Schema] = []
  var channels: [Channel] = []
  /// One more than the last whole event's sequence.
  var next: UInt64
  /// End of the last whole commit with its message indexes, in bytes.
  var end: UInt64
  /// Over everything up to `end`.
  var crc: CRC32
  var ending = Ending.whole
  /// Message indexes that the last commit should have behind it and has not.
  var missingIndexes: [UInt8] = []
  /// Whether message indexes stand behind the commits.
  private var hasIndexes = false
  /// Size of the file when it was read.
  let size: UInt64

  /// - Parameters:
  ///   - learn: is told each channel before the commit that first uses it is visited.
  ///   - visit: is given each commit when it has been checked.
  /// - Throws: `.io`, or `.damaged` when not even the head can be read.
  static func read(
    _ file: PosixFile, learn: (Channel) -> Void = { _ in },
    visit: (BatchStorage, ChunkPlace) throws(JournalError) -> Void = { _, _ in }
  ) throws(JournalError) -> SegmentScan {
    let size = try file.size
    var scan = SegmentScan(try Start(file, size: size), size: size)
    var walk = Walk(file: file, size: size)
    while try scan.step(&walk, learn, visit) {}
    return scan
  }

  private init(_ start: Start, size: UInt64) {
    self.size = size
    head = start.head
    summary = SegmentSummary(metadata: start.metadata)
    next = head.first
    end = start.end
    crc = start.crc
  }

  /// The head of a segment, read.
  struct Start {
    let head: SegmentHead
    let metadata: MetadataIndex
    let end: UInt64
    let crc: CRC32

    init(_ file: PosixFile, size: UInt64) throws(JournalError) {
      var raw = RecordBuffer()
      try file.readAll(Int(min(size, SegmentHead.limit)), at: 0, into: &raw)
      do throws(MCAPError) { (head, metadata) = try SegmentHead.parse(raw.bytes) } catch {
        throw JournalError(
          error.code == .unsupported ? .unsupported : .damaged, file: file.path, offset: error.offset, error.message)
      }
      end = metadata.offset + metadata.length
      crc = CRC32(CRC32.of(UnsafeRawBufferPointer(rebasing: raw.bytes[..<Int(end)])))
    }
  }

  consuming func takeSummary() -> SegmentSummary { summary }

  /// Memory that every step uses again.
  private struct Walk: ~Copyable {
    let file: PosixFile
    let size: UInt64
    let decoder = ChunkDecoder()
    let storage = BatchStorage(capacity: 64 << 10)
    var raw = RecordBuffer(capacity: 64 << 10)
    var indexes = RecordBuffer()
    var counter = ChannelCounter()
    var known: Set<UInt16> = []
    var knownSchemas: Set<UInt16> = []
  }

  /// Reads one commit. Returns false, and has set `ending`, when there is no other.
  private mutating func step(
    _ walk: inout Walk, _ learn: (Channel) -> Void,
    _ visit: (BatchStorage, ChunkPlace) throws(JournalError) -> Void
  ) throws(JournalError) -> Bool {
    if end == size { return false }
    walk.raw.removeAll()
    guard size - end >= UInt64(recordHeaderSize) else { return try stop(walk, "a record's length is cut off") }
    try walk.file.readAll(recordHeaderSize, at: end, into: &walk.raw)
    let opcode = Opcode(rawValue: walk.raw.bytes[0])
    let length = walk.raw.bytes.loadUnaligned(fromByteOffset: 1, as: UInt64.self).littleEndian
    let room = size - end - UInt64(recordHeaderSize)
    if opcode == .dataEnd, length == 4, room >= 4 {
      try walk.file.readAll(4, at: end + UInt64(recordHeaderSize), into: &walk.raw)
      ending = .dataEnd(walk.raw.bytes.loadUnaligned(fromByteOffset: recordHeaderSize, as: UInt32.self).littleEndian)
      return false
    }
    guard opcode == .chunk, length <= room, length <= UInt64(ChunkDecoder.limit) else {
      return try stop(walk, opcode == .chunk ? "a commit is cut off" : "no record of a segment stands here")
    }
    try walk.file.readAll(Int(length), at: end + UInt64(recordHeaderSize), into: &walk.raw)
    walk.storage.removeAll()
    let chunk: (place: ChunkPlace, compression: String, unpacked: UInt64)
    let known = channels.count
    do throws(MCAPError) { chunk = try decode(&walk) } catch { return try stop(walk, error.message) }
    crc.update(walk.raw.bytes)
    end += chunk.place.length
    let before = end
    let isWhole = try readIndexes(&walk)
    summary.add(
      chunk.place, compression: chunk.compression, unpacked: chunk.unpacked,
      indexLength: isWhole ? end - before : UInt64(missingIndexes.count), channels: walk.counter)
    chunks.append(chunk.place)
    next = chunk.place.first + UInt64(chunk.place.count)
    for channel in channels[known...] { learn(channel) }
    try visit(walk.storage, chunk.place)
    return isWhole
  }

  private mutating func decode(
    _ walk: inout Walk
  ) throws(MCAPError) -> (place: ChunkPlace, compression: String, unpacked: UInt64) {
    var known = walk.known
    var knownSchemas = walk.knownSchemas
    var newChannels: [Channel] = []
    var newSchemas: [Schema] = []
    // Only whether a channel is defined matters here; what it means is asked by those who read.
    let anything = ChannelKey(edition: .init(rawValue: 0), type: 0, sender: 0, flags: [])
    let storage = walk.storage
    let view = try walk.decoder.decode(
      walk.raw.bytes, at: end, first: next, into: storage,
      resolve: { known.contains($0) ? anything : nil },
      define: { record throws(MCAPError) in
        var reader = ByteReader(record.contents)
        if record.opcode == .schema {
          let schema = try Schema(from: &reader)
          if knownSchemas.insert(schema.id).inserted { newSchemas.append(schema) }
        } else if record.opcode == .channel {
          let channel = try Channel(from: &reader)
          if known.insert(channel.id).inserted { newChannels.append(channel) }
        }
      })
    walk.known = known
    walk.knownSchemas = knownSchemas
    schemas += newSchemas
    channels += newChannels
    walk.counter.count(storage)
    let place = ChunkPlace(
      offset: end, length: UInt64(walk.raw.count), first: next, count: UInt32(storage.count),
      startTime: view.startTime, endTime: view.endTime)
    return (place, view.compression, view.uncompressedSize)
  }

  /// Compares the message indexes behind a chunk with those that belong there; a segment may have none at all.
  /// Returns false, and has set `ending`, when they are not whole.
  private mutating func readIndexes(_ walk: inout Walk) throws(JournalError) -> Bool {
    walk.indexes.removeAll()
    walk.counter.writeIndexes(walk.storage, base: 0, into: &walk.indexes)
    let there = Int(min(size - end, UInt64(walk.indexes.count)))
    walk.raw.removeAll()
    try walk.file.readAll(there, at: end, into: &walk.raw)
    if there > 0, walk.raw.bytes[0] != Opcode.messageIndex.rawValue, walk.raw.bytes[0] != 0 { return true }
    if walk.raw.bytes.elementsEqual(walk.indexes.bytes) {
      crc.update(walk.raw.bytes)
      end += UInt64(there)
      hasIndexes = true
      return true
    }
    if there == 0, !chunks.isEmpty, !hasIndexes { return true }
    missingIndexes = [UInt8](walk.indexes.bytes)
    if there == 0 { return false }
    if size - end <= UInt64(walk.indexes.count) {
      // Behind the last commit, so nothing is lost: they are made anew from the commit, which is whole.
      ending = .torn("the message indexes of the last commit are not whole")
      return false
    }
    return try stop(walk, "a message index is not what was written")
  }

  /// Decides what the bytes at `end` are: the rest of an unfinished write, or damage.
  private mutating func stop(_ walk: borrowing Walk, _ reason: String) throws(JournalError) -> Bool {
    ending = try TornTail.judge(walk.file, from: end, size: size, reason: reason)
    return false
  }
}
