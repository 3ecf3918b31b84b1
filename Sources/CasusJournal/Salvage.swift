import CasusEvents
import MCAP

/// The commits of a damaged segment that can still be read, and what its channels mean.
final class Salvage {
  /// Commits whose sequences follow each other.
  struct Run {
    var places: [ChunkPlace]
    var last: UInt64 { places.last.map { $0.first + UInt64($0.count) - 1 } ?? 0 }
    var count: UInt64 { places.reduce(0) { $0 + UInt64($1.count) } }
  }

  private(set) var runs: [Run] = []
  private(set) var broker = ""
  /// What is wrong with the segment, for the report.
  private(set) var reason = "the segment has no end, or does not follow the one before it"
  private let file: PosixFile
  private var schemas: [UInt16: Schema] = [:]
  private var channels: [UInt16: Channel] = [:]
  private let decoder = ChunkDecoder(checksTimes: false)
  /// End of the last commit that can be read, and of the commits as far as it is known, in bytes.
  private(set) var end: UInt64 = 0
  private(set) var dataEnd: UInt64 = 0

  private init(_ file: PosixFile) { self.file = file }

  /// Looks for every whole commit in the file, also behind damage.
  static func read(_ file: PosixFile, named name: String) throws(JournalError) -> Salvage {
    let salvage = Salvage(file)
    try salvage.look(named: name)
    return salvage
  }

  private func look(named name: String) throws(JournalError) {
    guard let nameFirst = segmentFirst(name), SegmentHead.sequences.contains(nameFirst) else {
      throw JournalError(.unsupported, file: name, "the name is not a sequence")
    }
    var next = nameFirst
    do throws(JournalError) {
      let scan = try SegmentScan.read(file)
      broker = scan.head.broker
      if case .damaged(let offset, let what) = scan.ending { reason = "\(what) at byte \(offset)" }
    } catch {
      guard error.code == .damaged else { throw error }
      reason = error.message
    }
    // The summary repeats what channels mean, so that a damaged first commit does not take the others with it.
    dataEnd = try file.size
    if let closed = try? ClosedSegment.load(file) {
      dataEnd = closed.dataEnd
      for schema in closed.schemas { schemas[schema.id] = schema }
      for channel in closed.channels { channels[channel.id] = channel }
    }
    var bytes = RecordBuffer()
    try file.readAll(Int(clamping: min(try file.size, UInt64(ChunkDecoder.limit))), at: 0, into: &bytes)
    var position = 0
    while let found = TornTail.wholeChunk(
      in: UnsafeRawBufferPointer(rebasing: bytes.bytes[position...]), from: position == 0 ? 1 : 0)
    {
      let start = position + found
      position = start + 1
      let rest = UnsafeRawBufferPointer(rebasing: bytes.bytes[start...])
      guard let place = try learn(rest, at: UInt64(start), expected: next) else { continue }
      position = start + Int(place.length)
      if !runs.isEmpty, place.first == next {
        runs[runs.count - 1].places.append(place)
      } else {
        runs.append(Run(places: [place]))
      }
      next = place.first + UInt64(place.count)
      // Its message indexes follow; those of the last one tell whether anything else stood behind it.
      end = UInt64(position) + messageIndexBytes(bytes.bytes, from: position)
    }
  }

  /// Reads a whole chunk: its definitions and its sequences. `nil` when its channels are unknown or it goes back.
  private func learn(
    _ bytes: UnsafeRawBufferPointer, at offset: UInt64, expected: UInt64
  ) throws(JournalError) -> ChunkPlace? {
    var reader = ByteReader(bytes)
    guard let view = try? reader.record(), let chunk = try? ChunkView(view.contents) else { return nil }
    var unpacked = RecordBuffer()
    let decompressor = Decompressor()
    guard
      (try? chunk.unpack(into: &unpacked, with: decompressor, limit: ChunkDecoder.limit, strict: true)) != nil
    else { return nil }
    var first: UInt64?
    var count: UInt32 = 0
    var inside = ByteReader(unpacked.bytes)
    while !inside.isAtEnd {
      guard let record = try? inside.record() else { return nil }
      var fields = ByteReader(record.contents)
      switch record.opcode {
      case .schema: if let schema = try? Schema(from: &fields) { schemas[schema.id] = schema }
      case .channel: if let channel = try? Channel(from: &fields) { channels[channel.id] = channel }
      case .message:
        guard let id = try? fields.read(UInt16.self), let low = try? fields.read(UInt32.self), channels[id] != nil
        else { return nil }
        if first == nil {
          // The file has the low 32 bits; the rest follows from what was expected here.
          var full = expected & ~0xFFFF_FFFF | UInt64(low)
          if full < expected { full += 1 << 32 }
          guard full - expected < 1 << 31 else { return nil }
          first = full
        }
        count += 1
      default: break
      }
    }
    guard let first, count > 0 else { return nil }
    return ChunkPlace(
      offset: offset, length: UInt64(reader.position), first: first, count: count, startTime: chunk.startTime,
      endTime: chunk.endTime)
  }

  /// Hands over a run's commits, their senders and types numbered by `names`.
  func read(
    _ run: Run, _ names: JournalNames, _ body: (BatchStorage) throws(JournalError) -> Void
  ) throws(JournalError) {
    let table = try SegmentChannels(
      Array(channels.values), Array(schemas.values), names, file: file.path, isRepair: true
    ).keys
    let storage = BatchStorage(capacity: 64 << 10)
    for place in run.places {
      storage.removeAll()
      try decoder.read(place, of: file, into: storage) { table[$0] }
      try body(storage)
    }
  }

  private func messageIndexBytes(_ bytes: UnsafeRawBufferPointer, from start: Int) -> UInt64 {
    var reader = ByteReader(UnsafeRawBufferPointer(rebasing: bytes[start...]))
    var end = 0
    while let record = try? reader.record(), record.opcode == .messageIndex { end = reader.position }
    return UInt64(end)
  }
}
