/// Reads fields from bytes that nobody vouches for: every length is checked against what is there before it is used.
///
/// A view: it copies nothing and is valid as long as the bytes are.
public struct ByteReader {
  public let bytes: UnsafeRawBufferPointer
  public private(set) var position: Int
  /// Where `bytes` begins in the file, for the places that errors name.
  public let origin: UInt64

  public init(_ bytes: UnsafeRawBufferPointer, origin: UInt64 = 0) {
    self.bytes = bytes
    position = 0
    self.origin = origin
  }

  public var remaining: Int { bytes.count - position }
  public var isAtEnd: Bool { position == bytes.count }
  public var offset: UInt64 { origin &+ UInt64(position) }

  @inline(__always)
  public mutating func read<T: FixedWidthInteger & BitwiseCopyable>(_: T.Type = T.self) throws(MCAPError) -> T {
    let size = MemoryLayout<T>.size
    guard remaining >= size else { throw cut(UInt64(size)) }
    defer { position += size }
    return T(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: T.self))
  }

  /// The next `count` bytes, as a view.
  public mutating func take(_ count: UInt64) throws(MCAPError) -> UnsafeRawBufferPointer {
    guard let count = Int(exactly: count), count <= remaining else { throw cut(count) }
    defer { position += count }
    return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
  }

  public mutating func rest() -> UnsafeRawBufferPointer {
    defer { position = bytes.count }
    return UnsafeRawBufferPointer(rebasing: bytes[position...])
  }

  /// Length (u32) and UTF-8; other bytes are an error.
  public mutating func string() throws(MCAPError) -> String {
    let start = offset
    let raw = try take(UInt64(try read(UInt32.self)))
    guard let string = String(validating: raw, as: UTF8.self) else {
      throw MCAPError(.malformed, at: start, "a string is not UTF-8")
    }
    return string
  }

  /// Length in bytes (u32), then that many bytes, as a reader of their own.
  public mutating func section() throws(MCAPError) -> ByteReader {
    let count = UInt64(try read(UInt32.self))
    let start = offset
    return ByteReader(try take(count), origin: start)
  }

  public mutating func map() throws(MCAPError) -> [(String, String)] {
    var section = try section()
    var pairs: [(String, String)] = []
    while !section.isAtEnd { pairs.append((try section.string(), try section.string())) }
    return pairs
  }

  private func cut(_ wanted: UInt64) -> MCAPError {
    MCAPError(.truncated, at: offset, "\(wanted) bytes are wanted, \(remaining) are left")
  }
}
