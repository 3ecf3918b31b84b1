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
