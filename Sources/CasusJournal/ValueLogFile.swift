import Glibc
import MCAP

/// The file of a `ValueLog` while it is being made beside the one in force: it gets its name when it is on disk as a
/// whole.
final class ValueLogFile {
  private let path: String
  private let file: PosixFile
  private let sync: JournalOptions.Sync
  private let id: JournalID
  let generation: UInt64
  private var buffer = RecordBuffer()
  private var frameStart: Int?
  /// Of what is written, in bytes.
  private(set) var end: UInt64 = 0
  private(set) var index = ValueLogIndex()

  /// - Parameters:
  ///   - path: the log's own.
  ///   - id: of its journal.
  init(
    for path: String, id: JournalID, generation: UInt64, sync: JournalOptions.Sync, faults: DiskFaults?
  ) throws(JournalError) {
    self.path = path
    self.sync = sync
    self.id = id
    self.generation = generation
    unlink(path + ".new")
    file = try PosixFile(path + ".new", O_RDWR | O_CREAT | O_EXCL, faults: faults)
    ValueLogFrame.append(.init(base: 0, generation: generation, journal: id), to: &buffer)
    try flush()
  }

  /// Takes records as they stand in another log, with their keys.
  func append(_ record: UnsafeRawBufferPointer, _ key: ValueKey) throws(JournalError) {
    if frameStart == nil { frameStart = ValueLogFrame.begin(&buffer) }
    let start = end + UInt64(buffer.count)
    buffer.append(record)
    index.set(key, start..<start + UInt64(record.count))
    if buffer.count >= 1 << 20 { try flush() }
  }

  /// Makes it durable and gives it the log's name.
  ///
  /// - Parameter old: the path under which what had the name until now keeps its bytes; nil: nowhere.
  func finish(in folder: String, keepingOldAs old: String?) throws(JournalError) -> PosixFile {
    try flush()
    ValueLogFrame.append(.init(base: end, generation: generation, journal: id), to: &buffer)
    if let number = file.write(buffer.bytes, at: 0) {
      throw JournalError.system("cannot write", file.path, number: number)
    }
    if sync == .disk, let number = file.sync() {
      throw JournalError(.failed, file: file.path, errno: number, "the disk did not confirm a write")
    }
    if let old, access(path, F_OK) == 0 {
      unlink(old)
      guard link(path, old) == 0 else { throw JournalError.system("cannot keep the log as it was", old) }
    }
    guard rename(file.path, path) == 0 else { throw JournalError.system("cannot be given its name", path) }
    if sync == .disk { try PosixFile.syncDirectory(folder) }
    return try PosixFile(path, O_RDWR, faults: file.faults)
  }

  private func flush() throws(JournalError) {
    if let start = frameStart { ValueLogFrame.end(start, &buffer) }
    frameStart = nil
    if let number = file.write(buffer.bytes, at: end) {
      throw JournalError.system("cannot write", file.path, number: number)
    }
    end += UInt64(buffer.count)
    buffer.removeAll()
  }
}
