import Glibc
public import SystemFiles

/// What a follower read in one go, in the order of the log.
public struct LogPortion: Sendable {
  public var lines: [LogLine] = []
  /// Nothing is left for now.
  public var isAtEnd = false
  /// What happened to the file, for the log: `rotated`, `truncated`, `appeared`.
  public var notes: [String] = []
}

/// Follows a log as `tail -F` does: through rotation by rename and by truncation, and from before the file exists.
///
/// A file that was rotated away is read to its end and watched until it has been silent for `grace` seconds, since its
/// writer may not have noticed yet. Rotated files are found by their names, which begin with the log's (`eve.json.1`,
/// `eve.json-20260316`; compressed ones are left alone), so that nothing is lost when the log rotates several times
/// while nobody reads: because the reader was down, or because it waited for the broker. Of a file that is truncated,
/// what was written after the last read and before the truncation cannot be had any more: that is so for every reader,
/// and the reason to rotate by rename. For one task.
public struct LogFollower {
  public let path: String
  public let maximumLine: Int
  /// Seconds of silence after which a file that was rotated away counts as finished.
  public let grace: Double
  /// The oldest first.
  private var files: [Followed] = []
  /// Files beside the log that are not read (any more), as they were when that was settled.
  private var settled: [FileIdentity: Settled] = [:]
  /// Those among them that were read, the last few: where to go on if something is still written to them, and so that a
  /// restart does not read them again.
  private var finished: [LogPosition] = []
  private var hasSeenFile = false

  private struct Followed {
    var file: LogFile
    /// Whether `path` names it.
    var isCurrent: Bool
    /// The moment of its last byte since `path` names another file.
    var silentSince: Double?
  }

  private struct Settled {
    var changed: Int64
    var position: LogPosition?
  }

  /// Opens what is there, going on from `positions` where the content is still the one that was read.
  ///
  /// - Parameter since: when the positions were kept, in nanoseconds since 1970: files that were rotated away and changed
  ///   later are read too. Nil for a first run, which leaves what was rotated away before alone.
  public init(
    path: String, positions: [LogPosition] = [], since: Int64? = nil, maximumLine: Int = 1 << 20, grace: Double = 5
  ) throws(SystemError) {
    self.path = path
    self.maximumLine = maximumLine
    self.grace = grace
    let current = try LogFile(path: path, maximumLine: maximumLine)
    let known = Dictionary(positions.map { ($0.file, $0) }) { first, _ in first }
    if let current, let position = known[current.identity] { _ = current.resume(position) }
    var found: [(entry: RotatedFile, file: LogFile, isKnown: Bool)] = []
    for entry in RotatedFile.beside(path) where entry.identity != current?.identity {
      guard let file = try LogFile(path: entry.path, maximumLine: maximumLine), file.identity == entry.identity
      else { continue }
      found.append((entry, file, known[entry.identity].map(file.resume) ?? false))
    }
    // What is older than all that was read may be years old, and is not this reader's business. Times are as coarse as
    // the kernel's tick: what changed in the same one is read to be sure.
    let oldest =
      (found.filter(\.isKnown).map(\.entry.changed) + (since.map { [$0 - 1_000_000_000] } ?? [])).min() ?? .max
    for (entry, file, _) in found {
      if entry.changed >= oldest {
        files.append(Followed(file: file, isCurrent: false))
      } else {
        settled[entry.identity] = Settled(changed: entry.changed)
      }
    }
    if let current { files.append(Followed(file: current, isCurrent: true)) }
    hasSeenFile = !files.isEmpty
  }

  /// Where reading can go on after a restart, once every line that was returned has been dealt with.
  public var positions: [LogPosition] { finished + files.map(\.file.position) }

  /// Whether `path` named a file when it was last looked at.
  public var hasFile: Bool { files.contains(where: \.isCurrent) }

