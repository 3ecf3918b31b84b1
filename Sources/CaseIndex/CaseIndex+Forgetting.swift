import Glibc
import SystemFiles

extension CaseIndex {
  /// Indexes that nothing was added to for so long go: their journal is over, or their reader. One that is asked again is made again.
  static let keptFor: Int64 = 90 * 86_400_000_000_000

  /// - Parameter now: nanoseconds since 1970.
  static func forgetOld(in folder: String, now: Int64) {
    for name in (try? Files.names(in: folder)) ?? [] where isIndex(name) {
      guard let added = lastAdded("\(folder)/\(name)"), now - added > keptFor else { continue }
      remove("\(folder)/\(name)")
    }
  }

  /// Only what `IndexOwner.fileName` makes: whatever else stands there is not ours.
  private static func isIndex(_ name: String) -> Bool {
    let digits = name.utf8.prefix { (48...57).contains($0) || (97...102).contains($0) }
    return digits.count == 32 && name.utf8.dropFirst(32).elementsEqual(".db".utf8)
  }

  /// What is added reaches the file's log first.
  private static func lastAdded(_ path: String) -> Int64? {
    [path, path + "-wal"].compactMap { path in
      var status = stat()
      guard lstat(path, &status) == 0 else { return nil }
      return Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
    }.max()
  }
}
