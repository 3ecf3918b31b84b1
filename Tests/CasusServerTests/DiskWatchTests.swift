import Synchronization
import SystemFiles
import Testing

@testable import CasusServer

/// A disk that hangs costs its own thread and nobody else's.
@Suite(.timeLimit(.minutes(5))) struct DiskWatchTests {
  /// A disk that answers when it is told to.
  private final class Disk: Sendable {
    let free = Atomic<UInt64>(100)
    let hangs = Atomic(false)
    let asked = Atomic(0)
    let time = Atomic<Int64>(1_000)
    let answers = Semaphore()

    func watch() throws -> DiskWatch {
      try DiskWatch(clock: { [self] in time.load(ordering: .relaxed) }, look)
    }

    private func look() -> Files.Space {
      asked.add(1, ordering: .relaxed)
      if hangs.load(ordering: .relaxed) { answers.wait() }
      return Files.Space(free: free.load(ordering: .relaxed), size: 1_000)
    }
  }

  @Test func `what was found is there at once and is looked at anew`() throws {
    let disk = Disk()
    let watch = try disk.watch()
    #expect(watch.state == .init(space: .init(free: 100, size: 1_000), found: 1_000))
    disk.free.store(90, ordering: .relaxed)
    disk.time.store(2_000, ordering: .relaxed)
    watch.look()
    let new = until { watch.state.askedSince == nil ? watch.state : nil }
    #expect(new == .init(space: .init(free: 90, size: 1_000), found: 2_000))
    watch.stop()
  }

  @Test func `one that hangs is asked once and what was known stands with its age`() throws {
    let disk = Disk()
    let watch = try disk.watch()
    disk.hangs.store(true, ordering: .relaxed)
    for second in 2...9 {
      disk.time.store(Int64(second) * 1_000, ordering: .relaxed)
      watch.look()
    }
    #expect(watch.state == .init(space: .init(free: 100, size: 1_000), found: 1_000, askedSince: 2_000))
    until { disk.asked.load(ordering: .relaxed) == 2 ? true : nil }
    // Nobody waits for it at the end.
    watch.stop()
    disk.free.store(80, ordering: .relaxed)
    disk.answers.signal()
    until { watch.state.askedSince == nil ? true : nil }
    #expect(watch.state == .init(space: .init(free: 80, size: 1_000), found: 9_000))
    #expect(disk.asked.load(ordering: .relaxed) == 2)
  }
}
