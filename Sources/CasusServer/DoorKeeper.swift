internal import CPlatform
internal import Synchronization
internal import ZeroMQ

/// Who may connect, as the ZAP thread sees it, and how many were turned away.
final class DoorKeeper: Sendable {
  private let mechanism: Configuration.Mechanism
  private let keys = Mutex<Set<String>>([])
  /// Registered keys that are turned away for a while.
  private let shut = Mutex<Set<String>>([])
  private let refused = Atomic<Int>(0)

  init(_ mechanism: Configuration.Mechanism) { self.mechanism = mechanism }

  /// Connections that were turned away since the start.
  var count: Int { refused.load(ordering: .relaxed) }

  /// The start-up proof's own attempt is nobody's.
  func startCounting() { refused.store(0, ordering: .relaxed) }

  func admit(_ keys: Set<String>) { self.keys.withLock { $0 = keys } }

  func shut(_ keys: Set<String>) { shut.withLock { $0 = keys } }

  func answer(_ request: ZAPRequest) -> ZAPReply {
    guard request.domain == zapDomain, let key = key(of: request.credentials), keys.withLock({ $0.contains(key) })
    else {
      refused.add(1, ordering: .relaxed)
      return .refuse("this key is not registered")
    }
    casus_accepting_proved(request.address)
    guard !shut.withLock({ $0.contains(key) }) else {
      refused.add(1, ordering: .relaxed)
      // Temporary: its library may try again by itself.
      return .tryLater("this plugin was cut off for a while")
    }
    // The key itself, so that each message tells with which key it came.
    return .allow(userID: key)
  }

  private func key(of credentials: ZAPRequest.Credentials) -> String? {
    switch (mechanism, credentials) {
    case (.curve, .curve(let key)): key.z85
    case (.plain, .plain(let name, _)): name
    default: nil
    }
  }
}
