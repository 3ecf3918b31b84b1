public import CasusEvents
public import CasusWire

/// The broker as a pure value: frames, commits and ticks go in, effects come out, in order.
///
/// It has no clock, socket or file: time comes with each call, events are judged by the inspector and gathered by the
/// stage that it is given, and the shell carries out the effects. One thread calls it; nothing here waits.
public struct Broker<Inspector: EventInspector, Stage: EventStage>: ~Copyable where Stage.Edition == Inspector.Edition {
  public typealias Run = Stage.Run
  public typealias Schema = RegisteredSchema<Inspector.Edition>
  public typealias Effects = [BrokerEffect<Stage>]

  public let options: BrokerOptions
  public internal(set) var registry: Registry
  public internal(set) var types = Names()
  public internal(set) var senders = Names()
  public internal(set) var plugins: [String: PluginRecord] = [:]
  /// Which journal it is.
  public let journal: String
  /// The first sequence that the journal still has.
  public internal(set) var first: UInt64
  /// Sequences that no event has, rising: few, made before the start.
  let gaps: [ClosedRange<UInt64>]

  var intake: Intake<Inspector, Stage>
  /// Of all batches that are judged in part: what is still to be judged.
  var unfinishedBytes = 0
  var sessions = Sessions()
  var offers = SchemaOffers()
  var books: Books
  var tail: Tail<Run>
  var historyBudget = HistoryBudget()

  var effects: Effects = []
  var now: Moment
  let decoder: WireDecoder
  let ownSender: UInt16
  var subscriptions = Subscriptions<Run>()
  var turns = Turns()
  var life = Life.running
  /// What plugins have caused, and what of it is still to be told.
  var consequences: Consequences
  var announcements = Announcements()
  var doors = Doors()
  public internal(set) var timings = Timings()
  /// The highest sequence that anybody was sent, or that was there at the start.
  var newestSent: UInt64

  enum Life {
    case running
    /// Nobody is let in any more; what was accepted is on its way to the disk.
    case stopping
    case stopped
  }

  /// What the journal holds when the broker starts.
  public struct Past: Sendable {
    /// The journal's id.
    public var journal: String
    public var first: UInt64
    public var last: UInt64
    public var cursors: [CursorRecord]
    /// Sequences up to the last that no event has, rising.
    public var gaps: [ClosedRange<UInt64>]
    /// The names in it, by the numbers that they have there.
    public var types: [String]
    public var senders: [String]

    public init(
      journal: String = "", first: UInt64, last: UInt64, cursors: [CursorRecord], gaps: [ClosedRange<UInt64>] = [],
      types: [String] = [], senders: [String] = []
    ) {
      self.journal = journal
      self.first = first
      self.last = last
      self.cursors = cursors
      self.gaps = gaps
      self.types = types
      self.senders = senders
    }
  }

  public init(
    options: BrokerOptions, registry: Registry, inspector: Inspector, stage: Stage, past: Past, at now: Moment
  ) {
    options.check()
    self.options = options
    self.registry = registry
    intake = Intake(inspector, stage, remembering: options.dedupEvents, durable: past.last)
    books = Books(from: past.first)
    tail = Tail(mostBytes: options.limits.tailBytes)
    journal = past.journal
    first = past.first
    newestSent = past.last
    gaps = past.gaps
    decoder = WireDecoder(mostBytes: options.limits.controlBytes)
    consequences = Consequences(options.limits)
    // One number space: a name has the number here that it has in the journal.
    for (number, name) in past.types.enumerated() {
      guard types.intern(name) == UInt16(exactly: number) else {
        preconditionFailure("the journal names \(name) twice")
      }
    }
    for (number, name) in past.senders.enumerated() {
      guard senders.intern(name) == UInt16(exactly: number) else {
        preconditionFailure("the journal names \(name) twice")
      }
    }
    guard let ownSender = senders.intern(options.identity) else {
      preconditionFailure("the journal names too many senders")
    }
    self.ownSender = ownSender
    self.now = now
    for entry in registry.byIdentity.values {
      plugins[entry.identity] = PluginRecord(identity: entry.identity, agency: entry.agency)
    }
    restore(past.cursors)
  }

