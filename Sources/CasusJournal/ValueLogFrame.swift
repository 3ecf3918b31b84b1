import MCAP

/// One change in a `ValueLog`, as it stands there.
struct ValueRecord {
  let key: ValueKey
  /// `nil`: there is none any more.
  let value: UnsafeRawBufferPointer?

  init(_ reader: inout ByteReader) throws(MCAPError) {
    let operation: UInt8 = try reader.read()
    guard operation == 1 || operation == 2 else {
      throw MCAPError(.malformed, at: reader.offset, "no change stands here")
    }
    let kind: UInt8 = try reader.read()
    key = ValueKey(kind: kind, name: try reader.string(), number: try reader.read())
    value = operation == 1 ? try reader.take(UInt64(try reader.read(UInt32.self))) : nil
  }

  /// The highest sequence that the log's values speak of, when it is that record.
  var reach: UInt64? {
    guard key == .reach, let value, value.count == 8 else { return nil }
    return value.loadUnaligned(as: UInt64.self).littleEndian
  }

  static func append(_ key: ValueKey, _ value: [UInt8]?, to buffer: inout RecordBuffer) {
    buffer.append(value == nil ? 2 : 1 as UInt8)
    buffer.append(key.kind)
    buffer.append(string: key.name)
    buffer.append(key.number)
    guard let value else { return }
    buffer.append(UInt32(value.count))
    buffer.append(value)
  }
}

extension ValueKey {
  /// The log's own: the highest sequence that its values speak of.
  static let reach = ValueKey(kind: 255, name: "")
}

/// The frames of a `ValueLog`, and its head.
enum ValueLogFrame {
  static let magic = Array("CASUSLOG".utf8)
  static let format: UInt32 = 2
  static let headSize = 48
  static let headerSize = 12
  /// Around a body, in bytes.
  static let overhead = headerSize + 1
  /// Not zero: so no flipped bit makes an end look like a sector that was never written.
  static let mark: UInt8 = 0xC5
  /// Longest body, in bytes.
  static let limit = 1 << 30

  struct Head {
    /// Where the file ended when it got its name.
    var base: UInt64
    /// How often the log had been written anew, itself included.
    var generation: UInt64
    var journal: JournalID
  }

  static func append(_ head: Head, to buffer: inout RecordBuffer) {
    let start = buffer.count
    buffer.append(magic)
    buffer.append(format)
    buffer.append(head.base)
    buffer.append(head.generation)
    buffer.append(head.journal.bytes)
    buffer.append(CRC32.of(UnsafeRawBufferPointer(rebasing: buffer.bytes[start...])))
  }

  static func head(_ head: UnsafeRawBufferPointer) throws(MCAPError) -> Head {
    guard head.prefix(magic.count).elementsEqual(magic) else { throw MCAPError(.malformed, at: 0, "no log of values") }
    var reader = ByteReader(head)
    _ = try reader.take(UInt64(magic.count))
    let version: UInt32 = try reader.read()
    // Whole, and of another edition; the first one's head was shorter.
    if version != format, isSealed(head, 24) || isSealed(head, headSize) {
      throw MCAPError(
        .unsupported, at: 8, "the log has format \(version), written by another version; this one reads \(format)")
    }
    let base: UInt64 = try reader.read()
    let generation: UInt64 = try reader.read()
    let id = JournalID(try reader.take(UInt64(JournalID.size)))
    guard let id, version == format, isSealed(head, headSize) else {
      throw MCAPError(.checksum, at: 0, "the log's head is not what was written")
    }
    return Head(base: base, generation: generation, journal: id)
  }

  private static func isSealed(_ head: UnsafeRawBufferPointer, _ size: Int) -> Bool {
    guard head.count >= size else { return false }
    let crc = head.loadUnaligned(fromByteOffset: size - 4, as: UInt32.self).littleEndian
    return CRC32.of(UnsafeRawBufferPointer(rebasing: head[..<(size - 4)])) == crc
  }

  /// Begins a frame at the end of `buffer`; the place is what `end` wants.
  static func begin(_ buffer: inout RecordBuffer) -> Int {
    buffer.extend(by: headerSize)
    return buffer.count
  }

  static func end(_ start: Int, _ buffer: inout RecordBuffer) {
    let body = UnsafeRawBufferPointer(rebasing: buffer.bytes[start...])
    buffer.overwrite(UInt32(body.count), at: start - 12)
    buffer.overwrite(CRC32.of(body), at: start - 8)
    let crc = CRC32.of(UnsafeRawBufferPointer(rebasing: buffer.bytes[(start - 12)..<(start - 4)]))
    buffer.overwrite(crc, at: start - 4)
    buffer.append(mark)
  }

  /// Length and CRC of the body that follows such a header; `nil` when it is none.
  static func header(_ bytes: UnsafeRawBufferPointer) -> (length: Int, crc: UInt32)? {
    guard bytes.count >= headerSize else { return nil }
    func field(_ offset: Int) -> UInt32 { bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self).littleEndian }
    guard field(0) <= limit, CRC32.of(UnsafeRawBufferPointer(rebasing: bytes[..<8])) == field(8) else { return nil }
    return (Int(field(0)), field(4))
  }

  /// The body of the whole frame that `bytes` begin with.
  static func body(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    guard let header = header(bytes), bytes.count >= header.length + overhead else { return nil }
    let body = UnsafeRawBufferPointer(rebasing: bytes[headerSize..<headerSize + header.length])
    guard CRC32.of(body) == header.crc, bytes[headerSize + header.length] == mark else { return nil }
    return body
  }
}
