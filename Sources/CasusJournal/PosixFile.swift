import Glibc
import MCAP
import SystemFiles

/// A file descriptor that is closed with its owner. The calls are those of the system; EINTR is tried again.
///
/// `pread` may run from any thread beside one writing thread.
final class PosixFile: Sendable {
  let descriptor: Int32
  let path: String
  let faults: DiskFaults?

  /// A file that is made is its owner's alone.
  init(_ path: String, _ flags: Int32, faults: DiskFaults? = nil) throws(JournalError) {
    self.faults = faults
    var descriptor: Int32 = -1
    var number: Int32 = 0
    repeat {
      if let failure = faults?.fail(.open) {
        number = failure
      } else {
        descriptor = retrying { open(path, flags | O_CLOEXEC, 0o600) }
        number = descriptor < 0 ? lastErrno() : 0
      }
    } while number == EMFILE && DescriptorReserve.shared.give()
    guard descriptor >= 0 else { throw JournalError.system("cannot open", path, number: number) }
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
    guard let start = off_t(exactly: offset), start <= off_t.max - off_t(buffer.count) else {
      throw JournalError(.damaged, file: path, offset: offset, "no file is so long")
    }
    let (done, failure) = Files.read(descriptor, into: buffer, at: Int(start))
    if let failure { throw JournalError.system("cannot read", path, number: failure) }
    guard done == buffer.count else {
      throw JournalError(.damaged, file: path, offset: offset + UInt64(done), "the file ends too early")
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
    if let number = faults?.fail(.write) {
      // A disk that fills up takes a part first.
      if bytes.count > 1 { _ = pwrite(descriptor, bytes.baseAddress!, bytes.count / 2, off_t(offset)) }
      return number
    }
    return Files.write(bytes, to: descriptor, at: Int(offset))
  }

  /// Writes the parts one behind the other from `offset` on, in one call where the system takes it.
  func write(_ parts: [UnsafeRawBufferPointer], at offset: UInt64) -> Int32? {
    let parts = parts.filter { !$0.isEmpty }
    if parts.count == 1 || faults != nil { return writeSingly(parts, at: offset, skip: 0) }
    let vectors = parts.map { iovec(iov_base: UnsafeMutableRawPointer(mutating: $0.baseAddress), iov_len: $0.count) }
    let n = retrying { pwritev(descriptor, vectors, Int32(vectors.count), off_t(offset)) }
    if n < 0 { return errno }
    return n == parts.reduce(0) { $0 + $1.count } ? nil : writeSingly(parts, at: offset, skip: n)
  }

  private func writeSingly(_ parts: [UnsafeRawBufferPointer], at offset: UInt64, skip: Int) -> Int32? {
    var skip = skip
    var position = offset
    for part in parts {
      let done = min(skip, part.count)
      skip -= done
      let rest = UnsafeRawBufferPointer(rebasing: part[done...])
      if !rest.isEmpty, let number = write(rest, at: position + UInt64(done)) { return number }
      position += UInt64(part.count)
    }
    return nil
  }

  func truncate(to size: UInt64) -> Int32? {
    if let number = faults?.fail(.truncate) { return number }
    return retrying { ftruncate(descriptor, off_t(size)) } == 0 ? nil : errno
  }

  /// Whether nothing is left of a write that failed behind `end`. What cannot be written cannot be cut either, and need not when
  /// nothing was written.
  func takesBack(to end: UInt64) -> Bool { truncate(to: end) == nil || (try? size) == end }

  /// Data and what is needed to find them.
  func syncData() -> Int32? {
    if let number = faults?.fail(.sync) { return number }
    return retrying { fdatasync(descriptor) } == 0 ? nil : errno
  }

  func sync() -> Int32? {
    if let number = faults?.fail(.sync) { return number }
    return retrying { fsync(descriptor) } == 0 ? nil : errno
  }

  /// Makes the names in a folder durable.
  ///
  /// - Throws: `.failed`: a name that may be gone after a power cut is as bad as bytes that may.
  static func syncDirectory(_ path: String, faults: DiskFaults? = nil) throws(JournalError) {
    let directory = try PosixFile(path, O_RDONLY | O_DIRECTORY, faults: faults)
    if let number = directory.sync() {
      throw JournalError(.failed, file: path, errno: number, "the disk did not confirm a new name")
    }
  }
}

/// Lets a test make the disk fail: returns the error number for this operation, or nil to let it through.
struct DiskFaults: Sendable {
  enum Operation: Sendable { case open, write, truncate, sync }
  let fail: @Sendable (Operation) -> Int32?
}

extension JournalError {
  /// From `errno`, which the caller has not touched since the call that failed.
  static func system(_ what: String, _ path: String, number: Int32? = nil) -> JournalError {
    let number = number ?? lastErrno()
    return JournalError(passing(number) ?? .io, file: path, errno: number, what)
  }
}

/// The system's `errno`, which `JournalError.errno` hides inside that type.
func lastErrno() -> Int32 { errno }

/// The kind of a failure that is no fault of the disk's and passes when somebody sees to it; nil for any other.
func passing(_ number: Int32) -> JournalError.Code? {
  switch number {
  // No space, quota reached, or the file may not grow: what freeing space cures.
  case ENOSPC, EDQUOT, EFBIG: .diskFull
  case EMFILE, ENFILE: .tooManyFiles
  case EROFS: .readOnly
  default: nil
  }
}

@inline(__always)
func retrying<T: SignedInteger>(_ call: () -> T) -> T {
  while true {
    let result = call()
    if result != -1 || errno != EINTR { return result }
  }
}
