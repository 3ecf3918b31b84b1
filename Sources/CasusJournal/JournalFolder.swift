import CasusEvents
import MCAP

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The folder as it is found: locked, its segments checked, the last one ready to be continued.
struct JournalFolder {
  var lock: PosixFile?
  var segments: [Segment] = []
  var writer: SegmentWriter?
  var last: UInt64 = 0
  var recovery = RecoveryReport()

  static func open(
    _ path: String, options: JournalOptions, registry: ChannelRegistry
  ) throws(JournalError) -> JournalFolder {
    var folder = JournalFolder()
    if options.access == .readWrite {
      if mkdir(path, 0o750) != 0, errno != EEXIST { throw JournalError.system("cannot make the folder", path) }
      folder.lock = try takeLock(path)
    }
    return folder
  }

  /// One writer a folder. The lock goes with the process, however it ends.
  private static func takeLock(_ path: String) throws(JournalError) -> PosixFile {
    let lock = try PosixFile("\(path)/LOCK", O_RDWR | O_CREAT)
    guard retrying({ flock(lock.descriptor, LOCK_EX | LOCK_NB) }) == 0 else {
      guard errno == EWOULDBLOCK else { throw JournalError.system("cannot lock", lock.path) }
      throw JournalError(.locked, file: path, "another process writes this journal")
    }
    return lock
  }
}
