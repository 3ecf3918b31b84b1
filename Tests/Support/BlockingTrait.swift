import Dispatch
package import Testing

/// Runs tests that wait in system calls on threads of Dispatch: Swift's own pool has as many threads as the machine has
/// cores, and every other test waits for one of them.
package struct BlockingTrait: TestTrait, SuiteTrait, TestScoping {
  package var isRecursive: Bool { true }

  package func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable @concurrent () async throws -> Void
  ) async throws {
    guard testCase != nil else { return try await function() }
    try await withTaskExecutorPreference(BlockingExecutor.shared) { try await function() }
  }
}

extension Trait where Self == BlockingTrait {
  /// For a test or a suite that starts processes and waits for them.
  package static var blocking: BlockingTrait { BlockingTrait() }
}

private final class BlockingExecutor: TaskExecutor {
  static let shared = BlockingExecutor()
  /// A few at a time: each test starts processes of its own.
  private let queue = DispatchQueue(label: "casus.tests.blocking", attributes: .concurrent)
  private let places = DispatchSemaphore(value: 4)

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { [self] in
      places.wait()
      defer { places.signal() }
      job.runSynchronously(on: asUnownedTaskExecutor())
    }
  }
}
