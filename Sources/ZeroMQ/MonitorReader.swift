import CZeroMQ
import Synchronization

/// Reads what happens to a socket's connections, on the thread that owns the socket.
///
/// **It must be read, often**: libzmq's I/O thread stops behind a full monitor, and with it every socket. Put `socket` into the
/// owner's `Poller`, or let a `SocketMonitor` do it on a thread of its own. Belongs to one thread; closed with the value.
public struct MonitorReader: ~Copyable {
  /// Readable when there are events; for a `Poller` only.
  public let socket: Socket
  private static let counter = Atomic<UInt64>(0)

  /// Starts to watch. Call `stop` before this value goes away, unless the watched socket is closed before.
  public init(
    _ watched: borrowing Socket, _ kinds: MonitorEvent.Kind = .service, in context: Context = .shared
  ) throws(ZeroMQError) {
    watched.checkOwner()
    let number = Self.counter.wrappingAdd(1, ordering: .relaxed).newValue
    let endpoint = "inproc://monitor-\(number)"
    guard zmq_socket_monitor(watched.raw, endpoint, Int32(kinds.union(.monitorStopped).rawValue)) == 0 else {
      throw .last("zmq_socket_monitor")
    }
    do {
      let reader = try Socket(.pair, in: context)
      try reader.connect(endpoint)
      socket = reader
    } catch {
      // Else the events would pile up with nobody to read them.
      zmq_socket_monitor(watched.raw, nil, 0)
      throw error
    }
  }

  /// Ends the watching; `watched` is the socket that it began with.
  public func stop(_ watched: borrowing Socket) {
    watched.checkOwner()
    zmq_socket_monitor(watched.raw, nil, 0)
  }

  /// The next event if there is one, without waiting. `monitorStopped` is the last.
  public func tryNext() throws(ZeroMQError) -> MonitorEvent? {
    var first = Message()
    guard try socket.tryReceive(into: &first) else { return nil }
    return try rest(&first)
  }

  /// Waits for the next event.
  public func next() throws(ZeroMQError) -> MonitorEvent {
    var first = Message()
    while true {
      try socket.receive(into: &first)
      if let event = try rest(&first) { return event }
    }
  }

  /// A message is `[u16 event | u32 value, both in the machine's order] [endpoint]`.
  private func rest(_ first: inout Message) throws(ZeroMQError) -> MonitorEvent? {
    guard first.more else { return nil }
    var second = try socket.receive()
    try socket.dropRest(of: &second)
    let endpoint = second.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    return first.withUnsafeBytes { bytes in
      guard bytes.count == 6 else { return nil }
      return MonitorEvent(
        kind: .init(rawValue: bytes.loadUnaligned(as: UInt16.self)),
        value: bytes.loadUnaligned(fromByteOffset: 2, as: UInt32.self), endpoint: endpoint)
    }
  }
}
