import MCAP

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A file descriptor that is closed with its owner. The calls are those of the system; EINTR is tried again.
///
/// `pread` may run from any thread beside one writing thread.
final class PosixFile: Sendable {
  let descriptor: Int32
  let path: String

  init(_ path: String, _ flags: Int32, mode: mode_t = 0o640) throws(JournalError) {
    let descriptor = retrying { open(path, flags | O_CLOEXEC, mode) }
    guard descriptor >= 0 else { throw JournalError.system("cannot open", path) }
    self.descriptor = descriptor
    self.path = path
  }

  deinit { close(descriptor) }

  var size: UInt64 {
    get throws(JournalError) {
      var info = stat()
      guard fstat(descriptor, &info) == 0 else { throw JournalError.system("cannot stat", path) }
      return UInt64(info.st_size)
    }
  }

  /// Fills `buffer` from `offset`; a file that ends before is an error.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(JournalError) {
    var done = 0
    while done < buffer.count {
      let n = retrying {
        pread(descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(offset) + off_t(done))
      }
      guard n >= 0 else { throw JournalError.system("cannot read", path) }
      guard n > 0 else {
        throw JournalError(.damaged, file: path, offset: offset + UInt64(done), "the file ends too early")
      }
      done += n
    }
  }

  /// Appends `count` bytes from `offset` to `buffer`.
  func readAll(_ count: Int, at offset: UInt64, into buffer: inout RecordBuffer) throws(JournalError) {
    let start = buffer.count
    buffer.extend(by: count)
    try buffer.withMutableBytes { bytes throws(JournalError) in
      try read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[start...]), at: offset)
    }
  }

  /// Writes everything at `offset`, or returns the system's error number.
  func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) -> Int32? {
    var done = 0
    while done < bytes.count {
      let n = retrying {
        pwrite(descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset) + off_t(done))
      }
      if n < 0 { return errno }
      done += n
    }
    return nil
  }

  func truncate(to size: UInt64) -> Int32? {
    retrying { ftruncate(descriptor, off_t(size)) } == 0 ? nil : errno
  }

  /// Data and what is needed to find them.
  func syncData() -> Int32? { retrying { fdatasync(descriptor) } == 0 ? nil : errno }

  func sync() -> Int32? { retrying { fsync(descriptor) } == 0 ? nil : errno }

  /// Makes the names in a folder durable.
  static func syncDirectory(_ path: String) throws(JournalError) {
    let directory = try PosixFile(path, O_RDONLY | O_DIRECTORY)
    if directory.sync() != nil { throw JournalError.system("cannot sync", path) }
  }
}

extension JournalError {
  /// From `errno`, which the caller has not touched since the call that failed.
  static func system(_ what: String, _ path: String, number: Int32? = nil) -> JournalError {
    let number = number ?? lastErrno()
    return JournalError(isFull(number) ? .diskFull : .io, file: path, errno: number, what)
  }
}

/// The system's `errno`, which `JournalError.errno` hides inside that type.
func lastErrno() -> Int32 { errno }

/// No space, quota reached, or the file may not grow: what freeing space cures.
func isFull(_ number: Int32) -> Bool { number == ENOSPC || number == EDQUOT || number == EFBIG }

func systemMessage(_ number: Int32) -> String { String(cString: strerror(number)) }

@inline(__always)
func retrying<T: SignedInteger>(_ call: () -> T) -> T {
  while true {
    let result = call()
    if result != -1 || errno != EINTR { return result }
  }
}
