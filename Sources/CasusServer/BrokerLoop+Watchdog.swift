internal import CasusCore
internal import CasusJournal
internal import CasusNames
internal import SystemFiles
internal import ZeroMQ

/// The proof of life behind each word to the service manager's watchdog: the committing thread has written and synced on the
/// journal's disk, and a message has come in by the ROUTER, through the core, and out again.
final class Canary {
  static let endpoint = "inproc://casus-canary"

  let manager: ServiceManager
  private let socket: Socket
  private var answer = Message()
  var watchdog: Watchdog

  /// After the ROUTER is bound to `endpoint`, which nobody outside this process can reach.
  init(_ manager: ServiceManager, within limit: Int64, at now: Int64) throws(ZeroMQError) {
    self.manager = manager
    watchdog = Watchdog(within: limit, at: now)
    socket = try Socket(.dealer)
    try socket.setLinger(.zero)
    try socket.connect(Self.endpoint)
  }

  /// A ping without a session or a key: the core refuses it, as it refuses everybody whose key nobody saw.
  func send() throws(ZeroMQError) { _ = try socket.trySend(Array(#"{"op":"ping"}"#.utf8)) }

  /// Whether the refusal has come back.
  func receive() throws(ZeroMQError) -> Bool {
    var hasAnswer = false
    while try socket.tryReceive(into: &answer) { hasAnswer = true }
    return hasAnswer
  }
}

extension BrokerLoop {
  /// A turn of the watchdog, with each tick.
  mutating func watch() throws(ZeroMQError) {
    guard let canary else { return }
    let now = clock.now().steady
    if canary.watchdog.begins(at: now) {
      try canary.send()
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
    if try canary.receive() { canary.watchdog.delivered() }
    if canary.watchdog.isFed(at: now) { canary.manager.alive() }
  }

  mutating func probed(_ error: JournalError?) {
    // A full disk is a state that the broker lives with; it was written to all the same.
    if let error, error.code != .diskFull {
      fatal = fatal ?? ServerError(.disk, "the journal's disk failed a probe: \(error)")
    } else {
      canary?.watchdog.committed()
    }
  }
}