  /// Reads up to about `limit` bytes. `now` is a clock of seconds that only goes forward.
  public mutating func read(limit: Int = 1 << 18, now: Double) throws(SystemError) -> LogPortion {
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
        if !files[index].isCurrent { files[index].silentSince = now }
        return portion
      }
      if !files[index].isCurrent, let since = files[index].silentSince, now - since >= grace {
        finish(files.remove(at: index).file, &portion)
      } else {
        if !files[index].isCurrent, files[index].silentSince == nil { files[index].silentSince = now }
        index += 1
      }
    }
    portion.isAtEnd = portion.lines.isEmpty
    return portion
  }

  /// The unfinished last lines, when nothing more will come.
  public mutating func finish() -> [LogLine] { files.compactMap { $0.file.finish() } }

  private mutating func finish(_ file: LogFile, _ portion: inout LogPortion) {
    if let rest = file.finish() { portion.lines.append(rest) }
    settled[file.identity] = Settled(changed: file.changed, position: file.position)
    finished.append(file.position)
    forgetFinished()
  }

  /// Leaves out what a restart passes over by itself: what is older than the last few files that were read, and than every
  /// one that is still watched. What changed in the same tick as one of these stays, or it would be read again.
  private mutating func forgetFinished() {
    func changed(_ position: LogPosition) -> Int64 { settled[position.file]?.changed ?? .max }
    let newest = finished.map(changed).sorted(by: >).prefix(8)
    let watched = files.lazy.filter { !$0.isCurrent }.map(\.file.changed)
    guard let oldest = [newest.last, watched.min()].compactMap({ $0 }).min() else { return }
    finished.removeAll { changed($0) < oldest }
  }

  private mutating func lookForReplacement(now: Double, _ portion: inout LogPortion) throws(SystemError) {
    var status = stat()
    guard stat(path, &status) == 0 else {
      // Between two files; a whole one may have come and gone.
      leaveCurrent(now: now)
      if !files.isEmpty || !settled.isEmpty { try findRotated(except: nil) }
      return
    }
    if let current = files.last, current.isCurrent, current.file.identity == FileIdentity(status) { return }
    // The new file first: what is rotated away while the folder is read is still found under its identity.
    guard let current = try LogFile(path: path, maximumLine: maximumLine) else { return }
    portion.notes.append(hasSeenFile ? "rotated" : "appeared")
    leaveCurrent(now: now)
    try findRotated(except: current.identity)
    if let index = files.firstIndex(where: { $0.file.identity == current.identity }) {
      // It was renamed away and back.
      files.append(Followed(file: files.remove(at: index).file, isCurrent: true))
    } else {
      if let position = settled[current.identity]?.position { _ = current.resume(position) }
      files.append(Followed(file: current, isCurrent: true))
    }
    hasSeenFile = true
  }

  private mutating func leaveCurrent(now: Double) {
    for index in files.indices where files[index].isCurrent {
      files[index].isCurrent = false
      files[index].silentSince = now
    }
  }

  /// Opens what was rotated away since the folder was looked at last and never seen at `path`.
  private mutating func findRotated(except current: FileIdentity?) throws(SystemError) {
    let open = Set(files.map(\.file.identity))
    for entry in RotatedFile.beside(path) where entry.identity != current && !open.contains(entry.identity) {
      let past = settled[entry.identity]
      if past?.changed == entry.changed { continue }
      guard let file = try LogFile(path: entry.path, maximumLine: maximumLine), file.identity == entry.identity
      else { continue }
      if let position = past?.position {
        if file.resume(position) { finished.removeAll { $0.file == file.identity } }
      }
      files.append(Followed(file: file, isCurrent: false))
    }
  }
}

/// A file beside a log whose name begins with the log's.
private struct RotatedFile {
  var path: String
  var identity: FileIdentity
  /// Time of the last change, in nanoseconds since 1970.
  var changed: Int64

  /// By the time of their last change, and by name where it is the same.
  static func beside(_ path: String) -> [RotatedFile] {
    let folder = Files.folder(of: path)
    let name = path.split(separator: "/").last ?? ""
    let packed = [".gz", ".xz", ".zst", ".bz2"]
    let found = ((try? Files.names(in: folder)) ?? []).compactMap { other -> RotatedFile? in
      guard other.hasPrefix(name), other != name, !packed.contains(where: other.hasSuffix) else { return nil }
      let path = "\(folder)/\(other)"
      var status = stat()
      guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
      return RotatedFile(path: path, identity: FileIdentity(status), changed: status.changedNanoseconds)
    }
    return found.sorted { ($0.changed, $0.path) < ($1.changed, $1.path) }
  }
}
