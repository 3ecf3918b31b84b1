internal import Glibc

/// Whose a file is: a user and a group by their numbers. A plain value.
public struct FileOwner: Hashable, Sendable {
  public let user: UInt32
  public let group: UInt32

  /// Nil where nothing is there.
  public init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    (user, group) = (status.st_uid, status.st_gid)
  }

  init?(_ descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    (user, group) = (status.st_uid, status.st_gid)
  }
}
