internal import CasusJournal
internal import Glibc
internal import Synchronization
internal import SystemFiles

/// Reads, on a thread of its own and slowly, what a quick start has left unread of the journal, and tells what it finds.
final class BackgroundCheck: Sendable {
  struct Progress: Sendable {
    var read: UInt64 = 0
    var bytes: UInt64 = 0
    var isDone = false
    /// What is not as it was written, in words.
    var damage: [String] = []
  }

  private final class Shared: Sendable {
    let progress = Mutex(Progress())
    let isStopping = Atomic(false)
  }

  private let shared = Shared()
  private let thread: OwnedThread

  /// 64 MiB a second: a disk has the rest for what is going on.
  private static let pauseMicroseconds: UInt32 = 1_000_000 / 64
  /// Damage is kept for the status up to here; all of it is in the log.
  private static let mostKept = 20

  init(_ journal: FileJournal, _ log: Log) throws(SystemError) {
    let shared = shared
    thread = try OwnedThread(name: "check") {
      let check = DataCheck(journal)
      shared.progress.withLock { $0.bytes = check.bytes }
      var found = 0
      loop: while !shared.isStopping.load(ordering: .acquiring) {
        switch check.step() {
        case .read(let count):
          shared.progress.withLock { $0.read += UInt64(count) }
          usleep(Self.pauseMicroseconds)
        case .damaged(let error):
          found += 1
          log.error(
            "THE JOURNAL IS DAMAGED: \(error). Whoever reads events there is refused (sequence-gone); to save what can be "
              + "read, stop the broker and run: casus journal repair \(journal.path)")
          shared.progress.withLock { if $0.damage.count < Self.mostKept { $0.damage.append("\(error)") } }
        case .done: break loop
        }
      }
      guard !shared.isStopping.load(ordering: .acquiring) else { return }
      shared.progress.withLock { $0.isDone = true }
      if check.segmentCount > 0 {
        log.info(
          "checked \(check.segmentCount) closed segments of the journal: \(found == 0 ? "sound" : "\(found) damaged")")
      }
    }
  }

  var progress: Progress { shared.progress.withLock { $0 } }

  func stop() {
    shared.isStopping.store(true, ordering: .releasing)
    thread.join()
  }
}
