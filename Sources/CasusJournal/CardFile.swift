import Glibc
import MCAP
import Synchronization
import SystemFiles

/// The file `JOURNAL` of a journal that is open for writing: replaced as a whole and synced before anything relies on what it
/// says. Thread-safe; a call blocks while it writes.
final class CardFile: Sendable {
  private let folder: String
  private let sync: JournalOptions.Sync
  private let faults: DiskFaults?
  private let state: Mutex<State>

  private struct State {
    /// As it is on the disk.
    var written: JournalCard
    /// Of the logs as they are now.
    var marks: [String: JournalCard.LogMark]
  }

  init(_ card: JournalCard, in folder: String, sync: JournalOptions.Sync, faults: DiskFaults? = nil) {
    self.folder = folder
    self.sync = sync
    self.faults = faults
    state = Mutex(State(written: card, marks: card.marks))
  }

  var card: JournalCard { state.withLock { $0.written } }

  /// - Throws: `.lost` when it is not there or not what was written, `.unsupported`, `.io`.
  static func read(in folder: String) throws(JournalError) -> JournalCard {
    let path = "\(folder)/\(JournalCard.name)"
    guard Files.exists(path) else { throw JournalError(.lost, file: path, "it is missing") }
    let file = try PosixFile(path, O_RDONLY)
    var bytes = RecordBuffer()
    try file.readAll(Int(min(try file.size, 1 << 16)), at: 0, into: &bytes)
    return try JournalCard([UInt8](bytes.bytes), file: path)
  }

  /// Before events of the segment that begins with `newest` are written, up to `last`.
  func reserve(through last: UInt64, newest: UInt64) throws(JournalError) {
    try change { card in
      if card.reserved < last { card.reserved = last + JournalCard.block }
      card.newest = max(card.newest, newest)
      card.state = .open
    }
  }

  /// What is to be written with the next change.
  func replace(_ card: JournalCard) {
    state.withLock { $0 = State(written: card, marks: card.marks) }
  }

  /// Before segments that begin earlier are removed.
  func forget(before first: UInt64) throws(JournalError) { try change { $0.first = first } }

  /// Everything that was given is on disk, and `last` is the last of it.
  func close(last: UInt64) throws(JournalError) {
    try change(always: card.marks != state.withLock { $0.marks }) { card in
      card.reserved = last
      card.state = .closed
    }
  }

  /// A log's file is as large as this now. It is noted at once when the file is new, has its first values, or is twice as long as
  /// when it was noted last, so that a log that lost much shows; otherwise with the next reason to write.
  func note(_ log: String, _ mark: JournalCard.LogMark) throws(JournalError) {
    let isWorth = state.withLock { state in
      state.marks[log] = mark
      guard let old = state.written.marks[log], old.generation == mark.generation else { return true }
      return mark.size >= 2 * old.size || old.size <= UInt64(ValueLogFrame.headSize)
    }
    if isWorth { try change(always: true) { _ in } }
  }

  /// Writes what `body` changes, and then how long the logs are; these alone are no reason, since they change all the time.
  func change(always: Bool = false, _ body: (inout JournalCard) -> Void) throws(JournalError) {
    let result: Result<Void, JournalError> = state.withLock { state in
      var card = state.written
      body(&card)
      guard always || card != state.written else { return .success(()) }
      if card.marks == state.written.marks { card.marks = state.marks }
      state.marks = card.marks
      return Result { () throws(JournalError) in
        try write(card)
        state.written = card
      }
    }
    try result.get()
  }

  private func write(_ card: JournalCard) throws(JournalError) {
    let path = "\(folder)/\(JournalCard.name)"
    let new = path + ".new"
    unlink(new)
    do throws(JournalError) {
      let file = try PosixFile(new, O_WRONLY | O_CREAT | O_EXCL, faults: faults)
      if let number = card.text.withUnsafeBytes({ file.write($0, at: 0) }) {
        throw JournalError.system("cannot write", new, number: number)
      }
      if sync != .none, let number = file.sync() {
        throw JournalError(.failed, file: new, errno: number, "the disk did not confirm a write")
      }
      guard rename(new, path) == 0 else { throw JournalError.system("cannot be given its name", path) }
      if sync != .none { try PosixFile.syncDirectory(folder, faults: faults) }
    } catch {
      unlink(new)
      throw error
    }
  }
}
