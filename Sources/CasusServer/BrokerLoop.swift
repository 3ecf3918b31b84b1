internal import CasusCore
internal import CasusEvents
internal import CasusJournal
internal import CasusNames
internal import CasusWire
internal import DequeModule
internal import JSONSchema
internal import Synchronization
internal import SystemFiles
internal import ZeroMQ

/// The thread that owns the ROUTER: receives, lets the core think, carries out its effects. Everything slow is another
/// thread's: commits, reads of the journal, positions on disk.
struct BrokerLoop: ~Copyable {
  /// What other threads tell the loop.
  enum News: Sendable {
    /// A commit is on disk, and how long that took.
    case committed(JournalRun, took: Int64)
    case commitFailed(JournalError)
    case history(SubscriptionKey, from: UInt64, JournalRun?)
    case located(SubscriptionKey, UInt64)
    /// Schemas that were looked at, and whether they are on disk.
    case schemas(offer: Int, Result<[RegisteredSchema<SchemaEdition>], WireError>)
    case reply(PeerID, BrokerReply)
    /// Positions of durable subscriptions are on disk, or why not.
    case positions(PositionKeeper.Outcome)
    case pruned(PruneReport, [SubscriptionOwner: UInt64])
    case pruneFailed(JournalError)
    case cutting(SubscriptionOwner, JournalRun, before: UInt64)
    case cut(SubscriptionOwner, ClosedRange<UInt64>?)
    /// The committing thread has written to the journal's disk, or why not.
    case probed(JournalError?)
    case note(String)
  }

  var broker: Broker<SchemaInspector, JournalStage>
  let socket: Socket
  let journal: FileJournal
  private var answers: Answers
  let doors: DoorKeeper
  let log: Log
  let mailbox: Mailbox<[News]>
  let committer: Worker
  let reader: Worker
  let history: HistoryReader
  private let schemaKeeper: SchemaKeeper
  private let schemaWorker: Worker
  let positions: PositionKeeper
  let disk: DiskWatch
  /// Since when the disk has been asked to keep a commit (steady time); nil while none is under way.
  private var commitSince: Int64?
  var clock: Clock
  var outgoing: Outgoing
  var connections: ConnectionGuard
  private var accepted: AcceptedConnections
  /// Messages whose turn is to come.
  var held: HeldMessages
  /// Whether the last `receive` left nothing behind.
  private var isDrained = true
  /// Somebody has more to be sent than one turn may send.
  private(set) var wantsFeeding = false
  /// After `stop`: everything that was accepted is on disk.
  private(set) var hasStopped = false
  /// Nil where nobody watches.
  var canary: Canary?
  var retention: RetentionWatch?
  /// Reads what the start has left unread.
  var check: BackgroundCheck?
  /// The last jump of the wall clock since the start.
  private var clockStep: RecordedClock.Step?
  /// Why events, and why positions, cannot be written for now.
  private var eventTrouble = DiskTrouble("events are refused until that is mended")
  private var positionTrouble = DiskTrouble("the subscriptions' positions are kept when that is mended")
  var fatal: ServerError?
  /// What is wrong with the registry's files, a line each.
  var registryFaults: [String] = []
  var control = Message()
  var batch = Message()
  private var address = Message()

  init(
    broker: consuming Broker<SchemaInspector, JournalStage>, socket: consuming Socket,
    journal: FileJournal, answers: Answers, doors: DoorKeeper, log: Log, mailbox: Mailbox<[News]>,
    committer: Worker, reader: Worker, schemaKeeper: SchemaKeeper, schemaWorker: Worker, positions: PositionKeeper,
    disk: DiskWatch, clock: Clock, accepted: consuming AcceptedConnections
  ) {
    // A client's window and what it may say beside it.
    let mostOfOne = broker.options.limits.windowBytes + 4 * ServerSocket.mostBytes(broker.options.limits)
    connections = ConnectionGuard(limit: max(mostOfOne, ConnectionGuard.leastLimit))
    held = HeldMessages(mostBytes: mostOfOne)
    outgoing = Outgoing(mostKept: Outgoing.mostKept(broker.options))
    self.broker = broker
    self.socket = socket
    self.journal = journal
    self.answers = answers
    self.doors = doors
    self.log = log
    self.mailbox = mailbox
    self.committer = committer
    self.reader = reader
    history = HistoryReader(journal: journal, mailbox: mailbox, worker: reader)
    self.schemaKeeper = schemaKeeper
    self.schemaWorker = schemaWorker
    self.positions = positions
    self.disk = disk
    self.clock = clock
    self.accepted = accepted
  }

