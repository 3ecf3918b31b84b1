internal import Glibc

/// The right to change a folder's files: of those who ask for it one at a time, the others wait. Let go of with the value, or with the
/// process however that ends. It makes no file, and keeps away nobody who does not ask.
public final class FolderLock: Sendable {
  private let descriptor: Int32

  public init(_ folder: String) throws(SystemError) {
    let opened = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard opened >= 0 else { throw SystemError(errno, "open", folder) }
    while flock(opened, LOCK_EX) != 0 {
      let number = errno
      guard number == EINTR else {
        close(opened)
        throw SystemError(number, "lock", folder)
      }
    }
    descriptor = opened
  }

  deinit { close(descriptor) }
}
