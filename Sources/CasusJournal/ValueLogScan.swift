import MCAP

/// A `ValueLog` read from its first byte to where it stops making sense.
struct ValueLogScan {
  enum Ending: Equatable {
    case whole
    /// The last write was not finished: nobody was told of it.
    case torn(String)
    /// Something that no unfinished write explains.
    case damaged(offset: UInt64, String)
  }

  var ending = Ending.whole
  /// End of the last whole frame, in bytes.
  var end: UInt64
  /// Of the file when it was read.
  let size: UInt64
  /// Nil where it could not be read and did not have to be.
  let head: ValueLogFrame.Head?

  /// - Parameters:
  ///   - isRepair: also goes on behind a head that is not what was written.
  ///   - visit: is given each change and where its record begins and ends.
  /// - Throws: `.io`, `.unsupported`, or `.damaged` when not even the head can be read.
  static func read(
    _ file: PosixFile, isRepair: Bool = false, visit: (ValueRecord, Range<UInt64>) -> Void
  ) throws(JournalError) -> ValueLogScan {
    let size = try file.size
    var bytes = RecordBuffer()
    try file.readAll(Int(min(size, UInt64(ValueLogFrame.headSize))), at: 0, into: &bytes)
    var head: ValueLogFrame.Head?
    do throws(MCAPError) { head = try ValueLogFrame.head(bytes.bytes) } catch {
      guard isRepair, error.code != .unsupported, size >= UInt64(ValueLogFrame.headSize) else {
        throw JournalError(
          error.code == .unsupported ? .unsupported : .damaged, file: file.path, offset: error.offset, error.message)
      }
    }
    let base = head?.base ?? 0
    var scan = ValueLogScan(end: UInt64(ValueLogFrame.headSize), size: size, head: head)
    while scan.end < size {
      guard let length = try scan.frame(file, &bytes, visit) else {
        scan.ending = try scan.judge(file, base: base)
        return scan
      }
      scan.end += length
    }
    if size < base { scan.ending = .damaged(offset: size, "the file was \(base) bytes long when it got its name") }
    return scan
  }

  /// Reads the frame at `end`; `nil` when it is not whole.
  private func frame(
    _ file: PosixFile, _ bytes: inout RecordBuffer, _ visit: (ValueRecord, Range<UInt64>) -> Void
  ) throws(JournalError) -> UInt64? {
    bytes.removeAll()
    let room = size - end
    try file.readAll(Int(min(room, UInt64(ValueLogFrame.headerSize))), at: end, into: &bytes)
    guard let header = ValueLogFrame.header(bytes.bytes) else { return nil }
    let length = UInt64(header.length + ValueLogFrame.overhead)
    guard length <= room else { return nil }
    bytes.removeAll()
    try file.readAll(Int(length), at: end, into: &bytes)
    guard let body = ValueLogFrame.body(bytes.bytes) else { return nil }
    let start = end + UInt64(ValueLogFrame.headerSize)
    // Once to see that it makes sense as a whole: a frame counts as a whole.
    guard Self.records(body, { _, _ in }) else { return nil }
    return Self.records(body) { record, place in
      visit(record, start + UInt64(place.lowerBound)..<start + UInt64(place.upperBound))
    } ? length : nil
  }

  private static func records(_ body: UnsafeRawBufferPointer, _ visit: (ValueRecord, Range<Int>) -> Void) -> Bool {
    var reader = ByteReader(body)
    while !reader.isAtEnd {
      let start = reader.position
      guard let record = try? ValueRecord(&reader) else { return false }
      visit(record, start..<reader.position)
    }
    return true
  }

  /// Decides what the bytes at `end` are: the rest of an unfinished write, or damage.
  private func judge(_ file: PosixFile, base: UInt64) throws(JournalError) -> Ending {
    let reason = "no whole change stands here"
    guard end >= base, let count = Int(exactly: size - end), count <= ValueLogFrame.limit + ValueLogFrame.overhead
    else {
      return .damaged(offset: end, reason)
    }
    var rest = RecordBuffer()
    try file.readAll(count, at: end, into: &rest)
    let bytes = rest.bytes
    for place in 0..<count {
      let tail = UnsafeRawBufferPointer(rebasing: bytes[place...])
      if ValueLogFrame.body(tail) != nil, place > 0 {
        return .damaged(offset: end, "\(reason); whole ones follow at byte \(end + UInt64(place))")
      }
    }
    if TornTail.hasZeroSector(bytes, at: end) { return .torn("sectors that were never written") }
    guard count >= ValueLogFrame.headerSize else { return .torn("it is cut off") }
    guard let header = ValueLogFrame.header(bytes), header.length + ValueLogFrame.overhead > count else {
      return .damaged(offset: end, reason)
    }
    return .torn("it is cut off")
  }
}
