internal import CasusCore
internal import CasusEvents
internal import CasusJournal
internal import CasusNames
internal import CasusWire
internal import Glibc
internal import IJSON
internal import JSONSchema
internal import SystemFiles
internal import ZeroMQ

extension Daemon {
  func makeLoop(
    _ socket: consuming Socket, _ endpoints: [String], _ journal: FileJournal, _ schemas: SchemaSet,
    _ keeper: SchemaKeeper, _ registry: Registry, _ doorKeeper: DoorKeeper, _ bell: WakeUp,
    _ accepted: consuming AcceptedConnections
  ) throws -> BrokerLoop {
    let (positionLog, kept) = try openPositions(journal)
    for note in kept.notes { log.warning(note) }
    var clock = Clock(after: try lastTime(journal))
    let now = clock.now()
    var broker = Broker<SchemaInspector, JournalStage>(
      options: configuration.options, registry: registry,
      inspector: SchemaInspector(limits: configuration.options.limits),
      stage: JournalStage(journal),
      past: .init(
        journal: "\(journal.id)", first: max(1, journal.firstSequence), last: journal.lastSequence,
        cursors: kept.cursors, gaps: journal.gaps,
        types: journal.typeNames.map(\.rawValue), senders: journal.senderNames), at: now)
    for (type, schema) in schemas.editions.sorted(by: { $0.key < $1.key }) {
      guard broker.adopt(schema, of: type) else { throw ServerError(.configuration, "too many types") }
    }
    if let books = try kept.books ?? books(of: journal) { broker.restore(books) }
    try remember(journal, in: &broker)
    let facts = StatusReply.Facts(
      version: Casus.version, pid: getpid(), started: now.wall.rfc3339, startedSteady: now.steady, listen: endpoints,
      now: now)
    let mailbox = Mailbox<[BrokerLoop.News]>([], bell: bell)
    let positions = try PositionKeeper(positionLog) { mailbox.post(.positions($0)) }
    var loop = BrokerLoop(
      broker: broker, socket: socket, journal: journal, answers: Answers(schemas, facts), doors: doorKeeper, log: log,
      mailbox: mailbox, committer: try Worker(name: "commit"), reader: try Worker(name: "read"),
      schemaKeeper: keeper, schemaWorker: try Worker(name: "schemas"),
      positions: positions, disk: try DiskWatch { [path = journal.path] in Files.space(of: path) }, clock: clock,
      accepted: accepted)
    loop.retention = configuration.retention.map(RetentionWatch.init)
    if configuration.start == .summaries { loop.check = try BackgroundCheck(journal, log) }
    return loop
  }

  private func openPositions(_ journal: FileJournal) throws(ServerError) -> (PositionLog, PositionLog.Found) {
    do throws(JournalError) {
      let log = try PositionLog(in: journal)
      return (log, try log.load())
    } catch { throw ServerError(error) }
  }

  /// Where no books were kept: what the summaries of the closed segments say, so that a start does not read them all.
  private func books(of journal: FileJournal) throws(ServerError) -> PublisherBooks? {
    guard journal.segmentCount > 1 else { return nil }
    do throws(JournalError) {
      let count = try journal.countClosed()
      let senders = journal.senderNames
      return PublisherBooks(
        from: journal.firstSequence, through: count.through, lost: count.lost,
        publishers: Dictionary(
          uniqueKeysWithValues: count.bySender.map { (senders[Int($0.key)], PublisherBooks.Entry(accepted: $0.value)) })
      )
    } catch { throw ServerError(error) }
  }

  /// When the journal's last event was recorded.
  private func lastTime(_ journal: FileJournal) throws -> Timestamp {
    guard journal.lastSequence > 0, let last = try journal.reader(from: journal.lastSequence).next()?.last else {
      return Timestamp(nanoseconds: 0)
    }
    return last.recorded
  }

  /// Fills the duplicate window from the journal's last events, and counts those that the publishers' books do not know.
  private func remember(
    _ journal: FileJournal, in broker: inout Broker<SchemaInspector, JournalStage>
  ) throws {
    let window = UInt64(configuration.options.dedupEvents)
    let last = journal.lastSequence
    guard last > 0 else { return }
    let windowStart = last > window ? last - window + 1 : 1
    let senders = journal.senderNames
    let reader = try journal.reader(from: max(journal.firstSequence, min(windowStart, broker.recountFrom)))
    while let batch = try reader.next() {
      broker.countAhead(JournalRun(batch))
      for record in batch {
        if record.sequence >= broker.recountFrom {
          broker.recount(record.sequence, of: senders[Int(record.sender)])
        }
        if record.sequence >= windowStart {
          broker.remember(record.event, sequence: record.sequence, flags: record.flags)
        }
      }
    }
  }

