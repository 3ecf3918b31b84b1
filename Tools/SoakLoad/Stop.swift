import Glibc
import Synchronization

/// Whether SIGTERM or SIGINT has come.
enum Stop {
  private static let asked = Atomic<Bool>(false)

  static func listen() {
    // Touched before the handler can run: a handler must not be the one that makes it.
    asked.store(false, ordering: .relaxed)
    for number in [SIGTERM, SIGINT] { _ = signal(number) { _ in Stop.asked.store(true, ordering: .relaxed) } }
  }

  static var isAsked: Bool { asked.load(ordering: .relaxed) }
}
