internal import Glibc

/// The few file operations that Casus needs, with errors that name the path. Paths are absolute or relative to the working
/// directory. Everything blocks, and a call that a signal interrupted is made again.
public enum Files {
  public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// A file that may be run, not a folder.
  public static func isProgram(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
  }

  /// The path without links in any part of it; nil where nothing is there.
  public static func resolved(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// Whether a path itself is a symbolic link.
  public static func isLink(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
  }

  public static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Why somebody else could put files of theirs into a folder, or another folder in its place; nil when nobody but this
  /// process's user and root can. Or why somebody else could change a file. Looks at it, or the nearest one above it that there is, and at all above that.
  ///
  /// A folder above may be everybody's when it is sticky, as `/tmp` is: then what stands in it is its owner's. A group of the
  /// user's own is the user.
  public static func othersMayChange(_ folder: String) -> String? {
    var path = absolute(folder)
    while !exists(path), path != "/" { path = Files.folder(of: path) }
    guard let real = realpath(path, nil) else { return "\(path) cannot be looked at: \(SystemError.message(errno))" }
    defer { free(real) }
    var place = String(cString: real)
    let isItself = path == absolute(folder)
    var isFirst = isItself
    while true {
      var status = stat()
      guard lstat(place, &status) == 0 else { return "\(place) cannot be looked at: \(SystemError.message(errno))" }
      let user = geteuid()
      if status.st_uid != 0, status.st_uid != user { return "\(place) belongs to another user (\(status.st_uid))" }
      let isOwnGroup = status.st_gid == getegid() && getegid() == user
      let open = status.st_mode & (isOwnGroup ? S_IWOTH : S_IWGRP | S_IWOTH) != 0
      if open, isFirst || status.st_mode & S_ISVTX == 0 {
        return "\(place) may be written by others (mode \(String(status.st_mode & 0o7777, radix: 8)))"
      }
      if place == "/" { return nil }
      isFirst = false
      place = Files.folder(of: place)
    }
  }

  /// The permission bits; nil when there is no such file.
  public static func mode(_ path: String) -> UInt32? {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & 0o777 : nil
  }

  /// Makes a folder and those above it; one that exists keeps its mode.
  public static func makeFolder(_ path: String, mode: UInt32 = 0o700) throws(SystemError) {
    if isFolder(path) || path.isEmpty { return }
    let parent = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[..<$0]) } ?? ""
    try makeFolder(parent, mode: mode)
    if mkdir(path, mode) != 0, errno != EEXIST || !isFolder(path) {
      throw SystemError(errno, "make the folder", path)
    }
  }

  /// The names in a folder but `.` and `..`, in the order of their bytes.
  public static func names(in folder: String) throws(SystemError) -> [String] {
    guard let stream = opendir(folder) else { throw SystemError(errno, "read the folder", folder) }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// How much room a file system has, in bytes.
  public struct Space: Hashable, Sendable {
    /// What a process without special rights may still use.
    public var free: UInt64
    public var size: UInt64

    public init(free: UInt64, size: UInt64) { (self.free, self.size) = (free, size) }
  }

  /// Of the file system that a file or folder is on; nil when it cannot be looked at.
  public static func space(of path: String) -> Space? {
    var found = statvfs()
    guard statvfs(path, &found) == 0 else { return nil }
    let block = UInt64(found.f_frsize)
    return Space(free: UInt64(found.f_bavail) * block, size: UInt64(found.f_blocks) * block)
  }

  /// Takes a name away; whether there was one does not matter.
  public static func remove(_ path: String) { unlink(path) }

  /// Whether two paths name the same file or folder, which need not be there.
  public static func isSame(_ path: String, _ other: String) -> Bool {
    var (one, two) = (stat(), stat())
    if stat(path, &one) == 0, stat(other, &two) == 0 { return one.st_dev == two.st_dev && one.st_ino == two.st_ino }
    return plain(path) == plain(other)
  }

  private static func plain(_ path: String) -> [Substring] {
    absolute(path).split(separator: "/").reduce(into: []) { parts, part in
      if part == ".." { _ = parts.popLast() } else if part != "." { parts.append(part) }
    }
  }

  /// The path from the root; `..` and links are kept as they are.
  public static func absolute(_ path: String) -> String {
    if path.hasPrefix("/") { return path }
    guard let folder = getcwd(nil, 0) else { return path }
    defer { free(folder) }
    let start = String(cString: folder)
    return path == "." ? start : "\(start)/\(path.hasPrefix("./") ? String(path.dropFirst(2)) : path)"
  }

  /// The absolute folder that a file stands in.
  public static func folder(of path: String) -> String {
    let absolute = absolute(path)
    let slash = absolute.utf8.lastIndex(of: UInt8(ascii: "/")) ?? absolute.startIndex
    return slash == absolute.startIndex ? "/" : String(absolute[..<slash])
  }
}
