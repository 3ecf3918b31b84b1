import CasusEvents
import CasusWire
import Foundation
import Synchronization
import SystemFiles
import Testing
import ZeroMQ

@testable import CasusPlugin

/// A broker for tests: a ROUTER that speaks raw frames, remembers what it heard and answers as a test wants. Nothing is kept.
final class FakeBroker: Sendable {
  struct Heard: Sendable {
    /// Connections are counted from 1; a dropped one makes the next.
    var connection: Int
    var command: ClientCommand
    var events: [[UInt8]]
  }

  struct Answer: Sendable {
    var reply: BrokerReply
    var batch: [UInt8]?
    init(_ reply: BrokerReply, batch: [UInt8]? = nil) {
      self.reply = reply
      self.batch = batch
    }
  }

  struct Event: Sendable {
    var sequence: UInt64
    var bytes: [UInt8]
    var flags: StampFlags = []
  }

  private struct State {
    var heard: [Heard] = []
    var sequence: UInt64 = 0
    var toSend: [(Answer)] = []
    var mustDrop = false
    var mustStop = false
    var connection = 0
    var peer: [UInt8]?
  }

  /// Who may come in, and how often somebody asked.
  private final class Doorman: Sendable {
    let book = Mutex<(allowed: Set<CurvePublicKey>, asked: Int)>(([], 0))

    func answer(_ request: ZAPRequest) -> ZAPReply {
      guard case .curve(let key) = request.credentials else { return .refuse("no key") }
      let isKnown = book.withLock { book in
        book.asked += 1
        return book.allowed.contains(key)
      }
      return isKnown ? .allow(userID: key.z85) : .refuse("unknown key")
    }
  }

  typealias Behaviour = @Sendable (Heard) -> [Answer]?

  let endpoint: String
  let keys: CurveKeyPair
  let limits: Limits
  let heartbeat: Int
  private let state = Mutex(State())
  private let behaviour: Mutex<Behaviour>
  private let doorman: Doorman
  private let bell: WakeUp
  private let thread = Mutex<OwnedThread?>(nil)
  private let handler: ZAPHandler

  /// - Parameter behaviour: the answers to a command; nil for what an ordinary broker says.
  init(limits: Limits = Limits(), heartbeat: Int = 5000, behaviour: @escaping Behaviour = { _ in nil }) throws {
    self.limits = limits
    self.heartbeat = heartbeat
    self.behaviour = Mutex(behaviour)
    let keys = try CurveKeyPair.generate()
    self.keys = keys
    bell = try WakeUp()
    let context = try Context()
    let doorman = Doorman()
    self.doorman = doorman
    handler = try ZAPHandler(in: context) { doorman.answer($0) }
    let socket = try Self.listen(context, keys, at: "tcp://127.0.0.1:*")
    endpoint = try socket.lastEndpoint
    socket.handOver()
    let holder = SocketHolder(socket)
    let running = try OwnedThread(name: "fake-broker") { [weak self] in
      guard let socket = holder.take() else { return }
      self?.serve(context, socket)
    }
    thread.withLock { $0 = running }
  }

  deinit { handler.stop() }

  /// Ends the broker; its port is closed.
  func stop() {
    state.withLock { $0.mustStop = true }
    bell.ring()
    thread.withLock { $0 }?.join()
    handler.stop()
  }

  private static func listen(_ context: Context, _ keys: CurveKeyPair, at endpoint: String) throws -> Socket {
    let socket = try Socket(.router, in: context)
    try socket.becomeCurveServer(keys, domain: "casus")
    try socket.setRouterMandatory(true)
    try socket.bind(endpoint)
    return socket
  }

  // MARK: What a test does

  /// A connection for a plugin with a key of its own, which is let in.
  func connection(patience: Duration? = nil, allowed: Bool = true, subscribes: [String] = []) throws -> Connection {
    let pair = try CurveKeyPair.generate()
    if allowed { allow(pair.publicKey) }
    return Connection(
      endpoint: endpoint, brokerKey: keys.publicKey, keys: pair, identity: "xx.exercise/tester",
      manifest: Manifest(
        program: "tester", version: "1.2.3", summary: "EXERCISE", publishes: [.detection], subscribes: subscribes),
      patience: patience)
  }

  func allow(_ key: CurvePublicKey) { doorman.book.withLock { _ = $0.allowed.insert(key) } }

  /// How often a key was judged.
  var asked: Int { doorman.book.withLock { $0.asked } }

  var heard: [Heard] { state.withLock { $0.heard } }

  func behave(_ behaviour: @escaping Behaviour) { self.behaviour.withLock { $0 = behaviour } }

  func send(_ answers: Answer...) {
    state.withLock { $0.toSend += answers }
    bell.ring()
  }

  /// Cuts every connection and listens again.
  func drop() {
    state.withLock { $0.mustDrop = true }
    bell.ring()
  }

  func deliver(_ subscription: Int, _ events: [Event], through: UInt64? = nil) {
    send(Self.delivery(subscription, events, through: through))
  }

  static func delivery(_ subscription: Int, _ events: [Event], through: UInt64? = nil) -> Answer {
    var frame = [UInt8](repeating: 0, count: events.reduce(0) { $0 + DeliverBatchWriter.header + $1.bytes.count })
    frame.withUnsafeMutableBytes { memory in
      var writer = DeliverBatchWriter(memory)
      for event in events {
        event.bytes.withUnsafeBytes {
          writer.append(
            sequence: event.sequence, recorded: Timestamp(nanoseconds: Int64(event.sequence)), sender: 0,
            flags: event.flags, event: $0)
        }
      }
    }
    return Answer(
      .deliver(
        Deliver(
          subscription: subscription, count: events.count, senders: ["xx.exercise/source"],
          through: through ?? events.last?.sequence ?? 0)),
      batch: frame)
  }

