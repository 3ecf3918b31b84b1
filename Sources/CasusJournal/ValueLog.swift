import Glibc
import MCAP

/// The name of a kept value: what kind of thing it belongs to, whose it is, and a number where there are many of one.
public struct ValueKey: Hashable, Sendable {
  public var kind: UInt8
  public var name: String
  public var number: UInt64

  public init(kind: UInt8, name: String, number: UInt64 = 0) {
    self.kind = kind
    self.name = name
    self.number = number
  }
}

/// Small named values that survive a restart: where durable subscriptions stand and what they have in quarantine, the
/// publishers' books, the schemas that plugins brought.
///
/// A log of changes. A write appends one frame with everything that changed and syncs it: it costs what changed, and after
/// a crash all of it is there or nothing. When more of the file is outdated than in force, what is in force is written to
/// a new file, which takes the log's name once it is on disk; the file before is kept as `….before`, so that a person can
/// go back to it.
///
///     file    "CASUSLOG" | u32 format, 1 | u64 base | u32 CRC-32 of the 20 bytes before | frame…
///     frame   u32 length of the body | u32 CRC-32 of the body | u32 CRC-32 of the 8 bytes before | body | 0xC5
///     body    record…
///     record  u8 1 | u8 kind | u32 length, name | u64 number | u32 length, value       the value from now on
///             u8 2 | u8 kind | u32 length, name | u64 number                            there is none any more
///
/// `base` is where the file ended when it got its name: everything before that was written whole. Only the last frame
/// behind it can be unfinished, since each is synced before the next. So an end that is cut off, or has sectors that were
/// never written, is cut when the log is opened: nobody was told of it. Anything else is damage, which a person decides
/// about: opening refuses it with its place, and `repairJournal` keeps what stands before. (The method is that of the
/// segments, see `TornTail`. No frame can stand inside another one's texts: a length has a zero byte, they have none.)
///
/// Memory: about 24 bytes for each value. One thread at a time.
public final class ValueLog {
  public struct Change: Sendable {
    public var key: ValueKey
    /// `nil`: there is none any more.
    public var value: [UInt8]?

    public init(_ key: ValueKey, _ value: [UInt8]?) {
      self.key = key
      self.value = value
    }
  }

  public let path: String
  /// What was cut off when it was opened.
  public private(set) var recovery: String?
  /// Bytes written since it was opened, those of new files included.
  public private(set) var written: UInt64 = 0
  private let folder: String
  private let sync: JournalOptions.Sync
  private let slack: UInt64
  private let faults: DiskFaults?
  private var file: PosixFile
  /// End of the last whole frame.
  private var end: UInt64
  private var index = ValueLogIndex()
  /// Not written anew before it is as large as this: a try that found no room is not made again at once.
  private var retryAt: UInt64 = 0
  private var hasFailed = false
  private var frame = RecordBuffer()

  /// Opens the log `name` in `folder`, which the caller has locked, and makes it when there is none.
  ///
  /// - Throws: `.damaged` with the place and what to do, `.unsupported`, `.diskFull`, `.io`.
  public convenience init(folder: String, name: String, sync: JournalOptions.Sync = .disk) throws(JournalError) {
    try self.init(folder: folder, name: name, sync: sync, slack: 4 << 20, faults: nil)
  }

  /// - Parameter slack: outdated bytes that are borne in any case.
  init(
    folder: String, name: String, sync: JournalOptions.Sync, slack: UInt64, faults: DiskFaults?
  ) throws(JournalError) {
    self.folder = folder
    self.sync = sync
    self.slack = slack
    self.faults = faults
    path = "\(folder)/\(name)"
    unlink(path + ".new")
    guard access(path, F_OK) == 0 else {
      let new = try ValueLogFile(for: path, sync: sync, faults: faults)
      file = try new.finish(in: folder, keepingOldAs: Self.before)
      end = new.end
      return
    }
    file = try PosixFile(path, O_RDWR, faults: faults)
    var index = ValueLogIndex()
    let scan = try ValueLogScan.sound(file) { record, place in
      index.set(record.key, record.value == nil ? nil : place)
    }
    end = scan.end
    self.index = index
    if case .torn(let reason) = scan.ending { try cut(scan, reason) }
  }

