import Glibc
import SystemFiles

/// A count on standard error for work that takes long; nothing at all when that is no terminal.
struct Progress {
  private let what: String
  private var done: UInt64 = 0
  private var drawnAt: Int64 = 0
  private let startedAt = SystemClock.steady()

  init(_ what: String) { self.what = what }

  mutating func advance(to done: UInt64) {
    self.done = done
    guard Terminal.errorIsTerminal else { return }
    let now = SystemClock.steady()
    guard now - drawnAt > 100_000_000 else { return }
    drawnAt = now
    draw(now)
  }

  mutating func advance(by more: UInt64) { advance(to: done + more) }

  /// Takes it away again.
  mutating func finish() {
    guard Terminal.errorIsTerminal, drawnAt > 0 else { return }
    Terminal.write("\r\u{1b}[K", to: 2)
  }

  private func draw(_ now: Int64) {
    let seconds = Double(now - startedAt) / 1e9
    let rate = seconds > 0 ? UInt64(Double(done) / seconds) : 0
    Terminal.write("\r\u{1b}[K\(what) \(Figure.count(done))  \(Figure.count(rate))/s", to: 2)
  }
}
