internal import CasusEvents
internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#endif

/// The daemon's log: one line an entry on standard error, safe from every thread.
public struct Log: Sendable {
  public init() {}

  public func info(_ text: String) { write("INFO", text) }
  public func warning(_ text: String) { write("WARNING", text) }
  public func error(_ text: String) { write("ERROR", text) }

  private func write(_ level: String, _ text: String) {
    // Others' words may be in it; a line must stay one line.
    let safe = String(text.map { $0.isNewline ? " " : $0 })
    let line = Array("\(level) \(safe)\n".utf8)
    line.withUnsafeBytes { _ = Glibc.write(2, $0.baseAddress, $0.count) }
  }
}
