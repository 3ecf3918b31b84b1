/// Where a writer's bytes go.
public protocol ByteSink: AnyObject {
  /// Takes all of `bytes` or throws.
  func write(_ bytes: UnsafeRawBufferPointer) throws(MCAPError)
}

/// Bytes that can be read at any place.
public protocol ByteSource: AnyObject {
  /// In bytes.
  var size: UInt64 { get }
  /// Fills `buffer` with the bytes from `offset` on; `.truncated` when they end before.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(MCAPError)
}

extension ByteSource {
  /// Appends `count` bytes from `offset` to `buffer`; the count is checked against the size before memory is taken.
  func read(_ count: UInt64, at offset: UInt64, into buffer: inout RecordBuffer) throws(MCAPError) {
    guard offset <= size, count <= size - offset, let count = Int(exactly: count) else {
      throw MCAPError(.truncated, at: offset, "\(count) bytes are wanted, the file has \(size)")
    }
    let start = buffer.count
    buffer.extend(by: count)
    try buffer.withMutableBytes { bytes throws(MCAPError) in
      try read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[start...]), at: offset)
    }
  }
}

/// A file in memory: for tests and for small files. Not thread-safe.
public final class MemoryFile: ByteSink, ByteSource {
  public private(set) var bytes: [UInt8]

  public init(_ bytes: [UInt8] = []) { self.bytes = bytes }

  public var size: UInt64 { UInt64(bytes.count) }

  public func write(_ more: UnsafeRawBufferPointer) throws(MCAPError) { bytes.append(contentsOf: more) }

  public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(MCAPError) {
    guard let start = Int(exactly: offset), start <= bytes.count, buffer.count <= bytes.count - start else {
      throw MCAPError(.truncated, at: offset, "the file has \(bytes.count) bytes")
    }
    bytes.withUnsafeBytes {
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[start..<start + buffer.count]))
    }
  }
}

extension [UInt8] {
  /// `withUnsafeBytes` whose error keeps its type.
  func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    try withUnsafeBytes { bytes in Result { () throws(E) in try body(bytes) } }.get()
  }
}