  // MARK: Receiving

  /// Takes in what has arrived, up to a bound in number and in time, so that commits and deliveries get their turn, and
  /// nobody waits long for the answers to others. libzmq gives each connection its turn, message by message, however long
  /// a message takes: what of a message takes longer than a turn is held, and goes on in the next one.
  mutating func receive() throws(ZeroMQError) {
    isDrained = false
    try resumeHeld()
    var begun: Int64?
    for _ in 0..<32 {
      guard try socket.tryReceive(into: &address) else {
        isDrained = true
        return
      }
      let peer = address.withUnsafeBytes { PeerID($0) }
      guard address.more else { continue }
      try socket.receive(into: &control)
      var frames = 1
      var bytes = ConnectionGuard.wireSize(control.count)
      if control.more {
        try socket.receive(into: &batch)
        frames = 2
        bytes += ConnectionGuard.wireSize(batch.count)
        while batch.more {
          // A message of many frames must not fill memory: each takes the place of the one before.
          try socket.receive(into: &batch)
          frames += 1
          bytes += ConnectionGuard.wireSize(batch.count)
        }
      }
      let now = clock.now()
      defer { begun = begun ?? now.steady }
      if let descriptor = control.sourceDescriptor { connections.took(bytes, from: descriptor, peer) }
      if let peer, held.isHeld(peer) {
        hold(peer, frames, bytes)
        continue
      }
      guard let peer else {
        control.withMetadata("User-Id") { broker.receiveNameless(user: $0, bytes: bytes, at: now) }
        try refuseAddress()
        continue
      }
      guard frames <= 2 else {
        control.withMetadata("User-Id") {
          broker.receiveMalformed(from: peer, user: $0, frames: frames, bytes: bytes, at: now)
        }
        continue
      }
      // From the second frame: polling makes libzmq 4.3.4 lose the first one's metadata.
      let progress = control.withMetadata("User-Id") { user in
        control.withUnsafeBytes { control in
          if frames == 2 {
            batch.withUnsafeBytes { batch in
              broker.receive(from: peer, user: user, control: control, batch: batch, at: now)
            }
          } else {
            broker.receive(from: peer, user: user, control: control, batch: nil, at: now)
          }
        }
      }
      if progress.isUnfinished { held.begin(peer, HeldMessage(&control, &batch, frames: frames, bytes: bytes)) }
      if progress.hasBegunCommit { try carryOut() }
      // Who waits for an answer does not wait for the turn's end.
      if mailbox.hasNews { return }
      if let begun, now.steady - begun > Self.turnNanoseconds { return }
    }
  }

  /// A connection that has named itself is told why nobody talks to it, and ends.
  private mutating func refuseAddress() throws(ZeroMQError) {
    let length = address.count
    try outgoing.refuse(
      &address, WireError(.malformedFrames, "a routing id of \(length) bytes; set none, or one of at most 7"),
      on: socket)
    if let descriptor = control.sourceDescriptor { connections.refuse(descriptor) }
  }

  static let turnNanoseconds: Int64 = 1_000_000

