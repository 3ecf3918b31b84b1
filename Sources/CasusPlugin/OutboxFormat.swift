import CasusEvents

/// The bytes of an outbox file: what was handed over and what became settled, in the order it happened. Pure.
///
///     "CASUSOUT" | u8 version 2 | u8 n | identity: n bytes        the file's first frame is behind it
///
///     0        4         8          16
///     +--------+---------+----------+------------------------+
///     | length | ~length | checksum | records: length bytes  |      a frame is what was written at once
///     +--------+---------+----------+------------------------+
///       u32      u32       first 8 bytes of the records' SHA-256
///
///     1 | u64 first number | u8 flags (1: replay, 2: descends) | u32 count | u32 length | events: length bytes      kept, in a row; the
///                                                                         events as in the batch frame of `publish`
///     2 | u64 first number | u32 count                     settled, in a row: accepted or refused for good
///
/// All little-endian. Numbers rise. A crash can leave the last frame unfinished, or zeros in its place: that is cut off. A
/// frame that is wrong with something behind it is damage.
enum OutboxFormat {
  /// The most that a file may hold. An outbox at its bounds (`Connection.mostOutboxBytes`) stays below it: four times what
  /// waits, and what is being written.
  static let mostFileBytes = 2 << 30

  /// Bytes before a frame's records, and before the events of a record that keeps some; `EncodedEvents` has room for both.
  static let frameHead = 16
  static let keptHead = 18
  static var room: Int { frameHead + keptHead }

  struct Kept: Equatable {
    var number: UInt64
    var event: [UInt8]
    var replay: Bool
    var descends = false
  }

  /// What a file holds.
  struct Contents: Equatable {
    var kept: [Kept] = []
    /// The next event's number.
    var next: UInt64 = 1
    /// Where the whole frames end; what is behind is to be cut off.
    var end = 0
  }

  private static let version: UInt8 = 2

  enum Fault: Error, Equatable {
    /// Not an outbox file, or one of a later version.
    case foreign
    /// Of another plugin.
    case identity(String)
    case damaged(offset: Int)
    /// More than a record or a frame can say the length of.
    case tooLarge(bytes: Int)
  }

  static func header(_ identity: String) -> [UInt8] {
    let name = Array(identity.utf8.prefix(255))
    return Array("CASUSOUT".utf8) + [version, UInt8(name.count)] + name
  }

  static func keep(_ kept: Kept, into records: inout [UInt8]) throws(Fault) {
    let size = try length(kept.event.count + 4)
    appendKeptHead(
      first: kept.number, flags(replay: kept.replay, descends: kept.descends), count: 1, length: size, to: &records)
    append(size - 4, to: &records)
    records += kept.event
  }

  private static func appendKeptHead(
    first: UInt64, _ flags: UInt8, count: UInt32, length: UInt32, to records: inout [UInt8]
  ) {
    records.append(1)
    append(first, to: &records)
    records.append(flags)
    append(count, to: &records)
    append(length, to: &records)
  }

  private static func flags(replay: Bool, descends: Bool) -> UInt8 { (replay ? 1 : 0) | (descends ? 2 : 0) }

  static func settle(_ numbers: Range<UInt64>, into records: inout [UInt8]) {
    records.append(2)
    append(numbers.lowerBound, to: &records)
    append(UInt32(clamping: numbers.count), to: &records)
  }

  /// Makes a frame of events that have room for its heads before them.
  static func fillHeads(
    _ bytes: inout [UInt8], first: UInt64, count: Int, replay: Bool, descends: Bool
  ) throws(Fault) {
    let size = try length(bytes.count - room)
    guard let count = UInt32(exactly: count) else { throw .tooLarge(bytes: bytes.count) }
    var head: [UInt8] = []
    appendKeptHead(
      first: first, flags(replay: replay, descends: descends), count: count, length: size, to: &head)
    bytes.replaceSubrange(frameHead..<room, with: head)
    let records = try length(bytes.count - frameHead)
    head = []
    append(records, to: &head)
    append(~records, to: &head)
    head += checksum(bytes[frameHead...])
    bytes.replaceSubrange(0..<frameHead, with: head)
  }

  static func frame(_ records: [UInt8]) throws(Fault) -> [UInt8] {
    let length = try length(records.count)
    var frame: [UInt8] = []
    frame.reserveCapacity(records.count + frameHead)
    append(length, to: &frame)
    append(~length, to: &frame)
    frame += checksum(records)
    frame += records
    return frame
  }

  private static func length(_ bytes: Int) throws(Fault) -> UInt32 {
    guard bytes <= mostFileBytes, let length = UInt32(exactly: bytes) else { throw .tooLarge(bytes: bytes) }
    return length
  }

