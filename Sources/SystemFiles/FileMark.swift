internal import Glibc

/// What a file looks like from outside: it changes when the file is written, replaced or given other rights. A plain value.
public struct FileMark: Hashable, Sendable {
  private let device: UInt64
  private let inode: UInt64
  private let size: Int64
  /// Nanoseconds since 1970, of its bytes and of what the system keeps of it.
  private let modified: Int64
  private let changed: Int64

  /// Nil when there is no such file.
  public init?(of path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    size = Int64(status.st_size)
    modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
    changed = Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec)
  }
}
