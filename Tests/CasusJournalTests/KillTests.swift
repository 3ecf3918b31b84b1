import CasusEvents
import Foundation
import TestSupport
import Testing

@testable import CasusJournal

@Suite("A broker that is killed")
struct KillTests {
  /// Writes a journal as fast as it can and notes each acknowledged sequence, until it is killed.
  private static func writeUntilKilled() throws {
    let path = try #require(ProcessInfo.processInfo.environment["CASUS_TEST_KILL"])
    let journal = try FileJournal.open(
      path,
      options: options {
        $0.sync = .disk
        $0.segmentBytes = 30_000
      })
    let notes = open(path + ".acknowledged", O_WRONLY | O_CREAT | O_APPEND, 0o600)
    let life = UInt32.random(in: 1000...60_000)
    Thread.detachNewThread {
      usleep(life)
      kill(getpid(), SIGKILL)
    }
    while true {
      try Exercise.fill(journal, commits: 1, of: Int.random(in: 1...40))
      var last = journal.lastSequence
      withUnsafeBytes(of: &last) { _ = Foundation.write(notes, $0.baseAddress!, $0.count) }
    }
  }

  @Test(.timeLimit(.minutes(15)))
  func `at any moment has lost nothing that it acknowledged`() async throws {
    let folder = TemporaryFolder()
    setenv("CASUS_TEST_KILL", folder.journal, 1)
    for round in 0..<12 {
      await #expect(processExitsWith: .signal(SIGKILL)) { try Self.writeUntilKilled() }
      let notes = (try? bytes(folder.journal + ".acknowledged")) ?? []
      let acknowledged = notes.suffix(8).enumerated().reduce(UInt64(0)) { $0 | UInt64($1.element) << (8 * $1.offset) }
      let journal = try FileJournal.open(folder.journal, options: options())
      #expect(journal.lastSequence >= acknowledged, "round \(round)")
      #expect(try Exercise.read(journal) == (1...max(1, journal.lastSequence)).filter { $0 <= journal.lastSequence })
      #expect(try verifyJournal(folder.journal, envelopes: false).problems == [])
    }
  }
}
