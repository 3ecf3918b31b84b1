import Glibc
import SystemFiles

/// A bar on standard error for work that takes long; nothing at all when that is no terminal.
struct Progress {
  private let what: String
  private let total: UInt64?
  private var done: UInt64 = 0
  private var drawnAt: UInt64 = 0
  private let startedAt = Progress.now()

  init(_ what: String, total: UInt64?) {
    self.what = what
    self.total = total
  }

  mutating func advance(to done: UInt64) {
    self.done = done
    guard Terminal.errorIsTerminal else { return }
    let now = Self.now()
    guard now - drawnAt > 100_000_000 else { return }
    drawnAt = now
    draw(now)
  }

  mutating func advance(by more: UInt64) { advance(to: done + more) }

  /// Takes the bar away again.
  mutating func finish() {
    guard Terminal.errorIsTerminal, drawnAt > 0 else { return }
    Terminal.write("\r\u{1b}[K", to: 2)
  }

  private func draw(_ now: UInt64) {
    let seconds = Double(now - startedAt) / 1e9
    let rate = seconds > 0 ? UInt64(Double(done) / seconds) : 0
    var text = "\(what) \(Figure.count(done))"
    if let total, total > 0 {
      let share = min(1, Double(done) / Double(total))
      let filled = Int(share * 24)
      let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 24 - filled)
      text = "\(what) \(bar) \(Int(share * 100)) %  \(Figure.count(done)) of \(Figure.count(total))"
    }
    Terminal.write("\r\u{1b}[K\(text)  \(Figure.count(rate))/s", to: 2)
  }

  private static func now() -> UInt64 {
    UInt64(SystemClock.steady())
  }
}
