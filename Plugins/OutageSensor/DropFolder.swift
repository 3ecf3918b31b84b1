import CasusSensor
import Glibc
import SystemFiles

/// A folder into which others put files. A file is taken when it is complete: when neither its size nor the time of its
/// last change moved between two looks, or at once where `isPatient` is false. Names that begin with `.` or `_` or end in
/// `.tmp`, `.part`, `.new` or `~` are still being written by those who rename them when done. Links are not followed, a file
/// with a second name elsewhere is somebody else's. Of files that were not taken yet a look sees so many; the others follow when
/// these are taken, and are counted until then. For one task.
struct DropFolder {
  let path: String
  let isPatient: Bool
  let mostNew: Int
  /// Files that the last look left for a later one.
  private(set) var left = 0
  private var seen: [String: Look] = [:]

  private struct Look {
    let inode: UInt64
    let size: Int64
    let changed: Int64
    var isTaken = false

    func isSame(as other: Look) -> Bool { inode == other.inode && size == other.size && changed == other.changed }
  }

  /// - Parameter mostNew: files not taken yet that a look sees.
  init(path: String, isPatient: Bool = true, mostNew: Int = 10_000) {
    self.path = path
    self.isPatient = isPatient
    self.mostNew = mostNew
  }

  /// Names of the files that are complete and were not taken before in this state, in the order of their names.
  mutating func look() throws(SystemError) -> [String] {
    guard let directory = opendir(path) else { throw SystemError(errno, "open", path) }
    defer { closedir(directory) }
    var now: [String: Look] = [:]
    var ready: [String] = []
    // Those that were seen keep their places, so that each has its second look.
    var room = mostNew - seen.values.count { !$0.isTaken }
    left = 0
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard Self.isReport(name), var look = Self.status(of: path + "/" + name) else { continue }
      let known = seen[name]
      if let known, known.isTaken, known.isSame(as: look) {
        now[name] = known
        continue
      }
      if known == nil {
        guard room > 0 else {
          left += 1
          continue
        }
        room -= 1
      }
      if !isPatient || known?.isSame(as: look) == true {
        look.isTaken = true
        ready.append(name)
      }
      now[name] = look
    }
    seen = now
    return ready.sorted()
  }

  /// Whether every file that is there has been taken.
  var isSettled: Bool { left == 0 && seen.values.allSatisfy(\.isTaken) }

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
