import CasusEvents
import CasusWire
import DequeModule
import Synchronization

/// Where the connection's thread and the reader of a subscription meet: what has come and was not read, the credit, the
/// acknowledgements. Thread-safe; nobody waits in its lock. The credit bounds what it holds.
final class StreamBuffer: Sendable {
  enum Ending {
    case end
    case failure(BusError)
  }

  struct State: ~Copyable {
    /// Delivered and not read.
    var batches: Deque<DeliveredBatch> = []
    var credit: CreditWindow
    /// Durable subscriptions, once the broker has said where they stand.
    var acks: AckTracker?
    var nacks: [Nack] = []
    /// Events that the broker passed over.
    var dropped: UInt64 = 0
    /// Everything up to here came or does not match; nil before the first `subscribed`.
    var looked: UInt64?
    /// Where the session's subscription began: what is before was not read in it, and need not be there yet.
    var begun: UInt64 = 0
    /// The highest sequence that was read in the journal, handed to the reader or not; it never falls.
    var read: UInt64 = 0
    /// The journal that these are places in.
    var journal: String?
    var endAt: UInt64?
    var ending: Ending?
    var isAttached = false
    var waiter: CheckedContinuation<Void, Never>?

    /// The broker has looked at everything up to here.
    mutating func look(_ through: UInt64, hasEvents: Bool) {
      looked = max(looked ?? 0, through)
      if hasEvents || through > begun { read = max(read, through) }
    }
  }

  let number: Int
  let request: Subscription
  /// Where the subscription stands: what is acknowledged (durable) and the journal's last sequence when it began.
  let position = Promise<(acked: UInt64, last: UInt64, next: UInt64)>()
  let state: Mutex<State>
  /// Tells the connection's thread that there is something to send; urgent for what the broker waits for.
  private let poke: @Sendable (_ urgent: Bool) -> Void

  /// - Parameter held: grant no credit before `release()`.
  init(number: Int, request: Subscription, held: Bool, poke: @escaping @Sendable (_ urgent: Bool) -> Void) {
    self.number = number
    self.request = request
    self.poke = poke
    state = Mutex(State(credit: CreditWindow(request, isHeld: held)))
  }

  var isDurable: Bool { request.isDurable }

  // MARK: The reader's side

  /// The next event; nil when the subscription has ended. One task at a time. Throws how the subscription failed, or
  /// `CancellationError`.
  func next() async throws -> DeliveredBatch.Item? { try await take(pop) }

  /// The same with all of a batch that is left.
  func nextBatch() async throws -> EventBatch? { try await take(popBatch) }

  /// The next event if it is here.
  func nextNow() -> DeliveredBatch.Item? { if case .item(let item) = look(pop) { item } else { nil } }

  private func look<Item>(_ pop: (inout State) -> Found<Item>) -> Found<Item> {
    let (found, isDue, hasNews) = state.withLock { state in
      (pop(&state), state.credit.isDue, state.acks?.hasNews ?? false)
    }
    if isDue || hasNews { poke(isDue) }
    return found
  }

  private func take<Item>(_ pop: (inout State) -> Found<Item>) async throws -> Item? {
    while true {
      try Task.checkCancellation()
      switch look(pop) {
      case .item(let item): return item
      case .end: return nil
      case .failure(let error): throw error
      case .nothing: await wait()
      }
    }
  }

  private enum Found<Item> {
    case item(Item)
    case end
    case failure(BusError)
    case nothing
  }

  private func pop(_ state: inout State) -> Found<DeliveredBatch.Item> {
    while !state.batches.isEmpty {
      while let record = state.batches[0].take() {
        if admits(record, &state) { return .item(state.batches[0].item(record)) }
      }
      state.batches.removeFirst()
    }
    return popEnding(&state)
  }

