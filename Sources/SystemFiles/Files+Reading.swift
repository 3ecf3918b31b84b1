internal import Glibc

extension Files {
  /// What is read where nothing else is said: configuration and state, never events.
  public static let usualBound = 64 << 20

  /// A file's bytes. Throws `EFBIG` when there are more than `bound`: a file that somebody put there must not fill the memory.
  public static func read(_ path: String, atMost bound: Int = usualBound) throws(SystemError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
    guard descriptor >= 0 else { throw SystemError(errno, "read", path) }
    defer { close(descriptor) }
    return try read(descriptor, path: path, atMost: bound)
  }

  /// For a process that must not wait: what is no plain file, a pipe say, is not read (`EPERM`), and nothing of it blocks.
  public static func readPlain(_ path: String, atMost bound: Int = usualBound) throws(SystemError) -> [UInt8] {
    try readPlain(path, atMost: bound, flags: 0, mostNames: .max)
  }

  /// A file that somebody else put there: as `readPlain`, a link is not followed (`ELOOP`), and what has a second name elsewhere
  /// is not read (`EPERM`).
  public static func readDropped(_ path: String, atMost bound: Int) throws(SystemError) -> [UInt8] {
    try readPlain(path, atMost: bound, flags: O_NOFOLLOW, mostNames: 1)
  }

  private static func readPlain(
    _ path: String, atMost bound: Int, flags: Int32, mostNames: nlink_t
  ) throws(SystemError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | flags)
    guard descriptor >= 0 else { throw SystemError(errno, "read", path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw SystemError(errno, "read", path) }
    guard status.st_mode & S_IFMT == S_IFREG, status.st_nlink <= mostNames else {
      throw SystemError(EPERM, "read", path)
    }
    return try read(descriptor, path: path, atMost: bound)
  }

  /// `read`, as text; what is no UTF-8 becomes U+FFFD.
  public static func text(_ path: String, atMost bound: Int = usualBound) throws(SystemError) -> String {
    String(decoding: try read(path, atMost: bound), as: UTF8.self)
  }

  /// The rest of an open file; `path` is for messages. The descriptor stays open.
  public static func read(_ descriptor: Int32, path: String, atMost bound: Int) throws(SystemError) -> [UInt8] {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw SystemError(errno, "read", path) }
    guard Int(clamping: status.st_size) <= bound else { throw SystemError(EFBIG, "read", path) }
    // One more than the file says shows its end without another round; files of /proc say 0.
    let expected = max(4096, min(Int(clamping: status.st_size), bound)) + 1
    var bytes: [UInt8] = []
    var failure: Int32?
    while failure == nil {
      let start = bytes.count
      let room = start == 0 ? expected : max(4096, start)
      bytes.append(contentsOf: repeatElement(0, count: room))
      let count = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress! + start, room) }
      bytes.removeLast(room - max(count, 0))
      if count == 0 { return bytes }
      if count < 0, errno != EINTR { failure = errno }
      if bytes.count > bound { failure = EFBIG }
    }
    throw SystemError(failure ?? 0, "read", path)
  }

  /// Fills memory from an offset; the descriptor's own place does not move. Returns how many bytes there were, fewer at the
  /// file's end, and the errno of what failed.
  public static func read(
    _ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) -> (count: Int, failure: Int32?) {
    var done = 0
    while done < buffer.count {
      let count = pread(descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(offset + done))
      if count > 0 { done += count } else if count == 0 { break } else if errno != EINTR { return (done, errno) }
    }
    return (done, nil)
  }
}
