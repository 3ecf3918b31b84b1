/// A chunk record's fields over bytes that somebody else holds.
///
///     u64 start time | u64 end time | u64 unpacked size | u32 unpacked CRC | string compression | u64 n | n bytes
public struct ChunkView {
  public var startTime: UInt64
  public var endTime: UInt64
  public var uncompressedSize: UInt64
  public var uncompressedCRC: UInt32
  public var compression: String
  /// Packed records; valid as long as the bytes are.
  public var records: UnsafeRawBufferPointer

  /// - Parameter contents: of the record, behind opcode and length.
  public init(_ contents: UnsafeRawBufferPointer, origin: UInt64 = 0) throws(MCAPError) {
    var reader = ByteReader(contents, origin: origin)
    startTime = try reader.read()
    endTime = try reader.read()
    uncompressedSize = try reader.read()
    uncompressedCRC = try reader.read()
    compression = try reader.string()
    records = try reader.take(try reader.read(UInt64.self))
  }

  /// Appends the unpacked records to `buffer` and checks their CRC (`strict`: also when it is 0, "not available").
  ///
  /// - Parameter limit: the largest unpacked size that is accepted, in bytes.
  public func unpack(
    into buffer: inout RecordBuffer, with decompressor: Decompressor, limit: Int, strict: Bool = false
  ) throws(MCAPError) {
    guard let size = Int(exactly: uncompressedSize), size <= limit else {
      throw MCAPError(.limit, "a chunk of \(uncompressedSize) bytes is larger than the limit of \(limit)")
    }
    guard let packing = Compression(rawValue: compression) else {
      throw MCAPError(.unsupported, "the chunk is packed with '\(compression)'")
    }
    // A frame that unpacks to 255 times its size or more cannot be LZ4; refused before memory is spent on it.
    if packing == .lz4, uncompressedSize / 256 > UInt64(records.count) {
      throw MCAPError(.malformed, "the chunk says it unpacks to \(uncompressedSize) bytes, LZ4 cannot do that")
    }
    let start = buffer.count
    buffer.extend(by: size)
    do {
      try buffer.withMutableBytes { bytes throws(MCAPError) in
        try decompressor.decompress(
          records, as: packing, into: UnsafeMutableRawBufferPointer(rebasing: bytes[start...]))
      }
    } catch {
      buffer.truncate(to: start)
      throw error
    }
    guard strict || uncompressedCRC != 0 else { return }
    let crc = CRC32.of(UnsafeRawBufferPointer(rebasing: buffer.bytes[start...]))
    guard crc == uncompressedCRC else {
      buffer.truncate(to: start)
      throw MCAPError(.checksum, "the chunk's CRC is \(crc), it should be \(uncompressedCRC)")
    }
  }
}

/// One record among others: its opcode and where its contents stand.
public struct RecordView {
  public var opcode: Opcode
  public var contents: UnsafeRawBufferPointer
  /// Of its opcode in the file, or in the unpacked chunk.
  public var offset: UInt64
}

extension ByteReader {
  /// The next record as a view; its length is checked against the bytes that are left.
  @inline(__always)
  public mutating func record() throws(MCAPError) -> RecordView {
    let start = offset
    let opcode = Opcode(rawValue: try read())
    let length: UInt64 = try read()
    return RecordView(opcode: opcode, contents: try take(length), offset: start)
  }
}
