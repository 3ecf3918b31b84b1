/// The batch frame of `publish`: records without gaps or padding, integers little-endian.
///
///     0        4
///     +--------+----------------------+
///     | length | event (length bytes) |   … as often as the control frame's count says
///     +--------+----------------------+
///
/// Reading checks every length against what is left before it touches a byte; it copies and allocates nothing.
public struct PublishBatchReader {
  private var rest: UnsafeRawBufferPointer

  /// The bytes must stay in place as long as the events that `next` gives are used.
  public init(_ bytes: UnsafeRawBufferPointer) { rest = bytes }

  public var isAtEnd: Bool { rest.isEmpty }

  /// The next event's bytes; nil when the frame ends or its next record is cut short.
  public mutating func next() -> UnsafeRawBufferPointer? {
    guard rest.count >= 4 else { return nil }
    let length = Int(UInt32(littleEndian: rest.loadUnaligned(as: UInt32.self)))
    guard length <= rest.count - 4 else { return nil }
    let event = UnsafeRawBufferPointer(rebasing: rest[4..<(4 + length)])
    rest = UnsafeRawBufferPointer(rebasing: rest[(4 + length)...])
    return event
  }

  /// Whether the frame holds exactly `count` whole records.
  public static func holds(_ count: Int, in bytes: UnsafeRawBufferPointer) -> Bool {
    var reader = PublishBatchReader(bytes)
    for _ in 0..<count {
      guard reader.next() != nil else { return false }
    }
    return reader.isAtEnd
  }
}

/// Builds the batch frame of `publish`.
public enum PublishBatchWriter {
  /// Bytes that an event takes in a batch.
  public static func size(of eventBytes: Int) -> Int { 4 + eventBytes }

  public static func append(_ event: [UInt8], to frame: inout [UInt8]) {
    withUnsafeBytes(of: UInt32(event.count).littleEndian) { frame.append(contentsOf: $0) }
    frame.append(contentsOf: event)
  }
}
