import CasusEvents
import CasusWire

@testable import CasusCore

struct BenchRecord: Equatable {
  var stamp: RecordStamp
  var bytes: [UInt8]
  var type: String
  var sender: String
  /// Of a delivery: sent to this subscription before.
  var isAgain = false

  /// The id, or the whole of an event that the broker wrote.
  var text: String {
    let text = String(decoding: bytes, as: UTF8.self)
    return type.hasPrefix("t.") ? Self.parts(text).id : text
  }

  static func parts(_ text: String) -> (id: String, type: String, source: String) {
    var rest = text[...]
    func cut(_ mark: Character) -> String? {
      guard let place = rest.lastIndex(of: mark) else { return nil }
      defer { rest = rest[..<place] }
      return String(rest[rest.index(after: place)...])
    }
    let source = cut("@") ?? "//jp.test/a"
    let type = cut(":") ?? "t.one"
    _ = cut("=")
    return (String(rest), type, source)
  }
}

struct BenchStage: EventStage {
  typealias Edition = String
  typealias Run = BenchRun
  /// Which events it has no place for.
  final class Faults { var refuses: (String) -> Bool = { _ in false } }

  let faults: Faults
  var records: [BenchRecord] = []
  private var types: [UInt16: String] = [:]
  var stagedCount: Int { records.count }
  var stagedBytes: Int { records.reduce(0) { $0 + $1.bytes.count } }

  init(_ faults: Faults) { self.faults = faults }

  mutating func adopt(_ edition: String, for type: UInt16) { types[type] = edition }

  mutating func stage(
    _ stamp: RecordStamp, publishTime: Timestamp, event: UnsafeRawBufferPointer, senders: borrowing Names
  ) throws(WireError) {
    guard let type = types[stamp.type], !faults.refuses(String(decoding: event, as: UTF8.self)) else {
      throw WireError(.notStaged)
    }
    records.append(BenchRecord(stamp: stamp, bytes: Array(event), type: type, sender: senders[stamp.sender]))
  }

  mutating func take() -> [BenchRecord] {
    defer { records = [] }
    return records
  }

  mutating func discard() { records = [] }
}

struct BenchRun: EventRun {
  var records: [BenchRecord]
  var firstSequence: UInt64 { records[0].stamp.sequence }
  var count: Int { records.count }
  var byteCount: Int { records.reduce(0) { $0 + $1.bytes.count } }
  func stamp(at index: Int) -> RecordStamp { records[index].stamp }
  func size(at index: Int) -> Int { records[index].bytes.count }
  var kinds: RunKinds {
    var kinds = RunKinds()
    for record in records { kinds.add(record.stamp) }
    return kinds
  }
}

/// What the broker sends.
enum BenchFrame {
  case reply(BrokerReply)
  case events(subscription: Int, through: UInt64, [BenchRecord])
}

/// A broker with a journal, positions and a clock in memory, and peers that keep what they were sent.
final class Bench {
  typealias Core = Broker<BenchInspector, BenchStage>

  var broker: Core
  let stageFaults = BenchStage.Faults()
  var journal: [BenchRecord] = []
  /// Written off by a repair: the journal cannot give them any more.
  var lost: Set<UInt64> = []
  /// Retention has taken what is before.
  private(set) var firstKept: UInt64 = 1
  /// In nanoseconds, as the disk says it.
  var commitTakes: Int64 = 0
  /// New positions cannot be written for now.
  var refusesPositions = false
  /// They take their time: `answerPositions` says what became of them.
  var delaysPositions = false
  private var delayed: [(key: SubscriptionKey, name: String, cursor: CursorRecord)] = []
  /// Takes what is sent to a peer, in order, if it says so.
  var takesFrame: ((PeerID, BenchFrame) -> Bool)?
  /// Others have their turn while a batch is judged in parts.
  var betweenParts: (() -> Void)?
  /// Sees each delivery as it is made.
  var onDelivery: ((PeerID, [BenchRecord]) -> Void)?
  /// Sees whose positions are to be kept, and when all of them have reached the disk.
  var onPosition: ((CursorRecord) -> Void)?
  var onPositionsKept: (() -> Void)?
  private(set) var notes: [String] = []
  /// Keys that may not connect for now.
  private(set) var shut: Set<String> = []
  /// Everything that was accepted is on disk, and there is no more to come.
  private(set) var hasStopped = false
  private var sealed: [BenchRecord] = []
  private var wantsFeeding = false
  private var entries: [PluginEntry] = []
  private var users: [PeerID: String] = [:]
  var received: [PeerID: [BrokerReply]] = [:]
  var records: [PeerID: [BenchRecord]] = [:]
  private var positions: [String: CursorRecord] = [:]
  private var keptPositions: [String: CursorRecord] = [:]
  private var books: PublisherBooks?
  private var keptBooks: PublisherBooks?
  private(set) var steady: Int64 = 0
  private var wallAhead: Int64 = 0
  private var peers = 0
  var lives = 0
  var lived: Int64 = 0

