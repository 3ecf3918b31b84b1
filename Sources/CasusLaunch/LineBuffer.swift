/// Cuts a stream of bytes into lines. Holds at most `limit` bytes of a line that has no end; the rest of such a line
/// comes as lines of its own. Not thread-safe: one owner.
struct LineBuffer {
  private var pending: [UInt8] = []
  private let limit: Int

  init(limit: Int = 65536) { self.limit = limit }

  /// The lines that `bytes` complete, without their line ends.
  mutating func add(_ bytes: some Sequence<UInt8>) -> [[UInt8]] {
    var lines: [[UInt8]] = []
    for byte in bytes {
      if byte == UInt8(ascii: "\n") {
        if pending.last == UInt8(ascii: "\r") { pending.removeLast() }
        lines.append(pending)
        pending.removeAll(keepingCapacity: true)
      } else {
        pending.append(byte)
        if pending.count >= limit {
          lines.append(pending)
          pending.removeAll(keepingCapacity: true)
        }
      }
    }
    return lines
  }

  /// What stands after the last line end, when the stream is over.
  mutating func finish() -> [UInt8]? {
    defer { pending = [] }
    return pending.isEmpty ? nil : pending
  }
}
