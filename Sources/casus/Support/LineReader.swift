import CasusNames
import Glibc
import SystemFiles

/// Reads a descriptor line by line. Memory is bounded by the longest line, at most 64 MiB.
struct LineReader {
  let descriptor: Int32
  /// As messages show it.
  let name: String
  private var buffer: [UInt8] = []
  private var start = 0
  private var isAtEnd = false

  init(descriptor: Int32, name: String) {
    self.descriptor = descriptor
    self.name = name
  }

  /// Whether another line is there without waiting.
  var hasMore: Bool { buffer[start...].contains(0x0A) }

  /// The next line without its line feed; nil at the end.
  mutating func next() throws -> [UInt8]? {
    var searched = start
    while true {
      if let end = buffer[searched...].firstIndex(of: 0x0A) {
        defer { start = end + 1 }
        return Array(buffer[start..<end])
      }
      if isAtEnd {
        guard start < buffer.count else { return nil }
        defer { start = buffer.count }
        return Array(buffer[start...])
      }
      buffer.removeSubrange(..<start)
      start = 0
      searched = buffer.count
      guard buffer.count < 64 << 20 else { throw Failure(.damaged, "a line of over 64 MiB") }
      try fill()
    }
  }

  private mutating func fill() throws {
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      if count > 0 {
        buffer += chunk[..<count]
        return
      }
      if count == 0 {
        isAtEnd = true
        return
      }
      if errno != EINTR { throw Failure(reading: SystemError(errno, "read", name)) }
    }
  }
}