  private func popBatch(_ state: inout State) -> Found<EventBatch> {
    while var batch = state.batches.popFirst() {
      var records = batch.takeAll()
      // As a rule all are, and stay where they are.
      if let first = records.firstIndex(where: { !admits($0, &state) }) {
        let rest = records[(first + 1)...]
        records = records[..<first]
        for record in rest where admits(record, &state) { records.append(record) }
      }
      if !records.isEmpty { return .item(EventBatch(batch: batch, records: records)) }
    }
    return popEnding(&state)
  }

  /// Takes an event into account; whether the reader is to have it.
  private func admits(_ record: DeliveredBatch.Record, _ state: inout State) -> Bool {
    state.credit.consume(bytes: record.count)
    if let endAt = state.endAt, record.sequence > endAt { return false }
    return state.acks?.admit(record.sequence, redelivered: record.flags.contains(.redelivered)) ?? true
  }

  private func popEnding<Item>(_ state: inout State) -> Found<Item> {
    switch state.ending {
    case .end: return .end
    case .failure(let error): return .failure(error)
    case nil: break
    }
    if let endAt = state.endAt, let looked = state.looked, looked >= endAt {
      state.ending = .end
      return .end
    }
    return .nothing
  }

  private func wait() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { waiter in
        let isReady = state.withLock { state in
          let hasMore = !state.batches.isEmpty || state.ending != nil
          let isAtEnd = state.endAt.flatMap { end in state.looked.map { $0 >= end } } ?? false
          guard !hasMore, !isAtEnd, !Task.isCancelled else { return true }
          precondition(state.waiter == nil, "an EventStream is read by two tasks at once")
          state.waiter = waiter
          return false
        }
        if isReady { waiter.resume() }
      }
    } onCancel: {
      wake()
    }
  }

  private func wake() { state.withLock { $0.waiter.take() }?.resume() }

  /// Everything handed up to here is done with, but for what was refused.
  func finish(through sequence: UInt64) {
    state.withLock { $0.acks?.finish(through: sequence) }
    poke(false)
  }

  /// This one is done with.
  func finish(_ sequence: UInt64) {
    state.withLock { $0.acks?.finish(sequence) }
    poke(false)
  }

  /// This one could not be processed.
  func refuse(_ sequence: UInt64, delay: Duration?, reason: String) {
    state.withLock { state in
      guard state.acks?.refuse(sequence) == true, state.isAttached else { return }
      state.nacks.append(
        Nack(
          subscription: number, sequences: [sequence], delay: delay.map { Self.milliseconds($0) },
          reason: String(reason.prefix(500))))
    }
    poke(true)
  }

  private static func milliseconds(_ duration: Duration, in range: ClosedRange<Int> = 0...Subscribe.mostWait) -> Int {
    Int(max(Double(range.lowerBound), min(duration / .milliseconds(1), Double(range.upperBound))))
  }

  private var backoff: [Int] { request.backoff.prefix(Subscribe.mostBackoffSteps).map { Self.milliseconds($0) } }

  /// Whether all that was handed out up to a sequence is done with.
  func isFinished(through sequence: UInt64) -> Bool {
    state.withLock { ($0.acks?.firstOpen ?? .max) > sequence }
  }

  /// Lets a held subscription flow.
  func release() {
    state.withLock { $0.credit.isHeld = false }
    poke(true)
  }

  var dropped: UInt64 { state.withLock { $0.dropped } }

  /// Whether the broker has ever confirmed it.
  var hasBegun: Bool { state.withLock { $0.looked != nil } }

  // MARK: The connection's side

  /// What to send when a session begins. Throws when the journal is not the one that was read so far.
  func startSession(_ welcome: Welcome, now: ContinuousClock.Instant) throws(BusError) -> Subscribe {
    try state.withLock { (state) throws(BusError) in
      if let journal = state.journal, state.looked != nil, journal != welcome.journal {
        throw BusError(
          .journalReplaced,
          "the broker's journal is \(welcome.journal), and what was read so far is of \(journal): it is another journal"
        )
      }
      state.journal = welcome.journal
      guard state.read <= welcome.last else {
        throw BusError(
          .journalReplaced,
          "the broker's journal ends at \(welcome.last), but \(state.read) was read from it before: it is an old copy of it"
        )
      }
      state.acks?.startSession()
      let credit = state.credit.startSession(limit: welcome.limits.creditBytes, now: now)
      let start = isDurable ? nil : state.looked.map { SubscriptionStart.sequence($0 + 1) }
      return Subscribe(
        subscription: number, types: request.types, senders: request.senders, name: request.name, group: request.group,
        start: start ?? request.from, creditEvents: credit.events, creditBytes: credit.bytes,
        ackWait: Self.milliseconds(request.ackWait, in: Subscribe.ackWaits),
        maxAttempts: max(Subscribe.attempts.lowerBound, min(request.maxAttempts, Subscribe.attempts.upperBound)),
        backoff: backoff, overload: request.overload,
        progress: request.until != .never)
    }
  }

  func subscribed(_ reply: Subscribed) {
    state.withLock { state in
      state.isAttached = true
      if isDurable, state.acks == nil {
        state.acks = AckTracker(acked: reply.acked ?? 0, isShared: request.group != nil)
      }
      // It may lie beyond the journal's end: then that is waited for.
      let before = reply.next == 0 ? 0 : reply.next - 1
      state.begun = before
      state.read = max(state.read, min(reply.acked ?? 0, reply.last))
      state.looked = isDurable ? state.looked : max(state.looked ?? 0, before)
      if isDurable, state.looked == nil { state.looked = reply.acked ?? 0 }
      if state.endAt == nil {
        switch request.until {
        case .never: break
        case .last: state.endAt = reply.last
        case .sequence(let sequence): state.endAt = sequence
        }
      }
    }
    position.fulfill((reply.acked ?? 0, reply.last, reply.next))
    wake()
    // What was done while there was no session can be said now.
    poke(true)
  }

  func deliver(_ batch: DeliveredBatch, through: UInt64) {
    state.withLock { state in
      state.batches.append(batch)
      state.look(through, hasEvents: true)
    }
    wake()
  }

  /// The broker passed over events; what it looked at is told with the next delivery.
  func dropped(_ reply: Dropped) { state.withLock { $0.dropped += UInt64(reply.count) } }

  func progress(_ reply: Progress) {
    state.withLock { $0.look(reply.through, hasEvents: false) }
    wake()
  }

  /// The session is gone. A durable subscription gets what was not read again; an ephemeral one keeps it.
  func sessionLost() {
    state.withLock { state in
      state.isAttached = false
      state.nacks = []
      if isDurable {
        state.batches = []
        // What lies between is sent again.
        state.looked = state.acks?.through
      }
      state.credit.sessionLost(
        bufferedEvents: state.batches.reduce(0) { $0 + $1.remaining },
        bufferedBytes: state.batches.reduce(0) { $0 + $1.remainingBytes })
    }
  }

  /// Nothing more will come; what is here can still be read.
  func finish(_ ending: Ending) {
    state.withLock { if $0.ending == nil { $0.ending = ending } }
    if case .failure(let error) = ending { position.fail(error) }
    position.fail(BusError(.closed, "the subscription has ended"))
    wake()
  }

  /// The commands that are due.
  func takeCommands(now: ContinuousClock.Instant) -> [ClientCommand] {
    state.withLock { state in
      guard state.isAttached else { return [] }
      var commands: [ClientCommand] = state.nacks.map { .nack($0) }
      state.nacks = []
      while let ack = state.acks?.takeAck(subscription: number) { commands.append(.ack(ack)) }
      if let credit = state.credit.topUp(now: now) {
        commands.append(.credit(Credit(subscription: number, events: credit.events, bytes: credit.bytes)))
      }
      return commands
    }
  }
}
