import CZeroMQ
import Synchronization

/// Something that happened to a connection of a socket.
public struct MonitorEvent: Sendable, Equatable {
  public struct Kind: OptionSet, Hashable, Sendable {
    public var rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let connected = Self(rawValue: UInt16(ZMQ_EVENT_CONNECTED))
    public static let connectDelayed = Self(rawValue: UInt16(ZMQ_EVENT_CONNECT_DELAYED))
    public static let connectRetried = Self(rawValue: UInt16(ZMQ_EVENT_CONNECT_RETRIED))
    public static let listening = Self(rawValue: UInt16(ZMQ_EVENT_LISTENING))
    public static let bindFailed = Self(rawValue: UInt16(ZMQ_EVENT_BIND_FAILED))
    public static let accepted = Self(rawValue: UInt16(ZMQ_EVENT_ACCEPTED))
    public static let acceptFailed = Self(rawValue: UInt16(ZMQ_EVENT_ACCEPT_FAILED))
    public static let closed = Self(rawValue: UInt16(ZMQ_EVENT_CLOSED))
    public static let closeFailed = Self(rawValue: UInt16(ZMQ_EVENT_CLOSE_FAILED))
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

/// Tells what happens to a socket's connections, from a thread of its own that always drains them: libzmq's I/O
/// thread would stop, and with it every socket, behind a monitor that nobody reads.
///
/// The thread ends when the socket closes or with `stop`. It is thread-safe but for `stop`, which the socket's owner calls.
public final class SocketMonitor: Sendable {
  private let thread: OwnedThread
  private static let counter = Atomic<UInt64>(0)

  /// - Parameters:
  ///   - socket: this thread must own it.
  ///   - kinds: which events to tell.
  ///   - handler: called on the monitor's thread, one event after the other; it must be quick.
  public init(
    _ socket: borrowing Socket, _ kinds: MonitorEvent.Kind = .service, in context: Context = .shared,
    handler: @escaping @Sendable (MonitorEvent) -> Void
  ) throws(ZeroMQError) {
    socket.checkOwner()
    let number = Self.counter.wrappingAdd(1, ordering: .relaxed).newValue
    let endpoint = "inproc://monitor-\(number)"
    let events = kinds.union(.monitorStopped)
    guard zmq_socket_monitor(socket.raw, endpoint, Int32(events.rawValue)) == 0 else {
      throw .last("zmq_socket_monitor")
    }
    do {
      let reader = try Socket(.pair, in: context)
      try reader.connect(endpoint)
      reader.handOver()
      let box = SocketBox(reader)
      thread = try OwnedThread(name: "monitor") { Self.run(box, handler) }
    } catch {
      // Else the events would pile up with nobody to read them.
      zmq_socket_monitor(socket.raw, nil, 0)
      throw error
    }
  }

  /// Ends the monitoring of `socket`, the one it was made for, and waits for the thread. Call it on the socket's thread,
  /// not from the handler.
  public func stop(_ socket: borrowing Socket) {
    socket.checkOwner()
    zmq_socket_monitor(socket.raw, nil, 0)
    thread.join()
  }

  /// Waits until the thread has ended because the socket was closed.
  public func join() { thread.join() }

  private static func run(_ box: SocketBox, _ handler: (MonitorEvent) -> Void) {
    guard let socket = box.take() else { return }
    var first = Message()
    var second = Message()
    do {
      while true {
        // [u16 event | u32 value, both in the machine's order] [endpoint]
        try socket.receive(into: &first)
        guard first.more else { continue }
        try socket.receive(into: &second)
        try socket.dropRest(of: &second)
        let event = first.withUnsafeBytes { bytes -> MonitorEvent? in
          guard bytes.count == 6 else { return nil }
          return MonitorEvent(
            kind: .init(rawValue: bytes.loadUnaligned(as: UInt16.self)),
            value: bytes.loadUnaligned(fromByteOffset: 2, as: UInt32.self),
            endpoint: second.withUnsafeBytes { String(decoding: $0, as: UTF8.self) })
        }
        guard let event else { continue }
        if event.kind == .monitorStopped { return }
        handler(event)
      }
    } catch {
      // The context ends: no more events will come.
    }
  }
}
