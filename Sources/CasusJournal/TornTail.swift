import MCAP

/// Tells an unfinished write from damage.
///
/// A commit is synced before the next is written, so only the last one can be unfinished: a whole chunk further on
/// proves damage. An unfinished write ends too early, or, after a power cut, has whole sectors of zeros: the file
/// system knew its length before it had its bytes. A chunk that is all there and has a wrong checksum was written and
/// perhaps acknowledged, so that is damage too. (The method is that of etcd's write-ahead log, `isTornEntry`.)
enum TornTail {
  static let sector: UInt64 = 512

  static func judge(
    _ file: PosixFile, from start: UInt64, size: UInt64, reason: String
  ) throws(JournalError) -> SegmentScan.Ending {
    var rest = RecordBuffer()
    guard let count = Int(exactly: size - start), count <= ChunkDecoder.limit else {
      return .damaged(offset: start, reason)
    }
    try file.readAll(count, at: start, into: &rest)
    let bytes = rest.bytes
    if let found = wholeChunk(in: bytes) {
      return .damaged(offset: start, "\(reason); whole commits follow at byte \(start + UInt64(found))")
    }
    if hasZeroSector(bytes, at: start) { return .torn("\(reason) (sectors that were never written)") }
    return endsTooEarly(bytes) ? .torn(reason) : .damaged(offset: start, reason)
  }

  /// A piece between two sector borders, or between one and an end, without a bit set.
  static func hasZeroSector(_ bytes: UnsafeRawBufferPointer, at start: UInt64) -> Bool {
    var position = 0
    while position < bytes.count {
      let stop = min(bytes.count, position + Int(sector - (start + UInt64(position)) % sector))
      if bytes[position..<stop].allSatisfy({ $0 == 0 }) { return true }
      position = stop
    }
    return false
  }

  /// A chunk or a DataEnd record that goes on where the file does not, its fields in agreement as far as they are there.
  private static func endsTooEarly(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let opcode = Opcode(rawValue: bytes[0])
    guard opcode == .chunk || opcode == .dataEnd else { return false }
    guard bytes.count >= recordHeaderSize else { return true }
    var reader = ByteReader(bytes)
    _ = try? reader.take(1)
    guard let length = try? reader.read(UInt64.self), length > UInt64(reader.remaining),
      length <= UInt64(ChunkDecoder.limit)
    else { return false }
    guard opcode == .chunk else { return true }
    guard (try? reader.take(28)) != nil, let name = try? reader.string(), let packed = try? reader.read(UInt64.self)
    else { return true }
    // What was torn may say anything: also a size beyond 64 bits.
    let (whole, overflows) = (chunkOverhead(name) - UInt64(recordHeaderSize)).addingReportingOverflow(packed)
    return !overflows && length == whole
  }

  /// Where, from `start` on, a chunk stands whose lengths agree and whose CRC is right.
  static func wholeChunk(in bytes: UnsafeRawBufferPointer, from start: Int = 1) -> Int? {
    let decompressor = Decompressor()
    var unpacked = RecordBuffer()
    var position = start
    while position + recordHeaderSize + 40 <= bytes.count {
      defer { position += 1 }
      guard bytes[position] == Opcode.chunk.rawValue else { continue }
      var reader = ByteReader(UnsafeRawBufferPointer(rebasing: bytes[position...]))
      guard let record = try? reader.record(), let chunk = try? ChunkView(record.contents),
        UInt64(record.contents.count + recordHeaderSize)
          == chunkOverhead(chunk.compression) + UInt64(chunk.records.count), chunk.uncompressedSize > 0
      else { continue }
      unpacked.removeAll()
      let limit = ChunkDecoder.limit
      if (try? chunk.unpack(into: &unpacked, with: decompressor, limit: limit, strict: true)) != nil { return position }
    }
    return nil
  }
}
