import Foundation
import Synchronization
import Testing

@testable import ZeroMQ

/// What other threads saw, in order; waiting for a condition instead of a time.
final class Log<Entry: Sendable>: Sendable {
  private let entries = Mutex<[Entry]>([])
  func add(_ entry: Entry) { entries.withLock { $0.append(entry) } }
  var all: [Entry] { entries.withLock { $0 } }

  /// True as soon as the condition holds; false when it does not within ten seconds.
  func waits(until condition: ([Entry]) -> Bool) -> Bool {
    let deadline = ContinuousClock.now + .seconds(10)
    while ContinuousClock.now < deadline {
      if condition(all) { return true }
      usleep(2000)
    }
    return condition(all)
  }
}

/// A CURVE server and what its clients need, in a context of its own (a context has one ZAP handler).
struct CurveServer: ~Copyable {
  let context: Context
  let keys: CurveKeyPair
  let endpoint: String
  let socket: Socket

  /// Without a domain it enforces an empty one.
  init(
    domain: String? = "test", kind: SocketKind = .router, answer: (@Sendable (ZAPRequest) -> ZAPReply)? = nil,
    handler: inout ZAPHandler?
  ) throws {
    let context = try Context()
    if let answer { handler = try ZAPHandler(in: context, answer: answer) }
    let keys = try CurveKeyPair.generate()
    let socket = try Socket(kind, in: context)
    if let domain {
      try socket.becomeCurveServer(keys, domain: domain)
    } else {
      try socket.becomeCurveServerWithoutDomain(keys)
    }
    try socket.setReceiveTimeout(.seconds(10))
    try socket.bind("tcp://127.0.0.1:*")
    endpoint = try socket.lastEndpoint
    self.context = context
    self.keys = keys
    self.socket = socket
  }

  func client(_ pair: CurveKeyPair, server: CurvePublicKey? = nil) throws -> Socket {
    let client = try Socket(.dealer, in: context)
    try client.becomeCurveClient(pair, server: server ?? keys.publicKey)
    try client.setReceiveTimeout(.seconds(10))
    return client
  }

  /// Waits for a message and compares its last frame.
  func expectFrame(_ frame: [UInt8], at location: SourceLocation = #_sourceLocation) throws {
    let last = try socket.receiveFrames().last
    #expect(last ?? [] == frame, sourceLocation: location)
  }

  /// Whether no message has arrived.
  func isIdle() throws -> Bool {
    var message = Message()
    return try !socket.tryReceive(into: &message)
  }
}
