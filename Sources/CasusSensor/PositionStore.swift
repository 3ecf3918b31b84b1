import FoundationEssentials
import Glibc

/// Where the sensor stopped and what became of every line until there, in its state folder. Written whole and renamed, so that a reader never sees half of it.
///
/// Not synced: what a power loss can take is the newest position, and then the same lines are read again and the broker
/// answers "duplicate".
package struct PositionStore {
  package let folder: String
  /// The log these positions are of; the state of another log is not used.
  package let log: String

  private struct State: Codable {
    var version = 1
    var log: String
    var files: [LogPosition]
    var summary: Summary
    /// Nanoseconds since 1970.
    var saved: Int64
  }

  private var path: String { folder + "/position.json" }

  package init(folder: String, log: String) {
    self.folder = folder
    self.log = log
  }

  /// What an earlier run left.
  package struct Kept: Sendable {
    package var positions: [LogPosition] = []
    package var summary = Summary()
    /// When; nil where nothing usable is kept.
    package var saved: Int64?
    /// Why it cannot be used, for the log.
    package var note: String?
  }

  package func load() -> Kept {
    guard let data = readFile(path) else { return Kept() }
    guard let state = try? JSONDecoder().decode(State.self, from: Data(data)), state.version == 1 else {
      return Kept(note: "\(path) cannot be read; the log is read from its beginning")
    }
    guard state.log == log else {
      return Kept(note: "\(path) is of another log (\(state.log)); reading from the beginning")
    }
    return Kept(positions: state.files, summary: state.summary, saved: state.saved)
  }

  package func save(_ positions: [LogPosition], _ summary: Summary) throws {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    let saved = Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
    try write(State(log: log, files: positions, summary: summary, saved: saved), to: path)
  }

  package func save(_ summary: Summary) throws {
    try write(summary, to: folder + "/summary.json")
  }

  private func write(_ value: some Encodable, to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try replaceFile(path, with: Array(try encoder.encode(value)) + [0x0A])
  }
}

/// A file's bytes; nil when it cannot be read.
package func readFile(_ path: String) -> [UInt8]? {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return nil }
  defer { close(descriptor) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = read(descriptor, &buffer, buffer.count)
    if count > 0 {
      bytes += buffer[..<count]
    } else if count == 0 {
      return bytes
    } else if errno != EINTR {
      return nil
    }
  }
}

/// Writes a file beside the path and renames it there.
package func replaceFile(_ path: String, with bytes: [UInt8]) throws(LogError) {
  let temporary = path + ".new"
  let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
  guard descriptor >= 0 else { throw LogError(path: temporary, action: "write", code: errno) }
  var written = 0
  while written < bytes.count {
    let count = bytes[written...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    if count < 0, errno == EINTR { continue }
    guard count > 0 else {
      defer { close(descriptor) }
      throw LogError(path: temporary, action: "write", code: errno)
    }
    written += count
  }
  close(descriptor)
  guard rename(temporary, path) == 0 else { throw LogError(path: path, action: "replace", code: errno) }
}