  private func cut(_ scan: ValueLogScan, _ reason: String) throws(JournalError) {
    recovery = "cut \(scan.size - end) bytes of an unfinished write after byte \(end) of \(fileName(path)) (\(reason))"
    if let number = file.truncate(to: end) { throw JournalError.system("cannot cut", path, number: number) }
    if sync == .disk, let number = file.sync() {
      throw JournalError(.failed, file: path, errno: number, "the disk did not confirm the recovery")
    }
  }

  public var count: Int { index.count }

  /// Calls `body` for each value in force, in the order in which they were written. The bytes are valid during the call.
  public func readAll(_ body: (ValueKey, UnsafeRawBufferPointer) throws(JournalError) -> Void) throws(JournalError) {
    try forEachRecord { (key, value, _) throws(JournalError) in try body(key, value) }
  }

  /// Appends the changes as one frame and waits for the disk.
  ///
  /// - Throws: `.diskFull`: nothing of it is kept, and the same may be tried again. `.failed`: stop, the log takes nothing
  ///   more until it is opened again.
  public func write(_ changes: [Change]) throws(JournalError) {
    guard !hasFailed else { throw JournalError(.failed, file: path, "the log stopped after a failed write") }
    guard !changes.isEmpty else { return }
    // One large write must not hold its memory for ever.
    if frame.capacity > 1 << 20 { frame = RecordBuffer() }
    frame.removeAll()
    let start = ValueLogFrame.begin(&frame)
    var places: [Range<UInt64>] = []
    for change in changes {
      let from = end + UInt64(frame.count)
      ValueRecord.append(change.key, change.value, to: &frame)
      places.append(from..<end + UInt64(frame.count))
    }
    guard frame.count - start <= ValueLogFrame.limit else {
      throw JournalError(.tooLarge, file: path, "\(frame.count) bytes of changes at once")
    }
    ValueLogFrame.end(start, &frame)
    try append()
    for (change, place) in zip(changes, places) { index.set(change.key, change.value == nil ? nil : place) }
    if end - index.bytes > index.bytes + slack, end >= retryAt { try writeAnew() }
  }

  private func append() throws(JournalError) {
    if let number = file.write(frame.bytes, at: end) {
      guard isFull(number), file.truncate(to: end) == nil else { throw failed("a write failed", number) }
      throw JournalError(.diskFull, file: path, errno: number, "the changes do not fit on the disk")
    }
    if sync == .disk, let number = file.syncData() { throw failed("the disk did not confirm a write", number) }
    end += UInt64(frame.count)
    written += UInt64(frame.count)
  }

  /// Writes what is in force to a new file and goes on there. A full disk leaves everything as it is.
  private func writeAnew() throws(JournalError) {
    do throws(JournalError) {
      let new = try ValueLogFile(for: path, sync: sync, faults: faults)
      try forEachRecord { (key, _, record) throws(JournalError) in try new.append(record, key) }
      file = try new.finish(in: folder, keepingOldAs: Self.before)
      (end, index) = (new.end, new.index)
      written += end
      retryAt = 0
    } catch {
      unlink(path + ".new")
      guard error.code == .diskFull else { throw failed("it cannot be written anew: \(error.message)", error.errno) }
      retryAt = end + slack
    }
  }

  private func failed(_ message: String, _ number: Int32?) -> JournalError {
    hasFailed = true
    return JournalError(.failed, file: path, errno: number, message)
  }

  /// The name of the log as it was before it was written anew, behind its own.
  private static let before = ".before"

  private func forEachRecord(
    _ body: (ValueKey, UnsafeRawBufferPointer, _ record: UnsafeRawBufferPointer) throws(JournalError) -> Void
  ) throws(JournalError) {
    try index.forEachRecord(in: file, body)
  }
}

extension ValueLogScan {
  /// Reads a log in which everything but its end must be whole, and tells of damage what a person can do.
  static func sound(
    _ file: PosixFile, visit: (ValueRecord, Range<UInt64>) -> Void
  ) throws(JournalError) -> ValueLogScan {
    do throws(JournalError) {
      let scan = try read(file, visit: visit)
      if case .damaged(let offset, let reason) = scan.ending {
        throw JournalError(.damaged, file: file.path, offset: offset, reason)
      }
      return scan
    } catch {
      guard error.code == .damaged else { throw error }
      let name = fileName(file.path)
      throw JournalError(
        .damaged, file: file.path, offset: error.offset,
        "\(error.message); to keep what stands before: casus journal repair \(file.path.dropLast(name.utf8.count + 1)); "
          + "\(name).before there is the log as it was before it was last written anew")
    }
  }
}
