import CZeroMQ
import Glibc

// Options as libzmq's zmq_setsockopt(3) describes them. They hold for connections made afterwards, so set them before
// bind or connect. Times are whole milliseconds on libzmq's side: a Duration is rounded down, and over 24 days is cut.
extension Socket {
  func set<T: BitwiseCopyable>(_ option: Int32, _ value: T, _ name: StaticString) throws(ZeroMQError) {
    checkOwner()
    var value = value
    guard zmq_setsockopt(raw, option, &value, MemoryLayout<T>.size) == 0 else { throw .last(name) }
  }

  func set(_ option: Int32, _ value: String, _ name: StaticString) throws(ZeroMQError) {
    checkOwner()
    guard zmq_setsockopt(raw, option, value, value.utf8.count) == 0 else { throw .last(name, value) }
  }

  func set(_ option: Int32, _ value: Duration, _ name: StaticString) throws(ZeroMQError) {
    try set(option, milliseconds(value), name)
  }

  /// How long closing keeps trying to send what is unsent; nil for ever. Zero on a new socket.
  public func setLinger(_ value: Duration?) throws(ZeroMQError) {
    try set(ZMQ_LINGER, value.map(milliseconds) ?? -1, "ZMQ_LINGER")
  }

  /// Messages that may wait to be sent, per peer; 0 without limit. It counts messages, never bytes. Default 1000.
  public func setSendHighWaterMark(_ messages: Int32) throws(ZeroMQError) {
    try set(ZMQ_SNDHWM, messages, "ZMQ_SNDHWM")
  }

  /// Messages that may wait to be received, per peer; 0 without limit. It counts messages, never bytes. Default 1000.
  public func setReceiveHighWaterMark(_ messages: Int32) throws(ZeroMQError) {
    try set(ZMQ_RCVHWM, messages, "ZMQ_RCVHWM")
  }

  /// The largest frame in bytes that a peer may send before it is cut off; nil without limit (the default, by which a
  /// peer that isn't even let in can fill the memory). CURVE adds 33 bytes to a body.
  public func setMaxMessageSize(_ bytes: Int64?) throws(ZeroMQError) {
    try set(ZMQ_MAXMSGSIZE, bytes ?? -1, "ZMQ_MAXMSGSIZE")
  }

  /// How long a peer may take for its handshake before it is cut off; zero means no limit. Default 30 s.
  public func setHandshakeInterval(_ value: Duration) throws(ZeroMQError) {
    try set(ZMQ_HANDSHAKE_IVL, value, "ZMQ_HANDSHAKE_IVL")
  }

  /// ZMTP heartbeats: a ping each `interval`, the connection closed after `timeout` without traffic, and the peer told to
  /// close after `timeToLive` without ours (rounded to 100 ms, at most 6553 s).
  ///
  /// They notice a dead host or a stopped process, not one whose application hangs: libzmq's I/O thread answers.
  public func setHeartbeat(interval: Duration, timeout: Duration, timeToLive: Duration) throws(ZeroMQError) {
    try set(ZMQ_HEARTBEAT_IVL, interval, "ZMQ_HEARTBEAT_IVL")
    try set(ZMQ_HEARTBEAT_TIMEOUT, timeout, "ZMQ_HEARTBEAT_TIMEOUT")
    try set(ZMQ_HEARTBEAT_TTL, timeToLive, "ZMQ_HEARTBEAT_TTL")
  }

  /// How long to wait before connecting again; doubled each time up to `maximum` when that is given. Nil: never again.
  public func setReconnectInterval(_ first: Duration?, maximum: Duration? = nil) throws(ZeroMQError) {
    try set(ZMQ_RECONNECT_IVL, first.map(milliseconds) ?? -1, "ZMQ_RECONNECT_IVL")
    try set(ZMQ_RECONNECT_IVL_MAX, maximum.map(milliseconds) ?? 0, "ZMQ_RECONNECT_IVL_MAX")
  }

  /// How long one attempt to connect may take before it is given up; zero leaves it to the system.
  public func setConnectTimeout(_ value: Duration) throws(ZeroMQError) {
    try set(ZMQ_CONNECT_TIMEOUT, value, "ZMQ_CONNECT_TIMEOUT")
  }

  /// TCP keep-alive: first probe after `idle` seconds, then each `interval` seconds, cut off after `count` unanswered.
  public func setTCPKeepAlive(idle: Int32, interval: Int32, count: Int32) throws(ZeroMQError) {
    try set(ZMQ_TCP_KEEPALIVE, 1 as Int32, "ZMQ_TCP_KEEPALIVE")
    try set(ZMQ_TCP_KEEPALIVE_IDLE, idle, "ZMQ_TCP_KEEPALIVE_IDLE")
    try set(ZMQ_TCP_KEEPALIVE_INTVL, interval, "ZMQ_TCP_KEEPALIVE_INTVL")
    try set(ZMQ_TCP_KEEPALIVE_CNT, count, "ZMQ_TCP_KEEPALIVE_CNT")
  }

  /// Connections that may wait to be accepted. Default 100.
  public func setBacklog(_ connections: Int32) throws(ZeroMQError) {
    try set(ZMQ_BACKLOG, connections, "ZMQ_BACKLOG")
  }

  /// On a ROUTER: a send to a peer that is gone or full says so instead of dropping in silence. Default off.
  public func setRouterMandatory(_ on: Bool) throws(ZeroMQError) {
    try set(ZMQ_ROUTER_MANDATORY, on ? 1 : 0 as Int32, "ZMQ_ROUTER_MANDATORY")
  }

  /// The routing id that a ROUTER will know this socket by: any 1 to 255 bytes, also those that only an attacker would
  /// choose. Casus sets none: with ids of their own, peers can squat or take each other's.
  public func setRoutingID(bytes id: [UInt8]) throws(ZeroMQError) {
    checkOwner()
    guard zmq_setsockopt(raw, ZMQ_ROUTING_ID, id, id.count) == 0 else { throw .last("ZMQ_ROUTING_ID") }
  }

  /// How long `send` waits for room; nil for ever.
  public func setSendTimeout(_ value: Duration?) throws(ZeroMQError) {
    try set(ZMQ_SNDTIMEO, value.map(milliseconds) ?? -1, "ZMQ_SNDTIMEO")
  }

  /// How long `receive` waits for a frame; nil for ever.
  public func setReceiveTimeout(_ value: Duration?) throws(ZeroMQError) {
    try set(ZMQ_RCVTIMEO, value.map(milliseconds) ?? -1, "ZMQ_RCVTIMEO")
  }

  /// The endpoint last bound or connected to, with the port that the system chose: `tcp://127.0.0.1:40123`.
  public var lastEndpoint: String {
    get throws(ZeroMQError) {
      checkOwner()
      var text = [UInt8](repeating: 0, count: 1024)
      var size = text.count
      guard zmq_getsockopt(raw, ZMQ_LAST_ENDPOINT, &text, &size) == 0 else { throw .last("ZMQ_LAST_ENDPOINT") }
      return String(decoding: text.prefix(max(0, size - 1)), as: UTF8.self)
    }
  }
}

/// libzmq's unit: whole milliseconds that fit an Int32, at least 0.
func milliseconds(_ value: Duration) -> Int32 {
  let (seconds, attoseconds) = value.components
  let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1000)
  guard !overflow else { return seconds < 0 ? 0 : .max }
  return Int32(clamping: max(0, whole + attoseconds / 1_000_000_000_000_000))
}