  /// Tells a launcher that the doors are open: written aside and renamed, so that nobody reads half of it.
  func announceReady(_ endpoints: [String], _ keys: CurveKeyPair) throws(ServerError) {
    log.info("\(configuration.options.name) listens on \(endpoints.joined(separator: ", "))")
    guard let path = configuration.ready else { return }
    var json = JSONWriter()
    json.object { json in
      json.int("pid", getpid())
      json.array("listen") { json in for endpoint in endpoints { json.string(endpoint) } }
      json.string("key", keys.publicKey.z85)
    }
    do throws(SystemError) {
      try Files.replace(path, with: json.bytes, mode: 0o600, sync: false)
    } catch {
      throw ServerError(.disk, error.description)
    }
  }

  /// Runs the loop until a signal comes or the journal fails; returns why it ended when that is an error.
  func serve(
    _ loop: inout BrokerLoop, _ signals: Int32, _ bell: WakeUp, _ registry: RegistryWatch,
    _ doorKeeper: DoorKeeper, _ manager: ServiceManager
  ) throws -> ServerError? {
    var poller = Poller()
    let socketPlace = poller.add(loop.socket)
    let bellPlace = poller.add(fileDescriptor: bell.fileDescriptor)
    let signalPlace = poller.add(fileDescriptor: signals)
    var lastTick = loop.clock.now().steady
    var ticks = 0
    while loop.fatal == nil {
      let sinceTick = loop.clock.now().steady - lastTick
      // Nobody tells when one peer's pipe has room again: while one is full, it is tried again soon.
      let isBusy = loop.wantsFeeding || loop.held.isHolding
      let longest = isBusy ? 0 : loop.outgoing.isWaiting ? Self.retryNanoseconds : Self.tickNanoseconds
      _ = try poller.wait(for: .nanoseconds(max(0, min(longest, Self.tickNanoseconds - sinceTick))))
      if !poller.ready(signalPlace).isEmpty, Self.asksToStop(signals) {
        manager.stopping()
        try finish(&loop)
        return loop.fatal
      }
      if !poller.ready(bellPlace).isEmpty { bell.clear() }
      loop.takeNews()
      if let change = registry.take() { reload(&loop, change, doorKeeper) }
      if !poller.ready(socketPlace).isEmpty || loop.held.isHolding { try loop.receive() }
      let now = loop.clock.now().steady
      if now - lastTick >= Self.tickNanoseconds {
        lastTick = now
        ticks += 1
        try loop.tick()
        try loop.watch()
        if ticks % 5 == 0 { loop.positions.write() }
        if ticks % 10 == 0 {
          registry.look()
          loop.disk.look()
          loop.retain()
        }
      }
      try loop.goOn()
      try loop.carryOut()
    }
    loop.stopWorkers()
    return loop.fatal
  }

  /// SIGHUP asks for the registry to be read anew, which happens by itself within a second.
  private static func asksToStop(_ signals: Int32) -> Bool {
    var numbers = [UInt8](repeating: 0, count: 64)
    let count = read(signals, &numbers, numbers.count)
    return numbers.prefix(max(count, 0)).contains { $0 == UInt8(SIGTERM) || $0 == UInt8(SIGINT) }
  }

  private static let tickNanoseconds: Int64 = 100_000_000
  private static let retryNanoseconds: Int64 = 1_000_000

  /// Puts a changed registry in force and tells what is wrong with it: a file that is wrong stays as it was.
  private func reload(_ loop: inout BrokerLoop, _ change: RegistryFolder.Change, _ doorKeeper: DoorKeeper) {
    doorKeeper.admit(Set(change.registry.byKey.keys))
    loop.broker.reload(change.registry, at: loop.clock.now())
    loop.registryFaults = change.faults
    let folder = change.folder.map { BusRegistry(file: BusRegistry.folder, state: $0, faults: $0 == .good ? 0 : 1) }
    let told =
      (folder.map { [$0] } ?? [])
      + change.setAside.sorted { $0.key < $1.key }.map { BusRegistry(file: $0.key, state: .setAside, faults: $0.value) }
      + change.mended.map { BusRegistry(file: $0, state: .good, faults: 0) }
    loop.broker.registryChanged(told, at: loop.clock.now())
    for fault in change.newFaults { log.error("\(fault); what the file said before stays in force") }
    if change.folder == .good { log.info("the registry's folder can be read again") }
    for file in change.mended { log.info("\(file) of the registry is good again, or gone") }
    log.info("the registry was read anew: \(change.registry.byKey.count) plugins")
  }

  /// Commits what was taken in, tells everybody, and keeps the positions.
  private func finish(_ loop: inout BrokerLoop) throws {
    log.info("stopping")
    loop.broker.stop(at: loop.clock.now())
    while true {
      loop.broker.commitStaged(at: loop.clock.now())
      try loop.carryOut()
      if loop.hasStopped || loop.fatal != nil { break }
      loop.mailboxWait()
      loop.takeNews()
    }
    loop.stopWorkers()
    loop.takeNews()
  }

  func close(_ journal: FileJournal) throws(ServerError) {
    do throws(JournalError) { try journal.close() } catch {
      throw ServerError(.disk, "the journal could not be closed: \(error)")
    }
  }
}
