import CasusEvents
import SystemFiles

/// Where the sensor stopped and what became of every line until there, in its state folder. Written whole and renamed, so that a reader never sees half of it.
///
/// Not synced: what a power loss can take is the newest position, and then the same lines are read again and the broker
/// answers "duplicate".
public struct PositionStore: Sendable {
  public let folder: String
  /// The log these positions are of; the state of another log is not used.
  public let log: String

  private struct State: Codable {
    var version = 1
    var log: String
    var files: [LogPosition]
    var summary: Summary
    /// Nanoseconds since 1970.
    var saved: Int64
  }

  private var path: String { folder + "/position.json" }

  public init(folder: String, log: String) {
    self.folder = folder
    self.log = log
  }

  /// What an earlier run left.
  public struct Kept: Sendable {
    public var positions: [LogPosition] = []
    public var summary = Summary()
    /// When; nil where nothing usable is kept.
    public var saved: Int64?
    /// Why it cannot be used, for the log.
    public var note: String?
  }

  public func load() -> Kept {
    guard let data = try? Files.read(path) else { return Kept() }
    guard let state = try? readJSON(State.self, data), state.version == 1 else {
      return Kept(note: "\(path) cannot be read; the log is read from its beginning")
    }
    guard state.log == log else {
      return Kept(note: "\(path) is of another log (\(state.log)); reading from the beginning")
    }
    return Kept(positions: state.files, summary: state.summary, saved: state.saved)
  }

  public func save(_ positions: [LogPosition], _ summary: Summary) throws {
    try write(State(log: log, files: positions, summary: summary, saved: SystemClock.wall()), to: path)
  }

  public func save(_ summary: Summary) throws {
    try write(summary, to: folder + "/summary.json")
  }

  private func write(_ value: some Encodable, to path: String) throws {
    try Files.replace(path, with: try canonicalJSON(value) + [0x0A], mode: 0o600, sync: false)
  }
}
