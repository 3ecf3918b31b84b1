import CasusEvents
import CasusWire
import DequeModule

/// The client's side of the protocol: what to send and when, as commands, replies and time come in. It has no socket and no
/// clock; the `Link` moves its frames. Promises and stream buffers that it settles are thread-safe.
struct Session {
  enum Phase {
    /// No connection; the next attempt at this moment.
    case waiting(until: ContinuousClock.Instant)
    /// A connection was begun and hello sent.
    case opening(since: ContinuousClock.Instant)
    case live(Welcome)
    case over
  }

  struct Frame {
    var control: [UInt8]
    /// Events that go with it, and their bytes in the batch frame.
    var batch: [Outbox.Span] = []
    var batchBytes = 0

    /// The one copy of the events, into the message.
    func copyBatch(to message: UnsafeMutableRawBufferPointer) {
      var place = 0
      for span in batch {
        let end = place + span.size
        span.events.copy(span.places, to: UnsafeMutableRawBufferPointer(rebasing: message[place..<end]))
        place = end
      }
    }
  }

  /// Something for the log, or for whoever waits for the connection.
  enum Notice {
    case connected(Welcome, again: Bool)
    case lost(String)
    case attemptFailed(String)
    case refusedCommand(String)
    case over(BusError?)
  }

  /// From hello to welcome; then the connection is made anew.
  static let welcomeWait = Duration.seconds(10)

  let connection: Connection
  let room: OutboxRoom
  var phase: Phase
  var outbox = Outbox()
  var outgoing: Deque<Frame> = []
  var streams: [Int: StreamBuffer] = [:]
  var requests: [Int: (request: Request, promise: Promise<[UInt8]>)] = [:]
  var unsubscribes: [Int: Promise<Void>] = [:]
  var notices: [Notice] = []

  var health = Ping()
  var mustPing = false
  var lastSent: ContinuousClock.Instant
  var lastHeard: ContinuousClock.Instant
  var lastPing: ContinuousClock.Instant
  var backoff = Backoff()
  var wasConnected = false
  /// When the patience with a missing broker ends.
  var givesUpAt: ContinuousClock.Instant?
  var lastFailure = "no answer"
  var wasRefused = false

  /// For a broker that is there and short of something: it promises to take events again within seconds.
  var outboxBackoff = Backoff(most: .seconds(2))
  var outboxPausedUntil: ContinuousClock.Instant?
  var refusalPace = RefusalPace()

  var closing: Closing?
  struct Closing {
    /// Until then what is in the outbox may still be acknowledged.
    var deadline: ContinuousClock.Instant
    /// bye was sent; the answer to the ping behind it says that the broker has everything.
    var saidBye = false
    var reason: String
  }

  init(_ connection: Connection, room: OutboxRoom, now: ContinuousClock.Instant) {
    self.connection = connection
    self.room = room
    phase = .waiting(until: now)
    lastSent = now
    lastHeard = now
    lastPing = now - .seconds(1)
    givesUpAt = connection.patience.map { now + $0 }
  }

  var isOver: Bool { if case .over = phase { true } else { false } }

  var welcome: Welcome? { if case .live(let welcome) = phase { welcome } else { nil } }

  /// Whether the link should have a socket open.
  var wantsConnection: Bool {
    switch phase {
    case .opening, .live: true
    case .waiting, .over: false
    }
  }

  mutating func send(_ command: ClientCommand, now: ContinuousClock.Instant) {
    outgoing.append(Frame(control: command.encoded()))
    lastSent = now
  }

  // MARK: The connection

  /// The link begins a connection now; hello goes first.
  mutating func begin(now: ContinuousClock.Instant) {
    phase = .opening(since: now)
    outgoing = []
    lastHeard = now
    let manifest = connection.manifest
    send(
      .hello(
        Hello(
          identity: connection.identity, program: manifest.program, version: manifest.version,
          summary: manifest.summary, publishes: manifest.publishes.map(\.rawValue), subscribes: manifest.subscribes,
          schemas: manifest.schemas.map { SchemaOffer(type: $0.type.rawValue, schema: Array($0.text.utf8)) })),
      now: now)
  }

  /// The connection is of no more use: the next one is tried after a pause.
  ///
  /// - Parameter pause: how long the broker asks to wait; the patience with it begins only then.
  mutating func lose(
    _ reason: String, refused: Bool = false, pause: Duration = .zero, now: ContinuousClock.Instant, random: Double
  ) {
    let wasLive = welcome != nil
    lastFailure = reason
    wasRefused = refused
    outgoing = []
    outbox.requeueAll()
    for stream in streams.values { stream.sessionLost() }
    for promise in unsubscribes.values { promise.fail(BusError(.unreachable, reason)) }
    unsubscribes = [:]
    if wasLive || pause > .zero {
      givesUpAt = connection.waitsOnceConnected && wasConnected ? nil : connection.patience.map { now + pause + $0 }
    }
    if wasLive {
      notices.append(.lost(reason))
    } else {
      notices.append(.attemptFailed(reason))
    }
    if closing != nil, outbox.isEmpty || closing?.saidBye == true {
      finish(nil)
      return
    }
    if refused, connection.refusalIsFinal {
      finish(BusError(.keyRefused, reason))
      return
    }
    phase = .waiting(until: now + pause + backoff.next(random: random))
  }

