internal import CPlatform
internal import Glibc

enum AccessList {
  /// Whether the group bits of a file's mode are but the mask of an access list by which this process's user, and nobody else
  /// beside the owner, may read it.
  ///
  /// So does systemd with LoadCredential where it can (systemd.exec(5)): the file belongs to root with mode 0400, an entry
  /// lets the service's user read, and `stat` shows 0440. Where the file system has no access lists the file belongs to the
  /// service's user, with mode 0400.
  static func isCredential(_ descriptor: Int32, _ information: stat) -> Bool {
    guard information.st_mode & 0o777 == 0o440 else { return false }
    var bytes = [UInt8](repeating: 0, count: 1024)
    let size = casus_access_list(descriptor, &bytes, bytes.count)
    guard size > 0, let entries = AccessEntry.read(bytes.prefix(Int(size))) else { return false }
    return entries.allSatisfy { entry in
      switch entry.tag {
      case .owner, .mask: entry.permissions == AccessEntry.read
      case .user: entry.permissions == AccessEntry.read && entry.id == geteuid()
      case .owningGroup, .others: entry.permissions == 0
      case .group: false
      }
    }
  }
}

/// One entry of a POSIX access control list, as `linux/posix_acl_xattr.h` lays it out:
///
///     u32 version 2 | n × (u16 tag | u16 permissions | u32 id), little-endian
private struct AccessEntry {
  enum Tag: UInt16 {
    case owner = 0x01
    case user = 0x02
    case owningGroup = 0x04
    case group = 0x08
    case mask = 0x10
    case others = 0x20
  }

  var tag: Tag
  var permissions: UInt16
  var id: UInt32

  static let read: UInt16 = 4

  /// Nil for what is not understood.
  static func read(_ bytes: ArraySlice<UInt8>) -> [AccessEntry]? {
    func number<Number: FixedWidthInteger>(_ type: Number.Type, at place: Int) -> Number {
      bytes[place..<place + MemoryLayout<Number>.size].reversed().reduce(0) { $0 << 8 | Number($1) }
    }
    guard bytes.startIndex == 0, bytes.count >= 4, bytes.count % 8 == 4, number(UInt32.self, at: 0) == 2 else {
      return nil
    }
    var entries: [AccessEntry] = []
    for place in stride(from: 4, to: bytes.count, by: 8) {
      guard let tag = Tag(rawValue: number(UInt16.self, at: place)) else { return nil }
      entries.append(
        AccessEntry(
          tag: tag, permissions: number(UInt16.self, at: place + 2), id: number(UInt32.self, at: place + 4)))
    }
    return entries
  }
}
