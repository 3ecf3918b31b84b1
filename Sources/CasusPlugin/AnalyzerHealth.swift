import CasusEvents
import Synchronization

/// What an analyzer's process says of itself: its note, and the outputs that were refused. Each change is told, with all that
/// holds. Thread-safe.
final class AnalyzerHealth: Sendable {
  private struct State {
    var note: String?
    var refused = 0
    var lastRefusal = ""

    var text: String {
      let refusals = refused > 0 ? "\(refused) outputs refused, the last: \(lastRefusal)" : nil
      return [note, refusals].compactMap(\.self).joined(separator: "; ")
    }
  }

  private let bus: Bus
  private let state = Mutex(State())

  init(_ bus: Bus) { self.bus = bus }

  func note(_ note: String?) {
    let text: String? = state.withLock { state in
      guard note != state.note else { return nil }
      state.note = note
      return state.text
    }
    if let text { tell(text) }
  }

  func refused(_ refusal: String) {
    tell(
      state.withLock { state in
        state.refused += 1
        state.lastRefusal = refusal
        return state.text
      })
  }

  private func tell(_ text: String) { bus.health(text.isEmpty ? .ok : .degraded, text) }
}