  init(_ options: BrokerOptions = BrokerOptions()) {
    broker = Self.make(options, Registry(), .init(first: 1, last: 0, cursors: []), stageFaults)
  }

  private static func make(
    _ options: BrokerOptions, _ registry: Registry, _ past: Core.Past, _ faults: BenchStage.Faults
  ) -> Core {
    var broker = Core(
      options: options, registry: registry, inspector: BenchInspector(), stage: BenchStage(faults), past: past,
      at: Moment(wall: Timestamp(nanoseconds: 0), steady: 0))
    for type in ["t.one", "t.two"] + EventSchemas.all.map(\.type) { _ = broker.adopt(type, of: type) }
    return broker
  }

  var now: Moment { Moment(wall: Timestamp(nanoseconds: max(0, steady + wallAhead)), steady: steady) }

  /// Somebody sets the clock.
  func stepWall(seconds: Int) { wallAhead += Int64(seconds) * 1_000_000_000 }

  // MARK: Peers

  func peer() -> PeerID {
    peers += 1
    return withUnsafeBytes(of: UInt32(peers)) { PeerID($0)! }
  }

  func connect(
    _ name: String, publish: [String] = [">"], subscribe: [String] = [">"], clearance: TLP = .red,
    roles: Set<Role> = [], groups: Set<String> = []
  ) -> PeerID {
    if !entries.contains(where: { $0.identity == "jp.test/\(name)" }) {
      entries.append(
        PluginEntry(
          identity: "jp.test/\(name)", agency: "jp.test", nation: "JP", key: "key-\(name)", roles: roles,
          publish: publish.compactMap { TypePattern($0) }, subscribe: subscribe.compactMap { TypePattern($0) },
          clearance: clearance, groups: groups))
      broker.reload(Registry(entries)!, at: now)
    }
    let peer = peer()
    users[peer] = "key-\(name)"
    return peer
  }

  func join(
    _ name: String, publish: [String] = [">"], subscribe: [String] = [">"], clearance: TLP = .red,
    roles: Set<Role> = [], groups: Set<String> = []
  ) -> PeerID {
    let peer = connect(
      name, publish: publish, subscribe: subscribe, clearance: clearance, roles: roles, groups: groups)
    send(peer, user: "key-\(name)", .hello(Hello(identity: "jp.test/\(name)", program: "p", version: "1")))
    received[peer] = []
    return peer
  }

  /// Takes a key out of the registry. Nil when nobody has it.
  ///
  /// - Parameter unnoticed: a fault put in on purpose: whoever has a session with the key keeps it.
  func withdraw(_ name: String, unnoticed: Bool = false) -> PluginEntry? {
    guard let place = entries.firstIndex(where: { $0.identity == "jp.test/\(name)" }) else { return nil }
    let entry = entries.remove(at: place)
    if unnoticed { broker.registry = Registry(entries)! } else { readRegistry() }
    return entry
  }

  func enter(_ entry: PluginEntry) {
    entries.append(entry)
    readRegistry()
  }

  func readRegistry() {
    broker.reload(Registry(entries)!, at: now)
    carryOut()
  }

  func remove(_ name: String) {
    entries.removeAll { $0.identity == "jp.test/\(name)" }
    broker.reload(Registry(entries)!, at: now)
    carryOut()
  }

  func send(_ peer: PeerID, user: String?, _ command: ClientCommand, batch: [UInt8]? = nil) {
    sendRaw(peer, user: user, String(decoding: command.encoded(), as: UTF8.self), batch: batch)
  }

  func sendRaw(_ peer: PeerID, user: String?, _ control: String, batch: [UInt8]? = nil) {
    sendBytes(peer, user: user, Array(control.utf8), batch: batch)
  }

