/// Growing bytes that records are written into, little-endian.
///
/// Owns its memory and keeps it through `removeAll`, so a buffer that is used again allocates nothing. Appending is
/// amortised O(n). Not thread-safe; may move between threads.
public struct RecordBuffer: ~Copyable, @unchecked Sendable {  // the one owner of its memory
  private var base: UnsafeMutableRawPointer
  public private(set) var capacity: Int
  public private(set) var count = 0

  public init(capacity: Int = 4096) {
    self.capacity = max(capacity, 64)
    base = .allocate(byteCount: self.capacity, alignment: 16)
  }

  deinit { base.deallocate() }

  /// The bytes written so far; valid until the buffer is next changed.
  public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

  public mutating func removeAll() { count = 0 }

  /// Drops everything behind the first `count` bytes.
  public mutating func truncate(to count: Int) {
    precondition(count <= self.count)
    self.count = count
  }

  @inline(__always)
  public mutating func reserve(_ more: Int) {
    if capacity - count < more { grow(more) }
  }

  @inline(never)
  private mutating func grow(_ more: Int) {
    let capacity = max(self.capacity * 2, count + more)
    let grown = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
    grown.copyMemory(from: base, byteCount: count)
    base.deallocate()
    base = grown
    self.capacity = capacity
  }

  @inline(__always)
  public mutating func append<T: FixedWidthInteger & BitwiseCopyable>(_ value: T) {
    let size = MemoryLayout<T>.size
    reserve(size)
    base.storeBytes(of: value.littleEndian, toByteOffset: count, as: T.self)
    count += size
  }

  public mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress else { return }
    reserve(bytes.count)
    (base + count).copyMemory(from: start, byteCount: bytes.count)
    count += bytes.count
  }

  public mutating func append(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { append($0) }
  }

  /// Length (u32) and UTF-8.
  public mutating func append(string: String) {
    let start = beginLength32()
    var string = string
    string.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    endLength32(start)
  }

  /// Length in bytes (u32) and the pairs, in the order given.
  public mutating func append(pairs: [(String, String)]) {
    let start = beginLength32()
    for (key, value) in pairs {
      append(string: key)
      append(string: value)
    }
    endLength32(start)
  }

  /// Length in bytes (u32) and the pairs sorted by key, so that equal maps give equal bytes.
  public mutating func append(map: [String: String]) {
    append(pairs: map.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) })
  }

  /// What stands before a message's data, in one go: a broker writes one for every event.
  @inline(__always)
  mutating func appendFields(
    opcode: UInt8, length: UInt64, _ channel: UInt16, _ sequence: UInt32, _ logTime: UInt64, _ publishTime: UInt64
  ) {
    reserve(Int(length) + recordHeaderSize)
    let place = base + count
    place.storeBytes(of: opcode, as: UInt8.self)
    place.storeBytes(of: length.littleEndian, toByteOffset: 1, as: UInt64.self)
    place.storeBytes(of: channel.littleEndian, toByteOffset: 9, as: UInt16.self)
    place.storeBytes(of: sequence.littleEndian, toByteOffset: 11, as: UInt32.self)
    place.storeBytes(of: logTime.littleEndian, toByteOffset: 15, as: UInt64.self)
    place.storeBytes(of: publishTime.littleEndian, toByteOffset: 23, as: UInt64.self)
    count += recordHeaderSize + messageFieldsSize
  }

  /// Adds `count` bytes without setting them; to be filled through `overwrite` or `withMutableBytes`.
  public mutating func extend(by count: Int) {
    reserve(count)
    self.count += count
  }

  public mutating func overwrite<T: FixedWidthInteger & BitwiseCopyable>(_ value: T, at offset: Int) {
    precondition(offset >= 0 && offset + MemoryLayout<T>.size <= count)
    base.storeBytes(of: value.littleEndian, toByteOffset: offset, as: T.self)
  }

  public mutating func withMutableBytes<R, E: Error>(
    _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    try body(UnsafeMutableRawBufferPointer(start: base, count: count))
  }

  /// Starts a record; the returned place is what `endRecord` wants.
  public mutating func beginRecord(_ opcode: Opcode) -> Int {
    append(opcode.rawValue)
    append(UInt64(0))
    return count
  }

  /// Writes the record's length now that its contents stand. `unwritten` bytes of it follow from elsewhere.
  public mutating func endRecord(_ start: Int, unwritten: Int = 0) {
    overwrite(UInt64(count - start + unwritten), at: start - 8)
  }

  private mutating func beginLength32() -> Int {
    append(UInt32(0))
    return count
  }

  private mutating func endLength32(_ start: Int) {
    overwrite(UInt32(count - start), at: start - 4)
  }
}
