import CasusEvents
import Glibc
public import SystemFiles

/// Which file it is, whatever its name: a file that is renamed keeps it, one that is created anew doesn't.
public struct FileIdentity: Hashable, Codable, Sendable {
  public var device: UInt64
  public var inode: UInt64
}

extension FileIdentity {
  init(_ status: stat) {
    self.init(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
  }
}

extension stat {
  var changedNanoseconds: Int64 { Int64(st_mtim.tv_sec) * 1_000_000_000 + Int64(st_mtim.tv_nsec) }
}

/// How far a file has been read, as it is kept across restarts.
public struct LogPosition: Hashable, Codable, Sendable {
  public var file: FileIdentity
  /// Bytes of whole lines that were handled.
  public var offset: UInt64
  /// Lines handled.
  public var line: Int
  /// How many first bytes `head` is the digest of; they tell a replaced file from the one that was read.
  public var headLength: Int
  /// SHA-256 of the first bytes.
  public var head: String
}

/// An open log file and how far it has been read. For one task; closes its descriptor when it goes.
public final class LogFile {
  public static let headLimit = 256

  public let identity: FileIdentity
  private let descriptor: Int32
  public private(set) var splitter: LineSplitter
  /// The first bytes as they were last seen: when they change, the content was replaced.
  private var head: [UInt8] = []

  /// Nil when there is no file at the path; throws for every other reason.
  public init?(path: String, maximumLine: Int) throws(SystemError) {
    let opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard opened >= 0 else {
      if errno == ENOENT { return nil }
      throw SystemError(errno, "open", path)
    }
    var status = stat()
    guard fstat(opened, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(opened)
      throw SystemError(EINVAL, "follow (it is no regular file)", path)
    }
    descriptor = opened
    identity = FileIdentity(status)
    splitter = LineSplitter(maximumLength: maximumLine)
  }

  deinit { close(descriptor) }

  /// Goes on where an earlier run stopped, if this is still the content that it read. False: start from the beginning.
  public func resume(_ position: LogPosition) -> Bool {
    guard position.file == identity, position.offset <= size else { return false }
    let first = bytes(at: 0, count: position.headLength)
    guard first.count == position.headLength, sha256Hex(first) == position.head else { return false }
    head = first
    splitter = LineSplitter(
      consumed: position.offset, number: position.line, maximumLength: splitter.maximumLength)
    return true
  }

  public var position: LogPosition {
    LogPosition(
      file: identity, offset: splitter.consumed, line: splitter.number, headLength: head.count, head: sha256Hex(head))
  }

  /// Whether the content was cut or replaced since it was read (`copytruncate`).
  public var isReplaced: Bool { size < splitter.position || bytes(at: 0, count: head.count) != head }

  /// Starts from the beginning; the unfinished line that was there, if any.
  public func restart() -> LogLine? {
    let rest = splitter.finish()
    splitter = LineSplitter(maximumLength: splitter.maximumLength)
    head = []
    return rest
  }

  /// Reads on, at most `limit` bytes; the lines they finish, and whether anything was read.
  public func read(limit: Int) -> (lines: [LogLine], count: Int) {
    let piece = bytes(at: splitter.position, count: limit)
    if head.count < Self.headLimit {
      head = bytes(at: 0, count: min(Self.headLimit, Int(splitter.position) + piece.count))
    }
    return (splitter.append(piece), piece.count)
  }

  /// The unfinished last line, when nothing more will come.
  public func finish() -> LogLine? { splitter.finish() }

  /// Time of the last change, in nanoseconds since 1970.
  var changed: Int64 {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? status.changedNanoseconds : 0
  }

  private var size: UInt64 {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? UInt64(max(0, status.st_size)) : 0
  }

  private func bytes(at offset: UInt64, count: Int) -> [UInt8] {
    guard count > 0, let start = off_t(exactly: offset) else { return [] }
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      while initialized < count {
        let read = pread(descriptor, buffer.baseAddress! + initialized, count - initialized, start + off_t(initialized))
        if read > 0 {
          initialized += read
        } else if read == 0 || errno != EINTR {
          return
        }
      }
    }
  }
}
