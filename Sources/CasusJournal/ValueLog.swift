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
///     file    "CASUSLOG" | u32 format, 2 | u64 base | u64 generation | 16 bytes, the journal's id
///             | u32 CRC-32 of the 44 bytes before | frame…
///     frame   u32 length of the body | u32 CRC-32 of the body | u32 CRC-32 of the 8 bytes before | body | 0xC5
///     body    record…
///     record  u8 1 | u8 kind | u32 length, name | u64 number | u32 length, value       the value from now on
///             u8 2 | u8 kind | u32 length, name | u64 number                            there is none any more
///
/// Kind 255 is the log's own: the highest sequence of the journal that its values speak of, so that a log that knows more than
/// its journal shows. `generation` counts how often the log was written anew; the journal's file `JOURNAL` keeps it, and how long
/// the file was: a log that was cut, or is an old one, shows too.
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
  /// The highest sequence that its values speak of.
  public private(set) var reach: UInt64 = 0
  private let folder: String
  private let sync: JournalOptions.Sync
  private let slack: UInt64
  private let faults: DiskFaults?
  private let card: CardFile
  private let name: String
  private var generation: UInt64
  private var file: PosixFile
  /// End of the last whole frame.
  private var end: UInt64
  private var index = ValueLogIndex()
  /// Not written anew before it is as large as this: a try that found no room is not made again at once.
  private var retryAt: UInt64 = 0
  private var hasFailed = false
  private var frame = RecordBuffer()

  /// Opens a log of a journal that is open for writing.
  ///
  /// - Throws: `.damaged` with the place and what to do; `.lost` when it is missing, was cut, is another journal's or an older one,
  ///   or knows more than the journal; `.unsupported`, `.diskFull`, `.io`.
  public convenience init(in journal: FileJournal, name: String, sync: JournalOptions.Sync = .disk) throws(JournalError)
  {
    try self.init(in: journal, name: name, sync: sync, slack: 4 << 20, faults: nil)
  }

  /// - Parameter slack: outdated bytes that are borne in any case.
  init(
    in journal: FileJournal, name: String, sync: JournalOptions.Sync, slack: UInt64, faults: DiskFaults?
  ) throws(JournalError) {
    guard let card = journal.card else { throw JournalError(.closed, file: journal.path, "opened for reading only") }
    folder = journal.path
    self.card = card
    self.name = name
    self.sync = sync
    self.slack = slack
    self.faults = faults
    path = "\(folder)/\(name)"
    unlink(path + ".new")
    let check = LogCheck(folder: folder, name: name, card: card.card)
    if let missing = check.missing { throw missing }
    file = try PosixFile(path, O_RDWR, faults: faults)
    var index = ValueLogIndex()
    var reach: UInt64 = 0
    let scan = try ValueLogScan.sound(file) { record, place in
      index.set(record.key, record.value == nil ? nil : place)
      reach = record.reach ?? reach
    }
    end = scan.end
    generation = scan.head?.generation ?? 0
    self.index = index
    self.reach = reach
    if let fault = check.fault(of: scan) { throw fault }
    if let fault = check.fault(reaching: reach, beyond: journal.lastSequence) { throw fault }
    if case .torn(let reason) = scan.ending { try cut(scan, reason) }
  }

  private func cut(_ scan: ValueLogScan, _ reason: String) throws(JournalError) {
    recovery = "cut \(scan.size - end) bytes of an unfinished write after byte \(end) of \(fileName(path)) (\(reason))"
    if let number = file.truncate(to: end) { throw JournalError.system("cannot cut", path, number: number) }
    if sync == .disk, let number = file.sync() {
      throw JournalError(.failed, file: path, errno: number, "the disk did not confirm the recovery")
    }
  }

  public var count: Int { index.count - (reach > 0 ? 1 : 0) }

  /// Calls `body` for each value in force, in the order in which they were written. The bytes are valid during the call.
  public func readAll(_ body: (ValueKey, UnsafeRawBufferPointer) throws(JournalError) -> Void) throws(JournalError) {
    try forEachRecord { (key, value, _) throws(JournalError) in
      if key != .reach { try body(key, value) }
    }
  }

  /// Appends the changes as one frame and waits for the disk.
  ///
  /// - Parameter reach: the highest sequence that they speak of; 0 where they speak of none.
  /// - Throws: `.diskFull`: nothing of it is kept, and the same may be tried again. `.failed`: stop, the log takes nothing
  ///   more until it is opened again.
  public func write(_ changes: [Change], reaching reach: UInt64 = 0) throws(JournalError) {
    guard !hasFailed else { throw JournalError(.failed, file: path, "the log stopped after a failed write") }
    guard !changes.isEmpty else { return }
    var changes = changes
    if reach > self.reach { changes.append(.init(.reach, withUnsafeBytes(of: reach.littleEndian) { Array($0) })) }
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
    self.reach = max(self.reach, reach)
    try note()
    if end - index.bytes > index.bytes + slack, end >= retryAt { try writeAnew() }
  }

  private func append() throws(JournalError) {
    if let number = file.write(frame.bytes, at: end) {
      guard let kind = passing(number), file.takesBack(to: end) else { throw failed("a write failed", number) }
      throw JournalError(kind, file: path, errno: number, "the changes could not be written")
    }
    if sync == .disk, let number = file.syncData() { throw failed("the disk did not confirm a write", number) }
    end += UInt64(frame.count)
    written += UInt64(frame.count)
  }

  /// Tells the journal how long the file is. What finds no room is told another time: it is a lower bound.
  private func note() throws(JournalError) {
    do throws(JournalError) { try card.note(name, .init(generation: generation, size: end)) } catch {
      guard error.code != .failed else { throw failed("the journal cannot note it: \(error.message)", error.errno) }
    }
  }

  /// Writes what is in force to a new file and goes on there. A full disk leaves everything as it is.
  private func writeAnew() throws(JournalError) {
    do throws(JournalError) {
      let new = try ValueLogFile(
        for: path, id: card.card.id, generation: generation + 1, sync: sync, faults: faults)
      try forEachRecord { (key, _, record) throws(JournalError) in try new.append(record, key) }
      file = try new.finish(in: folder, keepingOldAs: path + Self.before)
      (end, index, generation) = (new.end, new.index, new.generation)
      written += end
      retryAt = 0
    } catch {
      unlink(path + ".new")
      guard error.isPassing else { throw failed("it cannot be written anew: \(error.message)", error.errno) }
      retryAt = end + slack
      return
    }
    try note()
  }

  private func failed(_ message: String, _ number: Int32?) -> JournalError {
    hasFailed = true
    return JournalError(.failed, file: path, errno: number, message)
  }

  /// The logs that a journal has.
  public static let positions = "positions.log"
  public static let schemas = "schemas.log"

  /// The name of the log as it was before it was written anew, behind its own.
  static let before = ".before"

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
      throw JournalError(
        .damaged, file: file.path, offset: error.offset, "\(error.message); \(LogCheck.repairAdvice(file.path))")
    }
  }
}