  mutating func takeNews() {
    for news in mailbox.take() {
      switch news {
      case .committed(let run, let took):
        commitSince = nil
        if eventTrouble.ends() { log.info("the journal can be written again: events are taken") }
        broker.committed(run, took: took, at: clock.now())
      case .commitFailed(let error):
        commitSince = nil
        commitFailed(error)
      case .history(let key, let from, let run): broker.history(key, from: from, run, at: clock.now())
      case .located(let key, let sequence): broker.located(key, sequence, at: clock.now())
      case .schemas(let offer, let result): adopt(offer, result)
      case .reply(let peer, let reply): broker.say(reply, to: peer)
      case .positions(let outcome): positionsKept(outcome)
      case .probed(let error): probed(error)
      case .pruned(let report, let needs): pruned(report, needs)
      case .pruneFailed(let error): pruneFailed(error)
      case .cutting(let owner, let run, let end): cutting(owner, run, before: end)
      case .cut(let owner, let range): hasCut(owner, range)
      case .note(let text): log.warning(text)
      }
    }
  }

  /// What passes keeps the old positions, and they are written afterwards; after any other failure nothing can be promised any
  /// more, as with a commit.
  private mutating func positionsKept(_ outcome: PositionKeeper.Outcome) {
    switch outcome {
    case .kept(let new):
      _ = positionTrouble.ends()
      for key in new { broker.kept(key, failure: nil, at: clock.now()) }
    case .failed(let error, let new):
      if error.isPassing {
        if let warning = positionTrouble.begins(error, at: clock.now().wall) { log.warning(warning) }
      } else {
        fatal = fatal ?? ServerError(.disk, "the subscriptions' positions cannot be kept: \(error)")
      }
      for key in new { broker.kept(key, failure: error.refusal, at: clock.now()) }
    }
  }

  private mutating func commitFailed(_ error: JournalError) {
    guard error.isPassing else {
      // The kernel may call pages clean that never reached the disk: nothing can be promised any more.
      fatal = ServerError(.disk, "the journal failed, nothing more is acknowledged: \(error)")
      return
    }
    if let warning = eventTrouble.begins(error, at: clock.now().wall) { log.warning(warning) }
    broker.commitFailed(error.refusal, at: clock.now())
  }

  // MARK: Effects

  mutating func carryOut() throws(ZeroMQError) {
    while true {
      let effects = broker.takeEffects()
      for effect in effects { try carryOut(effect) }
      for peer in outgoing.takeGone() { broker.unreachable(peer, at: clock.now()) }
      for peer in outgoing.takeHeldUp() { broker.holdUp(peer) }
      for peer in outgoing.takeGivenUp() {
        log.warning("a peer is cut off: it does not read what it asked for")
        connections.end(peer, after: 0)
      }
      if effects.isEmpty { return }
    }
  }

  private mutating func carryOut(_ effect: BrokerEffect<JournalStage>) throws(ZeroMQError) {
    switch effect {
    case .send(let peer, let reply):
      try outgoing.send(reply, to: peer, on: socket)
      // Its session is over: it may come back over a new connection, if its key may.
      if case .error(let error) = reply, error.fatal {
        // A flood costs all others until it ends.
        connections.end(peer, after: error.error.code == .flooding ? 1 : 10)
      }
    case .deliver(let peer, let delivery):
      try outgoing.deliver(
        delivery, isShared: broker.subscriptionCount > 1, senders: broker.senders, to: peer, on: socket)
    case .commit(let batch): commit(batch)
    case .feed: wantsFeeding = true
    case .read(let key, let sequence): history.read(key, from: sequence)
    case .locate(let key, let time): history.locate(key, time)
    case .answer(let peer, let request): try answer(request, to: peer)
    case .keep(let name, let cursor): positions.keep(name, cursor)
    case .keepFirst(let key, let name, let cursor): positions.keepFirst(key, name, cursor)
    case .register(let offer, let schemas, let identity): register(offer, schemas, by: identity)
    case .show(let peer, let request, let event, let owner, let clearance):
      history.show(request, event, owner, clearance, to: peer)
    case .keepBooks(let books): positions.keep(books)
    case .shut(let keys): doors.shut(keys)
    case .stopped: hasStopped = true
    case .note(let text): log.warning(text)
    }
  }

  private mutating func commit(_ batch: CommitBatch) {
    commitSince = clock.now().steady
    committer.add { [journal, mailbox] in
      do throws(JournalError) {
        let began = SystemClock.steady()
        let committed = try journal.commit(batch)
        let took = SystemClock.steady() - began
        mailbox.post(.committed(JournalRun(committed), took: took))
      } catch {
        batch.removeAll()
        mailbox.post(.commitFailed(error))
      }
    }
  }

