public import CasusEvents
import CasusWire
import ZeroMQ

/// The events of one `deliver` frame, in the message's own memory; parsed once. A plain value.
struct DeliveredBatch: Sendable {
  struct Record: Sendable {
    var sequence: UInt64
    var recorded: Timestamp
    var start: Int
    var count: Int
    var sender: UInt16
    var flags: StampFlags
  }

  struct Item {
    var stamp: Stamp
    var bytes: EventBytes
  }

  fileprivate let memory: DeliveredMemory
  let senders: [String]
  private let records: [Record]
  private var place = 0
  /// Bytes of the events that are left.
  private(set) var remainingBytes: Int

  var remaining: Int { records.count - place }

  /// Throws `malformed-batch` where the frame does not hold what its control frame promises.
  init(_ message: consuming Message, _ deliver: Deliver) throws(WireError) {
    memory = DeliveredMemory(message)
    senders = deliver.senders
    var reader = DeliverBatchReader(memory.bytes)
    var records: [Record] = []
    records.reserveCapacity(min(deliver.count, memory.bytes.count / DeliverBatchWriter.header))
    var place = 0
    remainingBytes = 0
    for _ in 0..<deliver.count {
      guard let record = reader.next(), record.sender < deliver.senders.count else {
        throw WireError(.malformedBatch, "a deliver frame does not hold \(deliver.count) whole records")
      }
      place += DeliverBatchWriter.header
      records.append(
        Record(
          sequence: record.sequence, recorded: record.recorded, start: place, count: record.event.count,
          sender: UInt16(truncatingIfNeeded: record.sender), flags: record.flags))
      place += record.event.count
      remainingBytes += record.event.count
    }
    guard reader.isAtEnd else { throw WireError(.malformedBatch, "a deliver frame holds more than it should") }
    self.records = records
  }

  /// The next event, passed over.
  mutating func take() -> Record? {
    guard place < records.count else { return nil }
    defer { place += 1 }
    remainingBytes -= records[place].count
    return records[place]
  }

  /// All that are left, passed over.
  mutating func takeAll() -> ArraySlice<Record> {
    defer {
      place = records.count
      remainingBytes = 0
    }
    return records[place...]
  }

  /// An event with its stamp; its bytes stay where they are, and keep the message.
  func item(_ record: Record) -> Item {
    Item(
      stamp: Stamp(
        sequence: record.sequence, recorded: record.recorded, sender: senders[Int(record.sender)], flags: record.flags),
      bytes: EventBytes(memory.slice(record), owner: memory))
  }
}

/// A received batch frame that its events share; it goes with the last of them.
private final class DeliveredMemory: @unchecked Sendable {  // Nobody changes the message any more.
  private let message: Message
  private let copy: UnsafeMutableRawBufferPointer?
  let bytes: UnsafeRawBufferPointer

  init(_ message: consuming Message) {
    // A small body lies inside the value, which may move.
    let isSmall = message.count <= 64
    let body = message.withUnsafeBytes { bytes -> UnsafeRawBufferPointer in
      guard isSmall else { return bytes }
      let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 8)
      copy.copyMemory(from: bytes)
      return UnsafeRawBufferPointer(copy)
    }
    bytes = body
    copy = isSmall ? UnsafeMutableRawBufferPointer(mutating: body) : nil
    self.message = message
  }

  deinit { copy?.deallocate() }

  func slice(_ record: DeliveredBatch.Record) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: bytes[record.start..<record.start + record.count])
  }
}

/// Events of a subscription as they came together, not parsed. A plain value; it keeps their message.
public struct EventBatch: Sendable {
  let batch: DeliveredBatch
  let records: ArraySlice<DeliveredBatch.Record>

  public var count: Int { records.count }
  /// Who sent them; an event names one by its place.
  public var senders: [String] { batch.senders }
  /// Of the last one.
  public var last: UInt64 { records.last?.sequence ?? 0 }

  /// Calls `body` with each event's sequence, when it was recorded, its sender's place and its bytes, which are good inside
  /// it only.
  public func read(
    _ body: (_ sequence: UInt64, _ recorded: Timestamp, _ sender: Int, _ event: UnsafeRawBufferPointer) -> Void
  ) {
    for record in records {
      body(record.sequence, record.recorded, Int(record.sender), batch.memory.slice(record))
    }
    withExtendedLifetime(batch.memory) {}
  }
}
