internal import Glibc

/// The few file operations of a launch, with errors that name the path. Names are absolute or relative to the working
/// directory.
enum Files {
  static func message(_ error: Int32) -> String { String(cString: strerror(error)) }

  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// A file that may be run, not a folder.
  static func isProgram(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
  }

  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Makes a folder and those above it; one that exists keeps its mode.
  static func makeFolder(_ path: String, mode: mode_t = 0o700) throws(LaunchError) {
    if isFolder(path) || path.isEmpty { return }
    let parent = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[..<$0]) } ?? ""
    try makeFolder(parent, mode: mode)
    if mkdir(path, mode) != 0, errno != EEXIST || !isFolder(path) {
      throw LaunchError(.cannotCreate, "cannot make the folder \(path): \(message(errno))")
    }
  }

  static func read(_ path: String) throws(LaunchError) -> String {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw LaunchError(.noInput, "cannot read \(path): \(message(errno))") }
    defer { close(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
      let got = Glibc.read(file, &chunk, chunk.count)
      if got > 0 {
        bytes += chunk[..<got]
      } else if got == 0 {
        return String(decoding: bytes, as: UTF8.self)
      } else if errno != EINTR {
        throw LaunchError(.noInput, "cannot read \(path): \(message(errno))")
      }
    }
  }

  /// Writes beside the file, then renames over it: a reader sees the old text or the new one, whole.
  static func write(_ text: String, to path: String, mode: mode_t = 0o644) throws(LaunchError) {
    let beside = "\(path).\(getpid()).new"
    let file = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
    guard file >= 0 else { throw LaunchError(.cannotCreate, "cannot write \(path): \(message(errno))") }
    var rest = Array(text.utf8)[...]
    var failure: Int32 = 0
    while !rest.isEmpty, failure == 0 {
      let written = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if written > 0 { rest = rest.dropFirst(written) } else if errno != EINTR { failure = errno }
    }
    close(file)
    if failure == 0, rename(beside, path) != 0 { failure = errno }
    if failure != 0 {
      unlink(beside)
      throw LaunchError(.cannotCreate, "cannot write \(path): \(message(failure))")
    }
  }

  /// The names in a folder, in no order; none when it cannot be read.
  static func names(in folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      names.append(withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
    }
    return names
  }

  static func remove(_ path: String) { unlink(path) }

  /// The path from the root; `..` and links are kept as they are.
  static func absolute(_ path: String) -> String {
    if path.hasPrefix("/") { return path }
    guard let folder = getcwd(nil, 0) else { return path }
    defer { free(folder) }
    let start = String(cString: folder)
    return path == "." ? start : "\(start)/\(path.hasPrefix("./") ? String(path.dropFirst(2)) : path)"
  }

  static func folder(of path: String) -> String {
    let absolute = absolute(path)
    let slash = absolute.utf8.lastIndex(of: UInt8(ascii: "/")) ?? absolute.startIndex
    return slash == absolute.startIndex ? "/" : String(absolute[..<slash])
  }
}

extension Files {
  /// `write`, and on disk when it returns: the file synced before the rename, the folder after it.
  static func replace(_ path: String, with text: String, mode: mode_t) throws(LaunchError) {
    let beside = "\(path).\(getpid()).new"
    try write(text, to: beside, mode: mode)
    do throws(LaunchError) {
      try sync(beside, O_RDONLY)
      guard chmod(beside, mode) == 0 else {
        throw LaunchError(.cannotCreate, "cannot write \(path): \(message(errno))")
      }
      try move(beside, over: path)
    } catch {
      unlink(beside)
      throw error
    }
  }

  /// Renames over a file, and syncs the folder.
  static func move(_ path: String, over other: String) throws(LaunchError) {
    guard rename(path, other) == 0 else {
      throw LaunchError(.cannotCreate, "cannot write \(other): \(message(errno))")
    }
    try sync(folder(of: other), O_RDONLY | O_DIRECTORY)
  }

  private static func sync(_ path: String, _ flags: Int32) throws(LaunchError) {
    let file = open(path, flags | O_CLOEXEC)
    defer { if file >= 0 { close(file) } }
    guard file >= 0, fsync(file) == 0 else {
      throw LaunchError(.cannotCreate, "cannot sync \(path): \(message(errno))")
    }
  }
}
