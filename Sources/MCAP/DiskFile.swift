import Glibc

/// A file on disk. Writing goes through a buffer of 256 KiB; `close` or `sync` empties it. One thread at a time.
public final class DiskFile: ByteSink, ByteSource {
  public let path: String
  private var descriptor: Int32
  private var pending = RecordBuffer(capacity: 256 << 10)
  private var written: UInt64

  /// Opens a file that is there, for reading.
  public init(reading path: String) throws(MCAPError) {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw MCAPError(.io, errno: lastErrno(), "cannot open \(path)") }
    let end = lseek(descriptor, 0, SEEK_END)
    guard end >= 0 else {
      let number = lastErrno()
      closeDescriptor(descriptor)
      throw MCAPError(.io, errno: number, "cannot find the size of \(path)")
    }
    written = UInt64(end)
  }

  /// Makes a new file, for its owner alone. One that exists is left as it is, and so is what a link at that name leads to
  /// (`EEXIST`).
  public init(creating path: String) throws(MCAPError) {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw MCAPError(.io, errno: lastErrno(), "cannot make \(path)") }
    written = 0
  }

  deinit { if descriptor >= 0 { closeDescriptor(descriptor) } }

  public var size: UInt64 { written + UInt64(pending.count) }

  public func write(_ bytes: UnsafeRawBufferPointer) throws(MCAPError) {
    pending.append(bytes)
    if pending.count >= 256 << 10 { try flush() }
  }

  public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(MCAPError) {
    guard let start = off_t(exactly: offset), start <= off_t.max - off_t(buffer.count) else {
      throw MCAPError(.truncated, at: offset, "\(path) is not so long")
    }
    var done = 0
    while done < buffer.count {
      let n = pread(descriptor, buffer.baseAddress! + done, buffer.count - done, start + off_t(done))
      if n < 0, lastErrno() == EINTR { continue }
      guard n >= 0 else { throw MCAPError(.io, at: offset, errno: lastErrno(), "cannot read \(path)") }
      guard n > 0 else { throw MCAPError(.truncated, at: offset + UInt64(done), "\(path) ends here") }
      done += n
    }
  }

  /// Hands everything written so far to the operating system.
  public func flush() throws(MCAPError) {
    var done = 0
    while done < pending.count {
      let n = writeDescriptor(descriptor, pending.bytes.baseAddress! + done, pending.count - done)
      if n < 0, lastErrno() == EINTR { continue }
      guard n >= 0 else { throw MCAPError(.io, at: written + UInt64(done), errno: lastErrno(), "cannot write \(path)") }
      done += n
    }
    written += UInt64(pending.count)
    pending.removeAll()
  }

  /// Flushes, waits for the disk, and closes.
  public func close() throws(MCAPError) {
    guard descriptor >= 0 else { return }
    try flush()
    defer {
      closeDescriptor(descriptor)
      descriptor = -1
    }
    guard fsync(descriptor) == 0 else { throw MCAPError(.io, errno: lastErrno(), "the disk did not confirm \(path)") }
  }
}

/// `errno` right after a call; a name of its own because `MCAPError` has a member of that name.
private func lastErrno() -> Int32 { errno }

private func closeDescriptor(_ descriptor: Int32) { close(descriptor) }

private func writeDescriptor(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}
