public import CasusEvents

/// One record of a `deliver` batch: the stamp's fields and the event's bytes where they stand in the frame.
public struct DeliveredRecord {
  public var sequence: UInt64
  public var recorded: Timestamp
  /// Place in the control frame's `senders`.
  public var sender: Int
  public var flags: StampFlags
  public var event: UnsafeRawBufferPointer
}

/// The batch frame of `deliver`: records without gaps or padding, integers little-endian.
///
///     0          8          16       18      20       24
///     +----------+----------+--------+-------+--------+----------------------+
///     | sequence | recorded | sender | flags | length | event (length bytes) |   … as often as count says
///     +----------+----------+--------+-------+--------+----------------------+
///       u64        i64 ns     u16      u16     u32
///
/// Reading checks every length against what is left before it touches a byte; it copies and allocates nothing.
public struct DeliverBatchReader {
  private var rest: UnsafeRawBufferPointer

  public init(_ bytes: UnsafeRawBufferPointer) { rest = bytes }

  public var isAtEnd: Bool { rest.isEmpty }

  public mutating func next() -> DeliveredRecord? {
    guard rest.count >= DeliverBatchWriter.header else { return nil }
    let length = Int(UInt32(littleEndian: rest.loadUnaligned(fromByteOffset: 20, as: UInt32.self)))
    guard length <= rest.count - DeliverBatchWriter.header else { return nil }
    let end = DeliverBatchWriter.header + length
    let record = DeliveredRecord(
      sequence: UInt64(littleEndian: rest.loadUnaligned(as: UInt64.self)),
      recorded: Timestamp(
        nanoseconds: Int64(littleEndian: rest.loadUnaligned(fromByteOffset: 8, as: Int64.self))),
      sender: Int(UInt16(littleEndian: rest.loadUnaligned(fromByteOffset: 16, as: UInt16.self))),
      flags: StampFlags(rawValue: UInt16(littleEndian: rest.loadUnaligned(fromByteOffset: 18, as: UInt16.self))),
      event: UnsafeRawBufferPointer(rebasing: rest[DeliverBatchWriter.header..<end]))
    rest = UnsafeRawBufferPointer(rebasing: rest[end...])
    return record
  }
}

/// Builds the batch frame of `deliver`, record by record, in memory that the caller has sized.
public struct DeliverBatchWriter {
  /// Bytes before each event.
  public static let header = 24

  private let frame: UnsafeMutableRawBufferPointer
  public private(set) var written = 0

  public init(_ frame: UnsafeMutableRawBufferPointer) { self.frame = frame }

  /// Copies the event behind its header. The frame must have room for `header + event.count` more bytes.
  public mutating func append(
    sequence: UInt64, recorded: Timestamp, sender: UInt16, flags: StampFlags, event: UnsafeRawBufferPointer
  ) {
    precondition(frame.count - written >= Self.header + event.count)
    frame.storeBytes(of: sequence.littleEndian, toByteOffset: written, as: UInt64.self)
    frame.storeBytes(of: recorded.nanoseconds.littleEndian, toByteOffset: written + 8, as: Int64.self)
    frame.storeBytes(of: sender.littleEndian, toByteOffset: written + 16, as: UInt16.self)
    frame.storeBytes(of: flags.rawValue.littleEndian, toByteOffset: written + 18, as: UInt16.self)
    frame.storeBytes(of: UInt32(event.count).littleEndian, toByteOffset: written + 20, as: UInt32.self)
    let start = written + Self.header
    if let bytes = event.baseAddress, let base = frame.baseAddress {
      (base + start).copyMemory(from: bytes, byteCount: event.count)
    }
    written = start + event.count
  }
}