  /// Reads a whole file. Costs one pass, and the memory of what is kept.
  static func read(_ bytes: [UInt8], identity: String) throws(Fault) -> Contents {
    let header = header(identity)
    var contents = Contents(end: header.count)
    guard bytes.starts(with: header) else {
      // A file whose first write was cut short holds nothing.
      let begun = bytes.prefix(1 + (bytes.lastIndex { $0 != 0 } ?? -1))
      if header.starts(with: begun) { return Contents(end: 0) }
      guard bytes.count >= 10, bytes.starts(with: header.prefix(9)) else { throw .foreign }
      throw .identity(String(decoding: bytes[10...].prefix(Int(bytes[9])), as: UTF8.self))
    }
    var kept: [UInt64: Kept] = [:]
    while contents.end < bytes.count {
      guard let records = try frame(bytes, at: contents.end) else { break }
      guard take(records, &kept, &contents.next) else { throw .damaged(offset: contents.end) }
      contents.end += 16 + records.count
    }
    contents.kept = kept.values.sorted { $0.number < $1.number }
    return contents
  }

  /// The records of the frame at `start`; nil where it is the unfinished end.
  private static func frame(_ bytes: [UInt8], at start: Int) throws(Fault) -> ArraySlice<UInt8>? {
    let rest = bytes[start...]
    guard rest.count >= 16 else { return nil }
    let length = number(rest, at: start, UInt32.self)
    guard length == ~number(rest, at: start + 4, UInt32.self) else {
      // Begun, and the rest of it never written.
      if rest.dropFirst(16).allSatisfy({ $0 == 0 }) { return nil }
      throw .damaged(offset: start)
    }
    guard rest.count - 16 >= Int(length) else { return nil }
    let end = start + 16 + Int(length)
    let records = bytes[start + 16..<end]
    guard checksum(records) == Array(bytes[start + 8..<start + 16]) else {
      if bytes[end...].allSatisfy({ $0 == 0 }) { return nil }
      throw .damaged(offset: start)
    }
    return records
  }

  private static func take(_ records: ArraySlice<UInt8>, _ kept: inout [UInt64: Kept], _ next: inout UInt64) -> Bool {
    var rest = records
    while let kind = rest.popFirst() {
      guard rest.count >= 8 else { return false }
      let first = number(rest, at: rest.startIndex, UInt64.self)
      rest = rest.dropFirst(8)
      switch kind {
      case 1:
        guard takeEvents(&rest, first, &kept, &next) else { return false }
      case 2:
        guard rest.count >= 4 else { return false }
        let count = UInt64(number(rest, at: rest.startIndex, UInt32.self))
        guard count <= Connection.mostOutboxEvents, count <= UInt64.max - first else { return false }
        for number in first..<first + count { kept[number] = nil }
        rest = rest.dropFirst(4)
      default: return false
      }
    }
    return true
  }

  private static func takeEvents(
    _ rest: inout ArraySlice<UInt8>, _ first: UInt64, _ kept: inout [UInt64: Kept], _ next: inout UInt64
  ) -> Bool {
    guard rest.count >= keptHead - 9, let flags = rest.popFirst() else { return false }
    let count = UInt64(number(rest, at: rest.startIndex, UInt32.self))
    let length = Int(number(rest, at: rest.startIndex + 4, UInt32.self))
    rest = rest.dropFirst(8)
    guard length <= rest.count, count <= UInt64.max - first else { return false }
    var events = rest.prefix(length)
    rest = rest.dropFirst(length)
    for number in first..<first + count {
      guard events.count >= 4 else { return false }
      let size = Int(Self.number(events, at: events.startIndex, UInt32.self))
      guard size <= events.count - 4 else { return false }
      let event = Array(events.dropFirst(4).prefix(size))
      kept[number] = Kept(number: number, event: event, replay: flags & 1 != 0, descends: flags & 2 != 0)
      events = events.dropFirst(4 + size)
    }
    next = max(next, first + count)
    return events.isEmpty
  }

  private static func checksum(_ records: some Collection<UInt8>) -> [UInt8] {
    let digest = records.withContiguousStorageIfAvailable { SHA256Digest(of: UnsafeRawBufferPointer($0)) }
    return Array((digest ?? SHA256Digest(of: Array(records))).bytes.prefix(8))
  }

  private static func append<T: FixedWidthInteger>(_ value: T, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
  }

  private static func number<T: FixedWidthInteger>(_ bytes: ArraySlice<UInt8>, at place: Int, _ type: T.Type) -> T {
    bytes[place..<place + MemoryLayout<T>.size].reversed().reduce(0) { $0 << 8 | T($1) }
  }
}
