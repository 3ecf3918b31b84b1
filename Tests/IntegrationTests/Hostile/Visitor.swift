import Foundation
import Synchronization
import ZeroMQ

/// A libzmq client of any kind that keeps what its monitor says, and reads only when asked to.
final class Visitor {
  private final class Seen: Sendable {
    let kinds = Mutex<[MonitorEvent.Kind]>([])
  }

  let socket: Socket
  private let seen = Seen()

  init(
    _ endpoint: String, kind: SocketKind = .dealer, keys: CurveKeyPair?, server: CurvePublicKey,
    prepare: (borrowing Socket) throws -> Void = { _ in }
  ) throws {
    socket = try Socket(kind)
    if let keys { try socket.becomeCurveClient(keys, server: server) }
    try socket.setReconnectInterval(nil)
    try socket.setSendHighWaterMark(0)
    // Without a connection there is nowhere to send to.
    try socket.setSendTimeout(.seconds(10))
    try prepare(socket)
    let seen = seen
    _ = try SocketMonitor(socket) { event in seen.kinds.withLock { $0.append(event.kind) } }
    try socket.connect(endpoint)
  }

  var kinds: [MonitorEvent.Kind] { seen.kinds.withLock { $0 } }

  /// Waits for one of the kinds; nil when none comes. The bound is only so that a fault ends.
  func waits(for wanted: MonitorEvent.Kind, seconds: Int = 10) -> MonitorEvent.Kind? {
    let deadline = Date().addingTimeInterval(Double(seconds))
    while Date() < deadline {
      if let kind = kinds.first(where: { wanted.contains($0) }) { return kind }
      usleep(1_000)
    }
    return nil
  }

  /// A whole message, when one came within the time.
  func receives(milliseconds: Int) throws -> [[UInt8]]? {
    var poller = Poller()
    poller.add(socket)
    guard try poller.wait(for: .milliseconds(milliseconds)) > 0 else { return nil }
    return try socket.receiveFrames()
  }

  /// Whether a whole message came within the time; it is dropped.
  func hears(milliseconds: Int) throws -> Bool { try receives(milliseconds: milliseconds) != nil }
}
