import Glibc

/// What a follower read in one go, in the order of the log.
package struct LogPortion: Sendable {
  package var lines: [LogLine] = []
  /// Nothing is left for now.
  package var isAtEnd = false
  /// What happened to the file, for the log: `rotated`, `truncated`, `appeared`.
  package var notes: [String] = []
}

/// Follows a log as `tail -F` does: through rotation by rename and by truncation, and from before the file exists.
///
/// A renamed file is read to its end, and watched for `grace` seconds more since its writer may not have noticed yet. Of a
/// file that is truncated, what was written after the last read and before the truncation cannot be had any more: that
/// is so for every reader, and the reason to rotate by rename. For one task.
package struct LogFollower {
  package let path: String
  package let maximumLine: Int
  /// Seconds of silence after which a file that was replaced counts as finished.
  package let grace: Double
  /// The oldest first; the last one is the file that `path` names, when there is one.
  private var files: [Followed] = []

  private struct Followed {
    var file: LogFile
    /// Set once `path` names another file: the moment of the last byte, or of the replacement.
    var silentSince: Double?
    /// A file of an earlier rotation, which nobody writes to any more.
    var isPast = false
  }

  /// Opens what is there, going on from `positions` where the content is still the one that was read. Files that were
  /// rotated away in the meantime (`eve.json.1`, `eve.json-20260316`) are read first, the oldest first.
  package init(path: String, positions: [LogPosition] = [], maximumLine: Int = 1 << 20, grace: Double = 5)
    throws(LogError)
  {
    self.path = path
    self.maximumLine = maximumLine
    self.grace = grace
    let current = try LogFile(path: path, maximumLine: maximumLine)
    let known = Set(positions.map(\.file))
    if let current, let position = positions.first(where: { $0.file == current.identity }),
      current.resume(position), known.count == 1
    {
      files = [Followed(file: current)]
      return
    }
    files = Self.rotated(path, positions, maximumLine, except: current?.identity).map {
      Followed(file: $0, isPast: true)
    }
    if let current { files.append(Followed(file: current)) }
  }

  /// Where reading can go on after a restart, once every line that was returned has been dealt with.
  package var positions: [LogPosition] { files.map(\.file.position) }

  /// Whether `path` named a file when it was last looked at.
  package var hasFile: Bool { files.last.map { !$0.isPast } ?? false }

  /// Reads up to about `limit` bytes. `now` is a clock of seconds that only goes forward.
  package mutating func read(limit: Int = 1 << 18, now: Double) throws(LogError) -> LogPortion {
    var portion = LogPortion()
    try lookForReplacement(now: now, &portion)
    var index = 0
    while index < files.count {
      if files[index].file.isReplaced {
        portion.notes.append("truncated")
        if let rest = files[index].file.restart() { portion.lines.append(rest) }
      }
      let (lines, count) = files[index].file.read(limit: limit)
      portion.lines += lines
      if count > 0 {
        if files[index].silentSince != nil { files[index].silentSince = now }
        return portion
      }
      let isFinished = files[index].isPast || files[index].silentSince.map { now - $0 >= grace } ?? false
      if isFinished {
        if let rest = files[index].file.finish() { portion.lines.append(rest) }
        files.remove(at: index)
      } else {
        index += 1
      }
    }
    portion.isAtEnd = portion.lines.isEmpty
    return portion
  }

  /// The unfinished last lines, when nothing more will come.
  package mutating func finish() -> [LogLine] { files.compactMap { $0.file.finish() } }

  private mutating func lookForReplacement(now: Double, _ portion: inout LogPortion) throws(LogError) {
    var status = stat()
    guard stat(path, &status) == 0 else { return }
    let identity = FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    if let last = files.last, !last.isPast, last.file.identity == identity { return }
    guard let file = try LogFile(path: path, maximumLine: maximumLine) else { return }
    for index in files.indices where !files[index].isPast && files[index].silentSince == nil {
      files[index].silentSince = now
    }
    portion.notes.append(files.isEmpty ? "appeared" : "rotated")
    files.append(Followed(file: file))
  }

  /// The files beside `path` that an earlier run had not finished, by the time of their last change.
  private static func rotated(
    _ path: String, _ positions: [LogPosition], _ maximumLine: Int, except current: FileIdentity?
  ) -> [LogFile] {
    guard !positions.isEmpty else { return [] }
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { String(path[...$0]) } ?? "./"
    let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var found: [(changed: Int64, file: LogFile, position: LogPosition?)] = []
    while let entry = readdir(directory) {
      let other = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard other.hasPrefix(name), other != name, ![".gz", ".xz", ".zst", ".bz2"].contains(where: other.hasSuffix),
        let file = try? LogFile(path: folder + other, maximumLine: maximumLine), file.identity != current
      else { continue }
      var status = stat()
      guard stat(folder + other, &status) == 0 else { continue }
      let changed = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
      found.append((changed, file, positions.first { $0.file == file.identity }))
    }
    found.sort { $0.changed < $1.changed }
    // Nothing of what was read is left: what lies beside it may be years old, and is not this run's business.
    guard let first = found.first(where: { entry in entry.position.map { entry.file.resume($0) } ?? false })
    else { return [] }
    // Times are as coarse as the kernel's tick: what changed in the same one may be older, and is read to be sure.
    let rest = found.filter { $0.changed >= first.changed && $0.file !== first.file }
    for entry in rest { _ = entry.position.map { entry.file.resume($0) } }
    return [first.file] + rest.map(\.file)
  }
}
