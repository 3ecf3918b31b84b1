import Glibc
import Synchronization

/// What the sanitizers have to report, and what they must not: `control sound`, `control thread`, `control address`.
@main
enum Control {
  static func main() {
    let what = CommandLine.arguments.dropFirst().first ?? "sound"
    let threads = (0..<4).map { _ in start(what == "thread" ? racy : guarded) }
    for thread in threads { pthread_join(thread, nil) }

    let memory = UnsafeMutablePointer<Int>.allocate(capacity: 4)
    memory.initialize(repeating: what.count, count: 4)
    print(memory[what == "address" ? 4 : 3])
    memory.deallocate()
  }

  private static let shared = Shared()

  /// Many threads at one lock, so that it is taken by the slow way too: nothing to report.
  private static let guarded: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { _ in
    for number in 0..<20_000 { shared.add(number) }
    return nil
  }

  private static let racy: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { _ in
    for number in 0..<20_000 {
      shared.add(number)
      shared.unguarded += 1
    }
    return nil
  }

  private static func start(
    _ body: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer?
  ) -> pthread_t {
    var thread = pthread_t()
    pthread_create(&thread, nil, body, nil)
    return thread
  }
}

final class Shared: Sendable {
  private let numbers = Mutex<[Int]>([])
  /// Written by several threads without a guard, on purpose.
  nonisolated(unsafe) var unguarded = 0

  func add(_ number: Int) {
    numbers.withLock { numbers in
      numbers.append(number)
      if numbers.count > 100 { numbers.removeAll() }
    }
  }
}