  func sendBytes(_ peer: PeerID, user: String?, _ control: [UInt8], batch: [UInt8]? = nil) {
    let user = user.map { Array($0.utf8) }
    let now = now
    control.withUnsafeBytes { control in
      (batch ?? []).withUnsafeBytes { bytes in
        (user ?? []).withUnsafeBufferPointer { key in
          var progress = broker.receive(
            from: peer, user: user == nil ? nil : key, control: control, batch: batch == nil ? nil : bytes, at: now)
          while progress.isUnfinished {
            betweenParts?()
            progress = broker.resume(bytes, of: peer, at: now)
          }
        }
      }
    }
    carryOut()
  }

  func publish(_ peer: PeerID, batch: Int, _ events: [String], replay: Bool = false, descends: Bool = false) {
    var frame: [UInt8] = []
    for event in events { PublishBatchWriter.append(Array(event.utf8), to: &frame) }
    send(
      peer, user: users[peer],
      .publish(Publish(batch: batch, count: events.count, replay: replay, descends: descends)), batch: frame)
  }

  func subscribe(
    _ peer: PeerID, number: Int = 1, types: [String], from start: SubscriptionStart = .latest, name: String? = nil,
    group: String? = nil,
    credit: Int, creditBytes: Int = 1 << 20, ackWait: Int = 30_000, maxAttempts: Int = 5, backoff: [Int] = [0],
    overload: Overload = Overload(),
    progress: Bool = false
  ) {
    send(
      peer, user: users[peer],
      .subscribe(
        Subscribe(
          subscription: number, types: types, name: name, group: group, start: start, creditEvents: credit,
          creditBytes: creditBytes, ackWait: ackWait, maxAttempts: maxAttempts, backoff: backoff, overload: overload,
          progress: progress)))
  }

  // MARK: The disk and the clock

  /// Whether anything waits to be committed.
  var wantsCommit: Bool { broker.intake.stagedCount > 0 }

  /// What is staged is on its way to the disk.
  func seal() {
    broker.commitStaged(at: now)
    carryOut()
  }

  /// Commits until nothing is staged: commits may stage the bus's own events.
  func commit() {
    repeat {
      if sealed.isEmpty { seal() }
      guard !sealed.isEmpty else { return }
      let run = BenchRun(records: sealed)
      journal += sealed
      sealed = []
      broker.committed(run, took: commitTakes, at: now)
      carryOut()
    } while wantsCommit
  }

  /// The commit that is under way fails, or the next one.
  func failCommit() {
    if sealed.isEmpty { seal() }
    guard !sealed.isEmpty else { return }
    sealed = []
    broker.commitFailed(.diskFull, at: now)
    carryOut()
  }

  /// The connection is gone without a word.
  func lose(_ peer: PeerID) {
    broker.unreachable(peer, at: now)
    carryOut()
  }

  func goOn(_ peer: PeerID) {
    broker.goOn(peer, at: now)
    carryOut()
  }

  func tick(milliseconds: Int) {
    steady += Int64(milliseconds) * 1_000_000
    lived += Int64(milliseconds)
    broker.tick(at: now)
    carryOut()
  }

  /// A new life of the broker on what is on disk; connections, and what was not committed, are gone. Steady time begins
  /// anywhere.
  func restart(steady: Int64? = nil, remembersEvents: Bool = true) {
    if let steady { self.steady = steady }
    lives += 1
    sealed = []
    wantsFeeding = false
    // Numbers stand for names in one life only: the broker begins with those of the journal.
    var types = Names()
    var senders = Names()
    for place in journal.indices {
      journal[place].stamp.type = types.intern(journal[place].type)!
      journal[place].stamp.sender = senders.intern(journal[place].sender)!
    }
    broker = Self.make(
      broker.options, broker.registry,
      .init(
        first: firstKept, last: UInt64(journal.count), cursors: keptPositions.values.sorted { $0.name < $1.name },
        types: types.texts, senders: senders.texts),
      stageFaults)
    positions = keptPositions
    books = keptBooks
    if let books { broker.restore(books) }
    for record in kept { broker.recount(record.stamp.sequence, of: record.sender) }
    if !kept.isEmpty { broker.countAhead(BenchRun(records: Array(kept))) }
    for record in kept where remembersEvents && !record.type.hasPrefix("casus.bus.") {
      record.bytes.withUnsafeBytes { broker.remember($0, sequence: record.stamp.sequence, flags: record.stamp.flags) }
    }
  }

  private var kept: ArraySlice<BenchRecord> { journal[Int(firstKept - 1)...] }

