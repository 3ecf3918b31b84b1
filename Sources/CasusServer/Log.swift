internal import CasusEvents
internal import CasusNames
internal import Glibc
internal import Synchronization

/// The daemon's log: one line an entry on standard error, safe from every thread.
///
/// Whoever reads it may be slow or have stopped: a line that finds no room is left out instead of waited for, and the next
/// one that finds some is preceded by how many are missing. A line has at most 4,000 bytes.
public struct Log: Sendable {
  /// A pipe that is ready takes this much at once (PIPE_BUF, pipe(7)).
  private static let lineBytes = 4_000
  private static let left = Mutex<Int>(0)

  public init() {}

  public func info(_ text: String) { write("INFO", text) }
  public func warning(_ text: String) { write("WARNING", text) }
  public func error(_ text: String) { write("ERROR", text) }

  private func write(_ level: String, _ text: String) {
    // Others' words may be in it: a line stays one line, and steers nobody's terminal.
    let safe = HarmlessText.shown("\(level) \(text)")
    let line =
      safe.utf8.count <= Self.lineBytes
      ? safe : String(decoding: safe.utf8.prefix(Self.lineBytes), as: UTF8.self) + "..."
    Self.left.withLock { left in
      if left > 0, Self.put("WARNING \(left) lines of this log are missing: nobody read it") { left = 0 }
      if left > 0 || !Self.put(line) { left += 1 }
    }
  }

  /// False when there is no room.
  private static func put(_ line: String) -> Bool {
    var item = pollfd(fd: 2, events: Int16(POLLOUT), revents: 0)
    guard poll(&item, 1, 0) == 1, item.revents & Int16(POLLOUT) != 0 else { return false }
    let bytes = Array((line + "\n").utf8)
    return bytes.withUnsafeBytes { Glibc.write(2, $0.baseAddress, $0.count) } >= 0
  }
}
