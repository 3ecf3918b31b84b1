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

/// The frames of a `ValueLog`, and its head.
enum ValueLogFrame {
  static let magic = Array("CASUSLOG".utf8)
  static let format: UInt32 = 1
  static let headSize = 24
  static let headerSize = 12
  /// Around a body, in bytes.
  static let overhead = headerSize + 1
  /// Not zero: so no flipped bit makes an end look like a sector that was never written.
  static let mark: UInt8 = 0xC5
  /// Longest body, in bytes.
  static let limit = 1 << 30

  static func appendHead(base: UInt64, to buffer: inout RecordBuffer) {
    let start = buffer.count
    buffer.append(magic)
    buffer.append(format)
    buffer.append(base)
    buffer.append(CRC32.of(UnsafeRawBufferPointer(rebasing: buffer.bytes[start...])))
  }

  /// Where the file ended when it got its name.
  static func base(_ head: UnsafeRawBufferPointer) throws(MCAPError) -> UInt64 {
    guard head.prefix(magic.count).elementsEqual(magic) else { throw MCAPError(.malformed, at: 0, "no log of values") }
    var reader = ByteReader(head)
    _ = try reader.take(UInt64(magic.count))
    let version: UInt32 = try reader.read()
    let base: UInt64 = try reader.read()
    guard try reader.read(UInt32.self) == CRC32.of(UnsafeRawBufferPointer(rebasing: head[..<(headSize - 4)])) else {
      throw MCAPError(.checksum, at: 0, "the log's head is not what was written")
    }
    guard version == format else { throw MCAPError(.unsupported, at: 8, "log format \(version)") }
    return base
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