  /// The effects since the last call, in order.
  public mutating func takeEffects() -> Effects {
    // Emptying an array that the caller has a share of allocates another one.
    guard !effects.isEmpty else { return [] }
    defer { effects.removeAll(keepingCapacity: true) }
    return effects
  }

  /// Events of a type are judged by this schema. Called at the start; false when there are too many types.
  public mutating func adopt(_ edition: Inspector.Edition, of type: String) -> Bool {
    guard let number = types.intern(type) else { return false }
    intake.adopt(edition, for: number, type)
    return true
  }

  /// Tells the duplicate window of an event that the journal holds. Called at the start, oldest first.
  public mutating func remember(_ event: UnsafeRawBufferPointer, sequence: UInt64, flags: StampFlags) {
    intake.remember(event, sequence: sequence, flags: flags, types, registry)
  }

  /// The last sequence that is on disk.
  public var durable: UInt64 { intake.durable }

  /// Subscriptions, also those whose plugin is away.
  public var subscriptionCount: Int { subscriptions.count }

  var isStopping: Bool { life != .running }

  // MARK: Frames

  /// A message of one or two frames from a peer; `user` is the key that ZAP saw, in Z85. The bytes are read during
  /// the call only.
  public mutating func receive(
    from peer: PeerID, user: UnsafeBufferPointer<UInt8>?, control: UnsafeRawBufferPointer,
    batch: UnsafeRawBufferPointer?, at now: Moment
  ) -> BrokerProgress {
    self.now = now
    take(peer, user, control, batch)
    return progress(of: peer)
  }

  /// The next part of a batch that `receive` left unfinished: the same bytes, while nothing that came later from the peer was
  /// handed over.
  public mutating func resume(_ batch: UnsafeRawBufferPointer, of peer: PeerID, at now: Moment) -> BrokerProgress {
    self.now = now
    judgeOn(batch, of: peer)
    return progress(of: peer)
  }

  private mutating func progress(of peer: PeerID) -> BrokerProgress {
    BrokerProgress(
      hasBegunCommit: intake.stagedBytes >= options.worthCommitting && seal(),
      isUnfinished: sessions[peer]?.unfinished != nil)
  }

  private mutating func take(
    _ peer: PeerID, _ user: UnsafeBufferPointer<UInt8>?, _ control: UnsafeRawBufferPointer,
    _ batch: UnsafeRawBufferPointer?
  ) {
    if passOver(peer, user) { return }
    guard let user, let entry = entry(of: user, peer) else {
      // Nobody's key: the session that it may have had ends with it.
      let known = sessions[peer] != nil
      fail(peer, WireError(known ? .keyRevoked : .unauthenticated), fatal: true)
      close(peer, reason: "revoked", because: nil)
      return
    }
    if turnAway(peer, entry) { return }
    sessions[peer]?.lastHeard = now.steady
    let command: ClientCommand
    do throws(WireError) {
      command = try decoder.clientCommand(control)
    } catch {
      let label = decoder.label(control)
      fail(peer, error, command: label?.op, number: label?.number)
      charge(for: error, of: nil, bytes: control.count + (batch?.count ?? 0), to: entry, peer)
      return
    }
    do throws(WireError) {
      try perform(command, of: peer, entry, batch)
      charge(for: command, to: entry, peer)
    } catch {
      let (name, number) = command.label
      if case .publish(let publish) = command { hold(peer, publish.batch, error.code) }
      fail(peer, error, command: name, number: number)
      audit(error, of: entry)
      charge(for: error, of: command, bytes: control.count + (batch?.count ?? 0), to: entry, peer)
    }
  }

