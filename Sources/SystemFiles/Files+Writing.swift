internal import Glibc

extension Files {
  /// Writes everything. Returns the errno of what failed, or nil.
  public static func write(_ bytes: some Collection<UInt8>, to descriptor: Int32) -> Int32? {
    let all = Array(bytes)
    var written = 0
    while written < all.count {
      let count = all.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + written, $0.count - written) }
      if count >= 0 { written += count } else if errno != EINTR { return errno }
    }
    return nil
  }

  /// Writes everything at an offset; the descriptor's own place does not move. Returns the errno of what failed, or nil.
  public static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at offset: Int) -> Int32? {
    var done = 0
    while done < bytes.count {
      let count = pwrite(descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset + done))
      if count >= 0 { done += count } else if errno != EINTR { return errno }
    }
    return nil
  }

  /// Makes a new file. One that exists is left alone and is an error (`EEXIST`). With `sync` it is on disk when this returns.
  ///
  /// - Parameter owner: whose it is to be, where that is not the process's own user and group.
  public static func create(
    _ path: String, with bytes: some Collection<UInt8>, mode: UInt32, owner: FileOwner? = nil, sync: Bool = true
  ) throws(SystemError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw SystemError(errno, "make", path) }
    var failure = write(bytes, to: descriptor)
    if failure == nil, let owner, owner != FileOwner(descriptor), fchown(descriptor, owner.user, owner.group) != 0 {
      failure = errno
    }
    // What the process's umask took away.
    if failure == nil, fchmod(descriptor, mode) != 0 { failure = errno }
    if failure == nil, sync, fsync(descriptor) != 0 { failure = errno }
    if close(descriptor) != 0, failure == nil { failure = errno }
    if let failure {
      unlink(path)
      throw SystemError(failure, "write", path)
    }
    if sync { try syncFolder(of: path) }
  }

  /// Puts a whole file in another's place: a reader sees the old bytes or the new ones. With `sync` a power cut leaves one of
  /// the two as well: the file is synced before it gets its name, and the folder after it.
  ///
  /// - Parameter mode: of the new file; nil keeps mode, owner and group of the one that is there (an error where the process may not),
  ///   or is 0600.
  public static func replace(
    _ path: String, with bytes: some Collection<UInt8>, mode: UInt32? = nil, sync: Bool = true
  ) throws(SystemError) {
    let beside = "\(path).\(getpid()).new"
    // What a process of the same number left when it was ended in the middle.
    unlink(beside)
    do throws(SystemError) {
      try create(
        beside, with: bytes, mode: mode ?? Files.mode(path) ?? 0o600, owner: mode == nil ? FileOwner(path) : nil,
        sync: false)
      try move(beside, over: path, sync: sync)
    } catch {
      unlink(beside)
      throw SystemError(error.code, "write", path)
    }
  }

  /// Renames a file over another. With `sync` its bytes and its name are on disk when this returns.
  public static func move(_ path: String, over other: String, sync: Bool = true) throws(SystemError) {
    if sync { try Files.sync(path, O_RDONLY) }
    guard rename(path, other) == 0 else { throw SystemError(errno, "replace", other) }
    if sync { try syncFolder(of: other) }
  }

  /// Makes the names in the folder of a file durable.
  public static func syncFolder(of path: String) throws(SystemError) {
    try sync(folder(of: path), O_RDONLY | O_DIRECTORY)
  }

  private static func sync(_ path: String, _ flags: Int32) throws(SystemError) {
    let descriptor = open(path, flags | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError(errno, "sync", path) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw SystemError(errno, "sync", path) }
  }
}
