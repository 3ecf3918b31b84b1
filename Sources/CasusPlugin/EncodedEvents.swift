import CasusEvents
import CasusWire
import IJSON

/// Events as the broker takes them, in one piece of memory: the records of a `publish` frame one behind the other. From here
/// they are copied once, into the message; an outbox file is written out of the same memory.
///
/// Filled by one owner, then shared; a plain value.
package struct EncodedEvents: Sendable {
  /// Room for the file's heads, then the records.
  private(set) var bytes: [UInt8]
  /// Where each record ends.
  private var ends: [Int] = []
  /// All of them rest on replayed events, as `Draft.descends`.
  var descends = false

  package init() { bytes = [UInt8](repeating: 0, count: OutboxFormat.room) }

  /// - Parameters:
  ///   - events: for which room is made at once.
  ///   - eventBytes: of one of them.
  package init(events: Int, eventBytes: Int) {
    bytes = []
    bytes.reserveCapacity(OutboxFormat.room + events * PublishBatchWriter.size(of: eventBytes))
    bytes.append(contentsOf: repeatElement(0, count: OutboxFormat.room))
    ends.reserveCapacity(events)
  }

  package var count: Int { ends.count }

  /// Bytes of some of the records.
  func size(_ places: Range<Int>) -> Int {
    places.isEmpty ? 0 : ends[places.upperBound - 1] - start(places.lowerBound)
  }

  var size: Int { size(0..<count) }

  private func start(_ place: Int) -> Int { place == 0 ? OutboxFormat.room : ends[place - 1] }

  func eventSize(_ place: Int) -> Int { size(place..<place + 1) - PublishBatchWriter.size(of: 0) }

  /// How many records from a place on fit into so many bytes.
  func fitting(from place: Int, bytes: Int) -> Int {
    let bound = start(place) + bytes
    var low = place
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if ends[middle] <= bound { low = middle + 1 } else { high = middle }
    }
    return low - place
  }

  // MARK: Filling

  /// Throws `BusError.outbox` for an event that is larger than any outbox.
  package mutating func append(_ event: [UInt8]) throws(BusError) {
    try check(event.count)
    PublishBatchWriter.append(event, to: &bytes)
    ends.append(bytes.count)
  }

  /// An event that `write` fills in.
  package mutating func append(
    size: Int, _ write: (UnsafeMutableRawBufferPointer) -> Void
  ) throws(BusError) {
    try check(size)
    let start = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: PublishBatchWriter.size(of: size)))
    bytes.withUnsafeMutableBytes { buffer in
      buffer.storeBytes(of: UInt32(size).littleEndian, toByteOffset: start, as: UInt32.self)
      write(UnsafeMutableRawBufferPointer(rebasing: buffer[(start + PublishBatchWriter.size(of: 0))...]))
    }
    ends.append(bytes.count)
  }

  /// Throws `EventError`, too; after an error the whole is not to be used.
  mutating func append(_ draft: Draft, source: String) throws {
    let start = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: PublishBatchWriter.size(of: 0)))
    var json = JSONWriter(into: bytes)
    bytes = []
    try draft.write(to: &json, source: source)
    bytes = json.finish()
    let size = bytes.count - start - PublishBatchWriter.size(of: 0)
    try check(size)
    bytes.withUnsafeMutableBytes {
      $0.storeBytes(of: UInt32(size).littleEndian, toByteOffset: start, as: UInt32.self)
    }
    ends.append(bytes.count)
  }

  private func check(_ size: Int) throws(BusError) {
    guard size <= Connection.mostOutboxBytes else {
      throw BusError(.outbox, "an event of \(size) bytes: an outbox takes at most \(Connection.mostOutboxBytes)")
    }
  }

  /// Fills in the heads that the records have in an outbox file; the whole is a frame of it then.
  mutating func beFrame(first: UInt64, replay: Bool) throws(OutboxFormat.Fault) {
    try OutboxFormat.fillHeads(&bytes, first: first, count: count, replay: replay, descends: descends)
  }

  // MARK: Reading

  /// Copies some of the records into a message's memory.
  func copy(_ places: Range<Int>, to target: UnsafeMutableRawBufferPointer) {
    guard !places.isEmpty else { return }
    let part = start(places.lowerBound)..<ends[places.upperBound - 1]
    bytes.withUnsafeBytes { target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[part])) }
  }

  /// Whether the piece should be handed over before more is added: room in an outbox is taken piece by piece, so that a
  /// large call needn't wait for an empty one.
  func isPiece(of room: OutboxRoom) -> Bool { count * 4 >= room.mostEvents || size * 4 >= room.mostBytes }
}
