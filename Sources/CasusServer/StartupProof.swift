internal import CasusNames
internal import CasusWire
internal import Synchronization
internal import SystemFiles
internal import ZeroMQ

/// Proves before the broker opens its doors that a stranger's key is refused.
///
/// libzmq lets everybody in when no ZAP handler answers or the domain is empty, and says nothing. So the broker tries to
/// break in on a private endpoint, with the very settings that it will use, and does not start when that works.
enum StartupProof {
  /// Starts the authenticator, and gives it back when it has refused a stranger. Waits up to 5 s.
  ///
  /// - Throws: `.keyRefused` when the stranger was let in, or was not refused in time.
  static func authenticator(
    _ keys: CurveKeyPair, limits: Limits, mechanism: Configuration.Mechanism, in context: Context = .shared,
    answer: @escaping @Sendable (ZAPRequest) -> ZAPReply
  ) throws(ServerError) -> ZAPHandler {
    let handler: ZAPHandler
    do throws(ZeroMQError) {
      handler = try ZAPHandler(in: context, answer: answer)
    } catch {
      throw ServerError(.failed, "no authenticator can be started: \(error)")
    }
    try run(keys, limits: limits, mechanism: mechanism, in: context)
    return handler
  }

  private static func run(
    _ keys: CurveKeyPair, limits: Limits, mechanism: Configuration.Mechanism, in context: Context
  ) throws(ServerError) {
    do {
      let server = try ServerSocket.make(keys, limits: limits, mechanism: mechanism, in: context)
      try server.bind("ipc://@casus-proof-\(UInt64.random(in: .min ... .max))")
      let stranger = try Socket(.dealer, in: context)
      let strange = try CurveKeyPair.generate()
      switch mechanism {
      case .curve: try stranger.becomeCurveClient(strange, server: keys.publicKey)
      case .plain: try stranger.becomePlainClient(name: strange.publicKey.z85)
      }
      let box = Outcome()
      let monitor = try SocketMonitor(stranger, [.handshakeFailedAuth, .handshakeSucceeded], in: context) { event in
        box.kind.withLock { $0 = $0 ?? event.kind }
        box.bell.signal()
      }
      defer { monitor.stop(stranger) }
      try stranger.connect(server.lastEndpoint)
      let inTime = box.bell.wait(seconds: 5)
      let kind = box.kind.withLock { $0 }
      guard inTime, kind == .handshakeFailedAuth else {
        throw ServerError(
          .notPermitted,
          kind == .handshakeSucceeded
            ? "an unknown key was let in: libzmq's authentication does not work here, so the broker does not start"
            : "libzmq did not refuse an unknown key within 5 s, so the broker does not start")
      }
    } catch let error as ServerError {
      throw error
    } catch {
      throw ServerError(.failed, "the start-up proof failed: \(error)")
    }
  }
}

private final class Outcome: Sendable {
  let kind = Mutex<MonitorEvent.Kind?>(nil)
  let bell = Semaphore()
}
