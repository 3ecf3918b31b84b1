import Glibc
import Synchronization
import SystemFiles
import TestSupport
import Testing

@Suite struct LocalSocketTests {
  private let folder = TemporaryFolder()

  /// The lock is the open file's, so two of one process exclude each other as two processes do.
  @Test func `who looks and takes is alone in its folder`() throws {
    let inside = Atomic(0)
    let most = Atomic(0)
    let path = folder.file("bus")
    let threads = try (0..<8).map { number in
      try OwnedThread(name: "taker-\(number)") {
        for _ in 0..<20 {
          try? LocalSocket.alone(inFolderOf: path) {
            most.max(inside.add(1, ordering: .relaxed).newValue, ordering: .relaxed)
            sched_yield()
            inside.subtract(1, ordering: .relaxed)
          }
        }
      }
    }
    for thread in threads { thread.join() }
    #expect(most.load(ordering: .relaxed) == 1)
  }

  @Test func `who never gets its turn is told so and who cannot open the folder is not`() throws {
    let descriptor = open(folder.path, O_RDONLY | O_DIRECTORY)
    defer { close(descriptor) }
    #expect(flock(descriptor, LOCK_EX) == 0)
    let error = #expect(throws: SystemError.self) { try LocalSocket.alone(inFolderOf: folder.file("bus")) {} }
    #expect(error?.code == EWOULDBLOCK)
    #expect(try LocalSocket.alone(inFolderOf: "/no/such/folder/bus") { 7 } == 7)
  }
}