  /// Nothing works any more, or everything is done: whoever waits is told.
  mutating func finish(_ error: BusError?) {
    guard !isOver else { return }
    phase = .over
    let reason = error ?? BusError(.closed, "the bus was closed")
    let left = outbox.drain()
    for entry in left { entry.group.fail(reason) }
    room.close(reason)
    for stream in streams.values { stream.finish(error.map { .failure($0) } ?? .end) }
    streams = [:]
    for waiting in requests.values { waiting.promise.fail(reason) }
    requests = [:]
    for promise in unsubscribes.values { promise.fulfill(()) }
    unsubscribes = [:]
    notices.append(.over(error))
  }

  // MARK: Time

  /// What time alone brings.
  mutating func tick(now: ContinuousClock.Instant, random: Double) {
    switch phase {
    case .waiting:
      if let givesUpAt, givesUpAt <= now {
        finish(
          BusError(
            wasRefused ? .keyRefused : .unreachable,
            "no broker at \(connection.endpoint) within \(connection.patience ?? .zero): \(lastFailure)"))
      }
    case .opening(let since):
      if since + Self.welcomeWait <= now { lose("no welcome within \(Self.welcomeWait)", now: now, random: random) }
    case .live(let welcome):
      let beat = Duration.milliseconds(welcome.heartbeat)
      if lastHeard + beat * 3 <= now {
        lose("nothing heard from the broker for \(beat * 3)", now: now, random: random)
        return
      }
      if nextPing(beat) <= now {
        mustPing = false
        lastPing = now
        send(.ping(health), now: now)
      }
      publishMore(now: now)
    case .over: return
    }
    close(now: now)
  }

  /// When `tick` has to be called again at the latest.
  func nextDeadline(now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
    var deadlines: [ContinuousClock.Instant] = []
    switch phase {
    case .waiting(let until):
      deadlines.append(until)
      if let givesUpAt { deadlines.append(givesUpAt) }
    case .opening(let since): deadlines.append(since + Self.welcomeWait)
    case .live(let welcome):
      let beat = Duration.milliseconds(welcome.heartbeat)
      deadlines.append(nextPing(beat))
      deadlines.append(lastHeard + beat * 3)
      if let outboxPausedUntil { deadlines.append(outboxPausedUntil) }
      if !outbox.isEmpty, let pause = refusalPace.pause(at: now, welcome.limits) { deadlines.append(pause) }
    case .over: return nil
    }
    if let closing { deadlines.append(closing.deadline) }
    return deadlines.min()
  }

  /// A sign of life is due when we or the broker said nothing for a beat, and soon when the health has changed.
  private func nextPing(_ beat: Duration) -> ContinuousClock.Instant {
    let due = min(lastSent + beat, max(lastHeard + beat, lastPing + beat / 2))
    return mustPing ? min(due, lastPing + .milliseconds(200)) : due
  }

  // MARK: The end

  /// Ends the session in good order: what is in the outbox is acknowledged first, until the deadline.
  mutating func beginClosing(deadline: ContinuousClock.Instant, reason: String, now: ContinuousClock.Instant) {
    if let earlier = closing {
      closing?.deadline = min(earlier.deadline, deadline)
      return
    }
    closing = Closing(deadline: deadline, reason: reason)
    close(now: now)
  }

  private mutating func close(now: ContinuousClock.Instant) {
    guard let closing, !isOver else { return }
    if closing.deadline <= now {
      finish(nil)
    } else if outbox.isEmpty, !closing.saidBye {
      guard welcome != nil else {
        finish(nil)
        return
      }
      flushStreams(now: now)
      send(.bye(Bye(reason: closing.reason)), now: now)
      // The broker answers this one, with an error as a rule: then it has all that was sent before.
      send(.ping(health), now: now)
      self.closing?.saidBye = true
      self.closing?.deadline = min(closing.deadline, now + .seconds(1))
    }
  }

  /// Sends acknowledgements and credit that are due.
  mutating func flushStreams(now: ContinuousClock.Instant) {
    guard welcome != nil else { return }
    for stream in streams.values {
      for command in stream.takeCommands(now: now) { send(command, now: now) }
    }
  }
}
