import Glibc
import SystemFiles

extension FileJournal {
  /// Writes to a file `probe` beside the segments and syncs it: whether the disk still answers, without an event. Blocks.
  ///
  /// The file stays as large as it is, so that a full disk has room for it once it is there. For the committing thread.
  /// - Throws: `.diskFull`, `.failed`, `.io`.
  public func probe() throws(JournalError) {
    let file = try PosixFile("\(path)/probe", O_RDWR | O_CREAT, faults: options.faults)
    let text = "\(SystemClock.wall() / 1_000_000)"
    let bytes = Array((text + String(repeating: " ", count: max(0, 31 - text.utf8.count)) + "\n").utf8)
    if let number = bytes.withUnsafeBytes({ file.write($0, at: 0) }) {
      throw JournalError.system("cannot write the probe", file.path, number: number)
    }
    if options.sync != .none, let number = file.syncData() {
      throw JournalError(.failed, file: file.path, errno: number, "the disk did not confirm a probe")
    }
  }
}
