import CZeroMQ

/// Something that happened to a connection of a socket.
public struct MonitorEvent: Sendable, Equatable {
  public struct Kind: OptionSet, Hashable, Sendable {
    public var rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let connected = Self(rawValue: UInt16(ZMQ_EVENT_CONNECTED))
    public static let accepted = Self(rawValue: UInt16(ZMQ_EVENT_ACCEPTED))
    public static let acceptFailed = Self(rawValue: UInt16(ZMQ_EVENT_ACCEPT_FAILED))
    public static let closed = Self(rawValue: UInt16(ZMQ_EVENT_CLOSED))
    public static let disconnected = Self(rawValue: UInt16(ZMQ_EVENT_DISCONNECTED))
    public static let monitorStopped = Self(rawValue: UInt16(ZMQ_EVENT_MONITOR_STOPPED))
    /// The peer hung up within the handshake, as after ZAP status 300; `value` is an errno.
    public static let handshakeFailedNoDetail = Self(rawValue: UInt16(ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL))
    public static let handshakeSucceeded = Self(rawValue: UInt16(ZMQ_EVENT_HANDSHAKE_SUCCEEDED))
    /// A wrong server key or a peer that speaks no CURVE; `value` is one of libzmq's ZMQ_PROTOCOL_ERROR numbers.
    public static let handshakeFailedProtocol = Self(rawValue: UInt16(ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL))
    /// The ZAP handler refused; `value` is its status 300, 400 or 500.
    public static let handshakeFailedAuth = Self(rawValue: UInt16(ZMQ_EVENT_HANDSHAKE_FAILED_AUTH))

    /// What matters to a server or client in service; leaves the noise of every attempt out.
    public static let service: Self = [
      .connected, .accepted, .acceptFailed, .disconnected, .handshakeSucceeded, .handshakeFailedNoDetail,
      .handshakeFailedProtocol, .handshakeFailedAuth,
    ]
  }

  public var kind: Kind
  /// As the kind says; else a descriptor or errno.
  public var value: UInt32
  /// The endpoint that it happened on.
  public var endpoint: String
}
