internal import CasusWire
internal import ZeroMQ

/// A client without comforts, so that what is measured is the broker: one DEALER, frames as they are.
final class LoadClient {
  let socket: Socket
  private let identity: String
  private let decoder = WireDecoder(mostBytes: WireDecoder.mostReplyBytes)
  private var control = Message()
  private var batch = Message()
  /// The journal's first and last sequence when the session began.
  private(set) var journal: (first: UInt64, last: UInt64) = (1, 0)

  convenience init(_ order: WorkerOrder, program: String, schemas: [SchemaOffer] = []) throws {
    try self.init(connecting: order, program: program, schemas: schemas)
    try waitForWelcome()
  }

  /// Says hello and waits for nothing.
  ///
  /// - Parameter heartbeats: whether libzmq is to notice a dead connection, as the protocol recommends.
  init(
    connecting order: WorkerOrder, program: String, schemas: [SchemaOffer] = [], heartbeats: Bool = false
  ) throws {
    socket = try Socket(.dealer)
    guard let server = CurvePublicKey(z85: order.brokerKey), let key = CurvePublicKey(z85: order.publicKey) else {
      throw BenchError("a key of the order is none")
    }
    if order.plan.curve {
      guard let secret = CurveSecretKey(z85: order.secretKey) else { throw BenchError("a key of the order is none") }
      try socket.becomeCurveClient(CurveKeyPair(secretKey: secret), server: server)
    } else {
      try socket.becomePlainClient(name: key.z85)
    }
    try socket.setSendHighWaterMark(0)
    try socket.setReceiveHighWaterMark(0)
    // libzmq gives up a connection that is refused; a frame would wait for another one for ever.
    try socket.setSendTimeout(.seconds(60))
    if heartbeats {
      try socket.setHeartbeat(interval: .seconds(2), timeout: .seconds(6), timeToLive: .seconds(6))
    }
    try socket.connect(order.endpoint)
    identity = order.identity
    try send(.hello(Hello(identity: identity, program: program, version: "1", schemas: schemas)))
  }

  func waitForWelcome() throws {
    guard case .welcome(let welcome) = try receive() else {
      throw BenchError("the broker does not welcome \(identity)")
    }
    journal = (welcome.first, welcome.last)
  }

  func send(_ command: ClientCommand) throws(ZeroMQError) { try socket.send(command.encoded()) }

  func send(_ command: ClientCommand, _ batch: inout Message) throws(ZeroMQError) {
    try socket.send(command.encoded(), more: true)
    try socket.send(&batch)
  }

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
    if control.more { try socket.receive(into: &batch) }
    let reply = try control.withUnsafeBytes { bytes in try decoder.brokerReply(bytes) }
    if case .error(let error) = reply {
      throw BenchError("the broker says \(error.error.code.name): \(error.error.message)")
    }
    return reply
  }

  /// The batch frame of the last `deliver`.
  func withBatch<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try batch.withUnsafeBytes(body)
  }
}

/// Why a measurement could not be made, in words for people.
public struct BenchError: Error, Sendable, CustomStringConvertible {
  public var message: String
  public init(_ message: String) { self.message = message }
  public var description: String { message }
}
