internal import CPlatform
internal import CasusCore
internal import CasusWire
internal import ZeroMQ

/// The name that ZAP requests must carry; an empty one would let everybody in (see ARCHITECTURE.md, libzmq's traps).
let zapDomain = "casus"

/// What is common to every socket that the broker opens to others, set before bind.
enum ServerSocket {
  /// The largest frame. Twice a batch: who is over the limit is told so by a reply, who is far over is cut off by libzmq.
  static func mostBytes(_ limits: Limits) -> Int { 2 * max(limits.batchBytes, limits.controlBytes) }

  static func make(
    _ keys: CurveKeyPair, limits: Limits, mechanism: Configuration.Mechanism, in context: Context = .shared
  ) throws(ZeroMQError) -> Socket {
    let socket = try Socket(.router, in: context)
    switch mechanism {
    case .curve: try socket.becomeCurveServer(keys, domain: zapDomain)
    case .plain: try socket.becomePlainServer(domain: zapDomain)
    }
    try socket.setMaxMessageSize(Int64(mostBytes(limits)))
    try socket.setHandshakeInterval(.seconds(casus_handshake_seconds))
    try socket.setHeartbeat(interval: .seconds(2), timeout: .seconds(6), timeToLive: .seconds(6))
    // Long enough for the last acknowledgements and goodbyes of a stopping broker to leave.
    try socket.setLinger(.milliseconds(500))
    try socket.setBacklog(512)
    try socket.setRouterMandatory(true)
    // Messages of at most a batch each wait in a pipe; more are kept by `Outgoing`, and deliveries wait in the journal.
    try socket.setSendHighWaterMark(256)
    try socket.setReceiveHighWaterMark(1_000)
    try socket.setTCPKeepAlive(idle: 30, interval: 10, count: 3)
    return socket
  }
}
