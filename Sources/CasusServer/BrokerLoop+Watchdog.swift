internal import CasusCore
internal import CasusJournal
internal import CasusNames
internal import SystemFiles
internal import ZeroMQ

/// The proof of life behind each word to the service manager's watchdog: the committing thread has written and synced on the
/// journal's disk, and a message has come in by the ROUTER, through the core, and out again.
final class Canary {
  static let endpoint = "inproc://casus-canary"

  private let manager: ServiceManager
  private let socket: Socket
  private var answer = Message()
  private var watchdog: Watchdog

  /// After the ROUTER is bound to `endpoint`, which nobody outside this process can reach.
  init(_ manager: ServiceManager, within limit: Int64, at now: Int64) throws(ZeroMQError) {
    self.manager = manager
    watchdog = Watchdog(within: limit, at: now)
    socket = try Socket(.dealer)
    try socket.setLinger(.zero)
    try socket.connect(Self.endpoint)
  }

  /// A turn: asks for what is to be proved, and says a word when it is.
  ///
  /// - Parameter probe: asks the committing thread to write to the journal's disk; `committed` when it has.
  func turn(at now: Int64, probe: () -> Void) throws(ZeroMQError) {
    if watchdog.begins(at: now) {
      // A ping without a session or a key: the core refuses it, as it refuses everybody whose key nobody saw.
      _ = try socket.trySend(Array(#"{"op":"ping"}"#.utf8))
      probe()
    }
    while try socket.tryReceive(into: &answer) { watchdog.delivered() }
    if watchdog.isFed(at: now) { manager.alive() }
  }

  func committed() { watchdog.committed() }
}

extension BrokerLoop {
  /// A turn of the watchdog, with each tick.
  mutating func watch() throws(ZeroMQError) {
    try canary?.turn(at: clock.now().steady) {
      // On the thread that commits, behind what it has to commit: a disk or a thread that hangs is not answered for.
      committer.add { [journal, mailbox] in
        do throws(JournalError) {
          try journal.probe()
          mailbox.post(.probed(nil))
        } catch {
          mailbox.post(.probed(error))
        }
      }
    }
  }

  mutating func probed(_ error: JournalError?) {
    // A full disk, and what else passes, is a state that the broker lives with.
    if let error, !error.isPassing {
      fatal = fatal ?? ServerError(.disk, "the journal's disk failed a probe: \(error)")
    } else {
      canary?.committed()
    }
  }
}
