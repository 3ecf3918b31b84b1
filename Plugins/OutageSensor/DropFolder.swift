import CasusSensor
import Glibc
import SystemFiles

/// A folder into which others put files. A file is taken when it is complete: when neither its size nor the time of its
/// last change moved between two looks, or at once where `isPatient` is false. Names that begin with `.` or `_` or end in
/// `.tmp`, `.part`, `.new` or `~` are still being written by those who rename them when done. Links are not followed, a file
/// with a second name elsewhere is somebody else's, and a look takes the first `mostFiles` names. For one task.
struct DropFolder {
  /// Of a look; the others are not there.
  static let mostFiles = 10_000

  let path: String
  var isPatient = true
  private var seen: [String: Look] = [:]

  private struct Look: Equatable {
    var inode: UInt64
    var size: Int64
    var changed: Int64
    var isTaken = false
  }

  init(path: String, isPatient: Bool = true) {
    self.path = path
    self.isPatient = isPatient
  }

  /// Names of the files that are complete and were not taken before in this state, in the order of their names.
  mutating func look() throws(SystemError) -> [String] {
    guard let directory = opendir(path) else { throw SystemError(errno, "open", path) }
    defer { closedir(directory) }
    var now: [String: Look] = [:]
    while now.count < Self.mostFiles, let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard Self.isReport(name), let look = Self.status(of: path + "/" + name) else { continue }
      now[name] = look
    }
    var ready: [String] = []
    for (name, look) in now {
      var known = seen[name]
      let wasTaken = known?.isTaken ?? false
      known?.isTaken = false
      if wasTaken, known == look {
        now[name]?.isTaken = true
      } else if !isPatient || known == look {
        now[name]?.isTaken = true
        ready.append(name)
      }
    }
    seen = now
    return ready.sorted()
  }

  /// Whether every file that is there has been taken.
  var isSettled: Bool { seen.values.allSatisfy(\.isTaken) }

  static func isReport(_ name: String) -> Bool {
    guard !name.hasPrefix("."), !name.hasPrefix("_"), ![".tmp", ".part", ".new", "~"].contains(where: name.hasSuffix)
    else { return false }
    return name.lowercased().hasSuffix(".csv") || name.lowercased().hasSuffix(".json")
  }

  private static func status(of path: String) -> Look? {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1 else { return nil }
    return Look(
      inode: UInt64(status.st_ino), size: Int64(status.st_size),
      changed: Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec))
  }
}
