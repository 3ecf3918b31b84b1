public import CasusEvents
public import CasusPlugin
package import CasusWire
import Synchronization
import SystemFiles
package import ZeroMQ

/// A broker in the test's own process: it speaks the bus's protocol over a port of its own, takes what a plugin publishes
/// and hands it what the test wants.
///
///     let broker = try FakeBroker()
///     let bus = try await Bus.connect(broker.connection(Thermometer.manifest))
///     try await Thermometer(settings: .none).run(on: bus)
///     #expect(try await broker.published(1).first?.envelope.type == .detection)
///     broker.stop()
///
/// It judges no schema and no permission, keeps nothing, and knows no duplicates: a `TestBroker` is the real one. One
/// plugin at a time is connected. Thread-safe; `stop` ends it, and so does its last reference.
public final class FakeBroker: Sendable {
  /// Where it listens, on this machine.
  public let endpoint: String
  package let keys: CurveKeyPair
  package let limits: Limits
  package let heartbeat: Int
  let state = Mutex(FakeBrokerState())
  let behaviour: Mutex<Behaviour>
  private let doorman = Doorman()
  private let thread: Mutex<OwnedThread?> = Mutex(nil)
  private let bell: WakeUp
  private let handler: ZAPHandler

  /// The answers to a command; nil for what an ordinary broker says.
  package typealias Behaviour = @Sendable (Heard) -> [Answer]?

  public convenience init() throws { try self.init(heartbeat: 5000) }

  package init(
    limits: Limits = Limits(), heartbeat: Int = 5000, behaviour: @escaping Behaviour = { _ in nil }
  ) throws {
    self.limits = limits
    self.heartbeat = heartbeat
    self.behaviour = Mutex(behaviour)
    let keys = try CurveKeyPair.generate()
    self.keys = keys
    bell = try WakeUp()
    let context = try Context()
    handler = try ZAPHandler(in: context) { [doorman] in doorman.answer($0) }
    let socket = try Self.listen(context, keys, at: "tcp://127.0.0.1:*")
    endpoint = try socket.lastEndpoint
    socket.handOver()
    let holder = SocketHolder(socket)
    let running = try OwnedThread(name: "fake-broker") { [weak self, bell] in
      guard let socket = holder.take() else { return }
      FakeBrokerThread(context, bell, socket).serve { self }
    }
    thread.withLock { $0 = running }
  }

  deinit { end() }

  /// Ends the broker and closes its port.
  public func stop() {
    end()
    thread.withLock { $0 }?.join()
  }

  private func end() {
    state.withLock { $0.mustStop = true }
    bell.ring()
    handler.stop()
  }

  static func listen(_ context: Context, _ keys: CurveKeyPair, at endpoint: String) throws -> Socket {
    let socket = try Socket(.router, in: context)
    try socket.becomeCurveServer(keys, domain: "casus")
    try socket.setRouterMandatory(true)
    try socket.bind(endpoint)
    return socket
  }

  // MARK: Connecting

  /// A connection with a new key that this broker knows.
  ///
  /// - Parameter patience: how long the plugin tries before it gives up; nil: for ever.
  public func connection(
    _ manifest: Manifest, as identity: String = "xx.exercise/tester", patience: Duration? = nil
  ) throws -> Connection {
    try connection(manifest, as: identity, patience: patience, allowed: true)
  }

  package func connection(
    _ manifest: Manifest, as identity: String, patience: Duration? = nil, allowed: Bool
  ) throws -> Connection {
    let pair = try CurveKeyPair.generate()
    if allowed { allow(pair.publicKey) }
    return Connection(
      endpoint: endpoint, brokerKey: keys.publicKey, keys: pair, identity: identity, manifest: manifest,
      patience: patience)
  }

  package func allow(_ key: CurvePublicKey) { doorman.book.withLock { _ = $0.allowed.insert(key) } }

  /// How often a key was judged.
  package var asked: Int { doorman.book.withLock { $0.asked } }

  /// Cuts every connection and listens again: the plugin's SDK connects anew.
  public func drop() {
    state.withLock { $0.mustDrop = true }
    bell.ring()
  }

  func ring() { bell.ring() }

  // MARK: What a plugin publishes

  /// What was published and taken so far, in order.
  public var published: [RecordedEvent] { state.withLock { $0.published } }

  /// Waits until this many events were published and taken, and returns all that were.
  public func published(_ count: Int, within bound: Duration = .seconds(60)) async throws -> [RecordedEvent] {
    try await waiting(for: "\(count) published events, of \(published.count)", atMost: bound) {
      let events = published
      return events.count >= count ? events : nil
    }
  }

  /// From now on each published event is judged: what gets a refusal is refused with it.
  public func refuse(_ judge: @escaping @Sendable (RecordedEvent) -> Refusal?) { state.withLock { $0.judge = judge } }

  // MARK: What a plugin reads

  /// Hands events to every subscription that asks for their types, now and later, and returns their sequences in this
  /// broker, which count what was published too. Their senders, times and flags stay; a subscription's start and credit
  /// are not looked at.
  @discardableResult
  public func deliver(_ events: [RecordedEvent]) -> [UInt64] {
    let sequences = state.withLock { state in
      events.map { event in
        state.sequence += 1
        var stamp = event.stamp
        stamp.sequence = state.sequence
        state.journal.append((stamp, event.bytes, event.envelope.type.rawValue))
        return stamp.sequence
      }
    }
    state.withLock { $0.sendJournal() }
    bell.ring()
    return sequences
  }

  /// What a durable subscription has acknowledged so far.
  public var acknowledged: Set<UInt64> { state.withLock { $0.acknowledged } }

  /// Why events were handed back as not processed: the sequence and the plugin's reason.
  public var handedBack: [(sequence: UInt64, reason: String)] { state.withLock { $0.handedBack } }

  /// Waits until all of these are acknowledged.
  public func acknowledged(_ sequences: [UInt64], within bound: Duration = .seconds(60)) async throws {
    try await waiting(for: "the acknowledgement of \(sequences)", atMost: bound) {
      acknowledged.isSuperset(of: sequences) ? () : nil
    }
  }
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
