import Glibc
import Synchronization

/// File descriptors that are held open for nothing, so that a journal can begin its next segments when everything else of the process
/// has taken the last ones. One for a process; thread-safe.
public final class DescriptorReserve: Sendable {
  public static let shared = DescriptorReserve()

  private struct State {
    var size = 0
    var held: [Int32] = []
  }

  private let state = Mutex(State())

  /// Holds so many from now on, as far as there are any. Returns how many it has.
  @discardableResult
  public func hold(_ size: Int) -> Int {
    state.withLock { state in
      state.size = size
      Self.fill(&state)
      return state.held.count
    }
  }

  /// Takes back what was given, where the system has some again. Costs nothing while none is missing.
  func fill() { state.withLock { Self.fill(&$0) } }

  /// Frees one for whoever has just found none. False when the reserve is empty, too.
  func give() -> Bool {
    state.withLock { state in
      guard let descriptor = state.held.popLast() else { return false }
      close(descriptor)
      return true
    }
  }

  private static func fill(_ state: inout State) {
    while state.held.count < state.size {
      let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { return }
      state.held.append(descriptor)
    }
  }

  /// That many are needed for a journal of so many segments, beside its plugins' connections: each segment is open, new ones come, and
  /// a broker's own threads and sockets.
  public static func needed(segments: Int) -> Int { segments + 2 * forSegments + 64 }

  /// Of segments to come, and of files that are replaced meanwhile.
  public static let forSegments = 16
}
