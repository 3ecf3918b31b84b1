import Glibc

/// The right to write a journal's folder: one holder at a time, let go of with the value or the process, however that ends.
final class JournalLock: Sendable {
  private let file: PosixFile

  /// - Throws: `.locked` when somebody else has it.
  init(_ folder: String) throws(JournalError) {
    file = try PosixFile("\(folder)/LOCK", O_RDWR | O_CREAT)
    guard retrying({ flock(file.descriptor, LOCK_EX | LOCK_NB) }) == 0 else {
      guard lastErrno() == EWOULDBLOCK else { throw JournalError.system("cannot lock", file.path) }
      throw JournalError(.locked, file: folder, "another process writes this journal")
    }
  }

  /// Closing would not do: a child between its fork and its exec still has the descriptor, and with it the lock.
  deinit { release() }

  func release() { flock(file.descriptor, LOCK_UN) }
}
