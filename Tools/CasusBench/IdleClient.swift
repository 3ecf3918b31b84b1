internal import CasusWire
internal import ZeroMQ

/// A session of a plugin that does nothing: one DEALER, frames as they are, so that a process holds thousands.
final class IdleClient {
  private let socket: Socket
  private let identity: String
  private let decoder = WireDecoder(mostBytes: WireDecoder.mostReplyBytes)
  private var control = Message()

  /// Says hello and waits for nothing.
  init(connecting order: WorkerOrder) throws {
    socket = try Socket(.dealer)
    guard let server = CurvePublicKey(z85: order.brokerKey), let secret = CurveSecretKey(z85: order.secretKey) else {
      throw BenchError("a key of the order is none")
    }
    let keys = try CurveKeyPair(secretKey: secret)
    if order.plan.curve {
      try socket.becomeCurveClient(keys, server: server)
    } else {
      try socket.becomePlainClient(name: keys.publicKey.z85)
    }
    // libzmq gives up a connection that is refused; a frame would wait for another one for ever.
    try socket.setSendTimeout(.seconds(60))
    try socket.setHeartbeat(interval: .seconds(2), timeout: .seconds(6), timeToLive: .seconds(6))
    try socket.connect(order.endpoint)
    identity = order.identity
    try send(.hello(Hello(identity: identity, program: "casus-bench", version: "1")))
  }

  func waitForWelcome() throws {
    guard case .welcome = try receive() else { throw BenchError("the broker does not welcome \(identity)") }
  }

  func send(_ command: ClientCommand) throws(ZeroMQError) { try socket.send(command.encoded()) }

  /// Waits for the next reply; an error ends the worker.
  func receive() throws -> BrokerReply {
    try socket.receive(into: &control)
    return try take()
  }

  /// The next reply when one is there.
  func next() throws -> BrokerReply? {
    guard try socket.tryReceive(into: &control) else { return nil }
    return try take()
  }

  private func take() throws -> BrokerReply {
    let reply = try control.withUnsafeBytes { bytes in try decoder.brokerReply(bytes) }
    if case .error(let error) = reply {
      throw BenchError("the broker says \(error.error.code.name): \(error.error.message)")
    }
    return reply
  }
}

/// Why a measurement could not be made, in words for people.
public struct BenchError: Error, Sendable, CustomStringConvertible {
  public var message: String
  public init(_ message: String) { self.message = message }
  public var description: String { message }
}
