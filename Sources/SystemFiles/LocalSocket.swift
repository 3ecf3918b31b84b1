internal import Glibc

/// What stands at the path of a socket between processes of one machine.
public enum LocalSocket {
  public enum Standing: Hashable, Sendable {
    case nothing
    /// A socket that nobody listens at any more.
    case abandoned
    case listening
    /// Something that is no socket.
    case other
  }

  /// Calls `body` while no other caller of this does with a path in the same folder: who looks at a path and then takes it finds
  /// nobody in between. Waits for the others, two seconds at most.
  ///
  /// The folder itself is locked (flock(2)), so nothing is left behind. Where it cannot be opened nobody waits: then the
  /// path cannot be taken either.
  /// - Throws: `EWOULDBLOCK` when another process held it all the time.
  public static func alone<R>(inFolderOf path: String, _ body: () throws -> R) throws -> R {
    let folder = Files.folder(of: path)
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return try body() }
    defer { close(descriptor) }
    let end = SystemClock.steady() + 2_000_000_000
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR else { break }
      guard SystemClock.steady() < end else { throw SystemError(EWOULDBLOCK, "take the folder", folder) }
      usleep(10_000)
    }
    return try body()
  }

  /// Connects to find out, which blocks for as long as the listener's queue is full.
  public static func standing(at path: String) -> Standing {
    var status = stat()
    guard lstat(path, &status) == 0 else { return .nothing }
    guard status.st_mode & S_IFMT == S_IFSOCK else { return .other }
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return .listening }
    defer { close(descriptor) }
    var name = sockaddr_un()
    name.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: name.sun_path) else { return .other }
    withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: bytes) }
    let result = withUnsafePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    return result != 0 && errno == ECONNREFUSED ? .abandoned : .listening
  }
}