  /// The first value that is not nil. The bound is only so that a fault ends: a busy machine may take long.
  func wait<R>(
    for what: Comment? = nil, at location: SourceLocation = #_sourceLocation, _ look: ([Heard]) -> R?
  ) async throws -> R {
    let deadline = ContinuousClock.now + .seconds(100)
    while ContinuousClock.now < deadline {
      if let found = look(heard) { return found }
      try await Task.sleep(for: .milliseconds(2))
    }
    return try #require(look(heard), what, sourceLocation: location)
  }

  // MARK: The thread

  private func serve(_ context: Context, _ first: consuming Socket) {
    let holder = OpenSocket(first)
    let decoder = WireDecoder()
    do {
      while true {
        var poller = Poller()
        poller.add(holder.socket)
        poller.add(fileDescriptor: bell.fileDescriptor)
        _ = try poller.wait(for: nil)
        bell.clear()
        let (mustStop, mustDrop, answers, peer) = state.withLock { state in
          defer {
            state.mustDrop = false
            state.toSend = []
          }
          return (state.mustStop, state.mustDrop, state.toSend, state.peer)
        }
        if mustStop { return }
        if mustDrop {
          try holder.replace { () throws(ZeroMQError) in try Socket(.pair, in: context) }
          while (try? holder.replace { try Self.listen(context, keys, at: endpoint) }) == nil {}
          state.withLock { $0.peer = nil }
          continue
        }
        if let peer { for answer in answers { try send(holder.socket, peer, answer) } }
        var frame = Message()
        while try holder.socket.tryReceive(into: &frame) {
          var frames: [[UInt8]] = [frame.bytes]
          while frame.more {
            try holder.socket.receive(into: &frame)
            frames.append(frame.bytes)
          }
          try hear(holder.socket, decoder, frames)
        }
      }
    } catch {
      Issue.record("the fake broker failed: \(error)")
    }
  }

  private func send(_ socket: borrowing Socket, _ peer: [UInt8], _ answer: Answer) throws {
    guard try socket.trySend(peer, more: true) == .sent else { return }
    try socket.send(answer.reply.encoded(), more: answer.batch != nil)
    if let batch = answer.batch { try socket.send(batch) }
  }

  private func hear(_ socket: borrowing Socket, _ decoder: WireDecoder, _ frames: [[UInt8]]) throws {
    let command = try frames[1].withUnsafeBytes { try decoder.clientCommand($0) }
    var events: [[UInt8]] = []
    if frames.count > 2 {
      frames[2].withUnsafeBytes { bytes in
        var reader = PublishBatchReader(bytes)
        while let event = reader.next() { events.append(Array(event)) }
      }
    }
    let connection = state.withLock { state in
      if state.peer != frames[0] {
        state.peer = frames[0]
        state.connection += 1
      }
      return state.connection
    }
    let heard = Heard(connection: connection, command: command, events: events)
    state.withLock { $0.heard.append(heard) }
    let answers = behaviour.withLock { $0 }(heard) ?? ordinary(heard)
    for answer in answers { try send(socket, frames[0], answer) }
  }

  private func ordinary(_ heard: Heard) -> [Answer] {
    switch heard.command {
    case .hello: return [welcome()]
    case .publish(let publish):
      let first = state.withLock { state in
        defer { state.sequence += UInt64(heard.events.count) }
        return state.sequence + 1
      }
      return [Answer(.published(Published(batch: publish.batch, accepted: heard.events.count, first: first)))]
    case .subscribe(let request):
      return [Answer(.subscribed(Subscribed(subscription: request.subscription, next: 1, acked: 0, last: 0)))]
    case .unsubscribe(let request): return [Answer(.unsubscribed(Unsubscribed(subscription: request.subscription)))]
    case .ping: return [Answer(.pong(Pong(last: 0)))]
    case .request(let request): return [Answer(.reply(Reply(id: request.id, result: Array("{}".utf8))))]
    case .ack, .nack, .credit, .bye: return []
    }
  }

  func welcome(last: UInt64 = 1_000_000) -> Answer {
    Answer(
      .welcome(
        Welcome(
          version: 1, broker: "fake", identity: "xx.exercise/tester", roles: [], publish: [">"], subscribe: [">"],
          limits: limits, heartbeat: heartbeat, first: 1, last: last)))
  }
}

/// The socket in use; a dropped one is closed before the next is bound.
private final class OpenSocket {
  private(set) var socket: Socket
  init(_ socket: consuming Socket) { self.socket = consume socket }
  func replace(_ make: () throws -> Socket) throws { socket = try make() }
}

/// Carries the socket to the broker's thread.
final class SocketHolder: @unchecked Sendable {  // Written before the thread starts, taken once by it.
  private var socket: Socket?
  init(_ socket: consuming Socket) { self.socket = consume socket }
  func take() -> Socket? { socket.take() }
}

extension FakeBroker.Heard {
  var hello: Hello? { if case .hello(let value) = command { value } else { nil } }
  var publish: Publish? { if case .publish(let value) = command { value } else { nil } }
  var subscribe: Subscribe? { if case .subscribe(let value) = command { value } else { nil } }
  var ack: Ack? { if case .ack(let value) = command { value } else { nil } }
  var nack: Nack? { if case .nack(let value) = command { value } else { nil } }
  var credit: Credit? { if case .credit(let value) = command { value } else { nil } }
  var ping: Ping? { if case .ping(let value) = command { value } else { nil } }
  var bye: Bye? { if case .bye(let value) = command { value } else { nil } }
  var unsubscribe: Unsubscribe? { if case .unsubscribe(let value) = command { value } else { nil } }
}