  /// Retention takes everything before a sequence.
  func prune(to first: UInt64) {
    firstKept = max(firstKept, min(first, UInt64(journal.count) + 1))
    broker.forgot(before: firstKept, at: now)
    carryOut()
  }

  /// Retention takes what a subscription still needs, as it was told to.
  func cut(_ owner: SubscriptionOwner, before end: UInt64) {
    let run = BenchRun(records: Array(kept))
    guard run.count > 0 else { return }
    _ = broker.cut(owner, run, before: end, at: now)
    broker.announceCut(owner, run.firstSequence...max(run.firstSequence, end - 1), dropped: 0, at: now)
    carryOut()
  }

  /// The disk said that these were kept, and they are not.
  func loseEnd(_ count: Int) {
    journal.removeLast(min(count, journal.count - Int(firstKept - 1)))
  }

  // Faults put in on purpose, to see that the checks find them.
  func forgetAttempts() { for state in broker.subscriptions.all { state.failures.removeAll() } }

  func skipPositionsToTheEnd() {
    for state in broker.subscriptions.all { state.cursor = broker.durable + 1 }
  }

  /// Positions reach the disk now and then; a crash goes back to what was kept last.
  func keepPositions() {
    keptPositions = positions
    keptBooks = books
    onPositionsKept?()
  }

  /// The broker is asked to stop: all that it was given is committed, and the positions are kept.
  func stop() {
    broker.stop(at: now)
    carryOut()
    commit()
    seal()
    keepPositions()
  }

  private func carryOut() {
    while true {
      var effects = broker.takeEffects()
      if effects.isEmpty, wantsFeeding {
        wantsFeeding = false
        broker.feed(at: now)
        effects = broker.takeEffects()
      }
      if effects.isEmpty { return }
      for effect in effects {
        switch effect {
        case .send(let peer, let reply):
          if takesFrame?(peer, .reply(reply)) != true { received[peer, default: []].append(reply) }
        case .deliver(let peer, let delivery):
          let delivered = delivery.selected.map {
            var record = delivery.run.records[Int($0)]
            record.isAgain = delivery.redelivered
            return record
          }
          let frame = BenchFrame.events(subscription: delivery.subscription, through: delivery.through, delivered)
          if takesFrame?(peer, frame) != true { records[peer, default: []] += delivered }
          onDelivery?(peer, delivered)
        case .commit(let batch): sealed = batch
        case .feed: wantsFeeding = true
        case .stopped: hasStopped = true
        case .read(let key, let sequence):
          reads += 1
          let from = journal[Int(max(sequence, firstKept) - 1)...].drop { lost.contains($0.stamp.sequence) }
          let rest = Array(from.prefix { !lost.contains($0.stamp.sequence) }.prefix(7))
          broker.history(key, from: sequence, rest.isEmpty ? nil : BenchRun(records: rest), at: now)
        case .locate(let key, let time):
          let place = journal.firstIndex { $0.stamp.recorded >= time } ?? journal.count
          broker.located(key, UInt64(place + 1), at: now)
        case .keep(let name, let cursor):
          positions[name] = cursor
          if let cursor { onPosition?(cursor) }
        case .keepFirst(let key, let name, let cursor):
          delayed.append((key, name, cursor))
          if !delaysPositions { answerPosition() }
        case .register(let offer, let schemas, _): offered[offer] = schemas
        case .keepBooks(let books): self.books = books
        case .shut(let keys): shut = keys
        case .note(let text): notes.append(text)
        case .answer, .show: break
        }
      }
    }
  }

  private func answerPosition() {
    let (key, name, cursor) = delayed.removeFirst()
    if refusesPositions {
      broker.kept(key, failure: .diskFull, at: now)
    } else {
      positions[name] = cursor
      keptPositions[name] = cursor
      broker.kept(key, failure: nil, at: now)
    }
  }

  /// The first positions that were delayed are on disk, or cannot be written. How many there were.
  @discardableResult func answerPositions() -> Int {
    let count = delayed.count
    while !delayed.isEmpty { answerPosition() }
    carryOut()
    return count
  }

  /// How often the journal was asked for events.
  private(set) var reads = 0

  /// Schemas that the shell was asked to look at and has not answered.
  private(set) var offered: [Int: [SchemaOffer]] = [:]

  /// The shell's answer to an offer of schemas.
  func answerOffer(_ number: Int, _ result: Result<[Core.Schema], WireError>) {
    offered[number] = nil
    broker.adopt(offer: number, result, at: now)
    carryOut()
  }
}
