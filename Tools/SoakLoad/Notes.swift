import Glibc

/// A file of what a process was told, 32 bytes an entry, written before the next step so that a kill loses none of it.
struct Notes {
  /// Publishers: the event's number, its sequence, how long its acknowledgement took, when that came.
  /// Subscribers: 0, the sequence, how old the event was, when it came. Times in nanoseconds.
  struct Entry {
    var number: UInt64 = 0
    var sequence: UInt64
    var latency: UInt64
    var moment: UInt64
  }

  private let descriptor: Int32

  init(_ path: String) throws {
    descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Trouble("\(path) cannot be opened: \(String(cString: strerror(errno)))") }
  }

  func add(_ entries: [Entry]) throws {
    let count = entries.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    guard count == entries.count * MemoryLayout<Entry>.stride else { throw Trouble("a note cannot be written") }
  }

  static func read(_ path: String) throws -> [Entry] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0, errno == ENOENT { return [] }
    guard descriptor >= 0 else { throw Trouble("\(path) cannot be read") }
    defer { close(descriptor) }
    let size = Int(lseek(descriptor, 0, SEEK_END))
    // A process that was killed inside its last write leaves a part of an entry.
    let count = size / MemoryLayout<Entry>.stride
    return try [Entry](unsafeUninitializedCapacity: count) { buffer, filled in
      let bytes = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
      guard count == 0 || pread(descriptor, bytes.baseAddress, bytes.count, 0) == bytes.count else {
        throw Trouble("\(path) cannot be read")
      }
      filled = count
    }
  }
}

struct Trouble: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}

/// Nanoseconds since 1970.
func wallClock() -> UInt64 {
  var now = timespec()
  clock_gettime(CLOCK_REALTIME, &now)
  return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
}