  /// A message that is not one or two frames, of so many bytes in all.
  public mutating func receiveMalformed(
    from peer: PeerID, user: UnsafeBufferPointer<UInt8>?, frames: Int, bytes: Int, at now: Moment
  ) {
    self.now = now
    if passOver(peer, user) { return }
    let error = WireError(.malformedFrames, "the message has \(frames) frames, not 1 or 2")
    guard let user, let entry = entry(of: user, peer) else {
      fail(peer, error)
      return
    }
    if turnAway(peer, entry) { return }
    fail(peer, error)
    // Each frame had to be taken in, however short it was.
    charge(for: error, of: nil, bytes: bytes + frames << 7, to: entry, peer)
  }

  /// A message of so many bytes over a connection whose routing id is too long to be answered by: the shell ends it.
  public mutating func receiveNameless(user: UnsafeBufferPointer<UInt8>?, bytes: Int, at now: Moment) {
    self.now = now
    // As much as a hello that is refused: a connection and a handshake stand behind it.
    guard let user, let entry = registry.byKey[String(decoding: user, as: UTF8.self)] else { return }
    charge(.session, bytes: bytes, to: entry, nil)
  }

  /// The entry of the key, when the peer's session, if it has one, was opened with the same key.
  private func entry(of user: UnsafeBufferPointer<UInt8>, _ peer: PeerID) -> PluginEntry? {
    if let session = sessions[peer] {
      return session.entry.key.utf8.elementsEqual(user) ? session.entry : nil
    }
    return registry.byKey[String(decoding: user, as: UTF8.self)]
  }

  private mutating func perform(
    _ command: ClientCommand, of peer: PeerID, _ entry: PluginEntry, _ batch: UnsafeRawBufferPointer?
  ) throws(WireError) {
    if case .hello(let hello) = command {
      try self.hello(hello, of: entry, peer)
      return
    }
    guard sessions[peer] != nil else { throw WireError(.noSession) }
    if case .publish(let publish) = command {
      guard let batch else { throw WireError(.malformedBatch, "publish has no batch frame") }
      try self.publish(publish, batch, of: peer)
      return
    }
    guard batch == nil else { throw WireError(.malformedFrames, "only publish has a batch frame") }
    switch command {
    case .hello, .publish: break
    case .subscribe(let subscribe): try self.subscribe(subscribe, of: peer)
    case .ack(let ack): try acknowledge(ack, of: peer)
    case .nack(let nack): try self.nack(nack, of: peer)
    case .credit(let credit): try grant(credit, of: peer)
    case .unsubscribe(let unsubscribe): try self.unsubscribe(unsubscribe, of: peer)
    case .ping(let ping):
      plugins[entry.identity]?.health = ping.state
      plugins[entry.identity]?.healthText = String(ping.text.prefix(Ping.mostText))
      effects.append(.send(peer, .pong(Pong(last: durable))))
    case .request(let request): try answer(request, of: entry, peer)
    case .bye(let bye): close(peer, reason: "bye", because: bye.reason.isEmpty ? nil : bye.reason)
    }
  }

  private mutating func answer(_ request: Request, of entry: PluginEntry, _ peer: PeerID) throws(WireError) {
    switch request.what {
    case "status", "ledger", "quarantine", "subscriptions":
      guard entry.roles.contains(.operator) || entry.roles.contains(.observer) else {
        throw WireError(.roleRequired, "\(request.what) needs the role operator or observer", pointer: "/what")
      }
    default: break
    }
    switch request.what {
    case "quarantine": try quarantine(request, of: entry, peer)
    case "ledger": answerLedger(request, peer)
    case "subscription-forget": try forgetSubscription(request, of: entry, peer)
    case "schema-add": try addSchema(request, of: entry, peer)
    default: effects.append(.answer(peer, request))
    }
  }

  /// An answer that the shell had to fetch.
  public mutating func say(_ reply: BrokerReply, to peer: PeerID) {
    if sessions[peer] != nil { effects.append(.send(peer, reply)) }
  }

  mutating func fail(
    _ peer: PeerID, _ error: WireError, command: String? = nil, number: Int? = nil, fatal: Bool = false,
    retryAfter: Int? = nil
  ) {
    let reply = ErrorReply(error: error, command: command, number: number, fatal: fatal, retryAfter: retryAfter)
    effects.append(.send(peer, .error(reply)))
  }
}