  private mutating func answer(_ request: Request, to peer: PeerID) throws(ZeroMQError) {
    let now = clock.now()
    let reply = answers.reply(to: request, broker) { facts in
      facts.journalBytes = journal.bytes
      facts.segments = journal.segmentCount
      facts.held = retention?.held ?? [:]
      facts.cutsNeeded = retention?.policy.cutsNeeded ?? false
      facts.now = now
      let known = disk.state
      facts.disk = known.space
      facts.diskAge = now.steady - known.found
      // A disk of this machine says what room it has though it hangs.
      let asked = [known.askedSince, commitSince].compactMap(\.self).min()
      facts.diskSilence = asked.map { max(0, now.steady - $0) } ?? 0
      facts.refusedConnections = doors.count
      facts.accepted = AcceptedConnections.look()
      facts.kept = { [journal] in journal.kept(from: $0) }
      facts.registryFaults = registryFaults
      facts.check = check?.progress
      facts.clockStep = clockStep
      facts.troubles = [eventTrouble.now, positionTrouble.now].compactMap(\.self)
    }
    try outgoing.send(reply, to: peer, on: socket)
  }

  private func register(_ offer: Int, _ schemas: [SchemaOffer], by identity: String) {
    schemaWorker.add { [schemaKeeper, mailbox] in
      mailbox.post(.schemas(offer: offer, schemaKeeper.take(schemas, by: identity)))
    }
  }

  /// From here on events of these types are judged by these schemas.
  private mutating func adopt(_ offer: Int, _ result: Result<[RegisteredSchema<SchemaEdition>], WireError>) {
    if case .success(let accepted) = result {
      for schema in accepted where !schema.isKnown {
        answers.adopt(schema.edition)
        log.info("\(schema.edition.origin) brought the schema of \(schema.type)")
      }
    }
    broker.adopt(offer: offer, result, at: clock.now())
  }

  // MARK: Time

  mutating func tick() throws(ZeroMQError) {
    broker.tick(at: clock.now())
    if let step = clock.takeStep() { told(step) }
    outgoing.clean()
    for cut in connections.look(isDrained: isDrained) {
      log.warning("cut off \(cut.address): \(cut.bytes) bytes without a whole message that could be taken")
      if let peer = cut.peer { broker.receiveEndless(from: peer, bytes: cut.bytes, at: clock.now()) }
    }
    if let word = accepted.takeWord(at: clock.now().steady) { log.warning(word) }
    if let refused = connections.takeRefused() {
      log.warning(
        "refused \(refused.count) connections with routing ids longer than 7 bytes, the last of them from \(refused.last)"
      )
    }
  }

  private mutating func told(_ step: RecordedClock.Step) {
    log.warning(
      "the clock went \(step.isBack ? "back" : "forward"): events are recorded at \(step.after.rfc3339) where "
        + "\(step.before.rfc3339) was to be expected; order is by sequence")
    clockStep = step
    broker.clockStepped(from: step.before, to: step.after, at: clock.now())
  }

  /// Sends what a full pipe did not take, goes on with whose turn was over or whose pipe has room again, and commits what
  /// was taken in.
  mutating func goOn() throws(ZeroMQError) {
    if outgoing.isWaiting {
      try outgoing.flush(on: socket)
      for peer in outgoing.takeFreed() { broker.goOn(peer, at: clock.now()) }
    }
    if wantsFeeding {
      wantsFeeding = false
      broker.feed(at: clock.now())
    }
    broker.commitStaged(at: clock.now())
  }

  /// Waits for news from the committing thread, at the end when nobody polls any more.
  func mailboxWait() { mailbox.wait() }

  /// Waits until the worker threads have done everything they were given.
  func stopWorkers() {
    committer.stop()
    reader.stop()
    schemaWorker.stop()
    positions.stop()
    disk.stop()
    check?.stop()
  }
}
