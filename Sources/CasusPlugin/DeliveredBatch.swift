import CasusEvents
import CasusWire
import ZeroMQ

/// The events of one `deliver` frame, read one by one out of libzmq's own memory.
final class DeliveredBatch: @unchecked Sendable {  // The lock of its StreamBuffer guards it.
  struct Item {
    var stamp: Stamp
    var bytes: [UInt8]
  }

  private let message: Message
  private let senders: [String]
  private var offset = 0
  private(set) var remaining: Int
  /// Bytes of the events that are left.
  private(set) var remainingBytes: Int

  /// Throws `malformed-batch` where the frame does not hold what its control frame promises.
  init(_ message: consuming Message, _ deliver: Deliver) throws(WireError) {
    remainingBytes = try message.withUnsafeBytes { (bytes) throws(WireError) in
      var reader = DeliverBatchReader(bytes)
      var size = 0
      for _ in 0..<deliver.count {
        guard let record = reader.next(), record.sender < deliver.senders.count else {
          throw WireError(.malformedBatch, "a deliver frame does not hold \(deliver.count) whole records")
        }
        size += record.event.count
      }
      guard reader.isAtEnd else { throw WireError(.malformedBatch, "a deliver frame holds more than it should") }
      return size
    }
    self.message = message
    senders = deliver.senders
    remaining = deliver.count
  }

  /// The next event's sequence and size, and whether this subscription was sent it before.
  var next: (sequence: UInt64, bytes: Int, isAgain: Bool)? {
    guard remaining > 0 else { return nil }
    return message.withUnsafeBytes { bytes in
      var reader = DeliverBatchReader(UnsafeRawBufferPointer(rebasing: bytes[offset...]))
      return reader.next().map { ($0.sequence, $0.event.count, $0.flags.contains(.redelivered)) }
    }
  }

  /// Passes over the next event.
  func skip() { _ = advance { _ in () } }

  /// Copies the next event out.
  func take() -> Item? {
    advance { record in
      Item(
        stamp: Stamp(
          sequence: record.sequence, recorded: record.recorded, sender: senders[record.sender], flags: record.flags),
        bytes: Array(record.event))
    }
  }

  private func advance<R>(_ body: (DeliveredRecord) -> R) -> R? {
    guard remaining > 0 else { return nil }
    return message.withUnsafeBytes { bytes in
      var reader = DeliverBatchReader(UnsafeRawBufferPointer(rebasing: bytes[offset...]))
      guard let record = reader.next() else { return nil }
      offset += DeliverBatchWriter.header + record.event.count
      remaining -= 1
      remainingBytes -= record.event.count
      return body(record)
    }
  }
}
