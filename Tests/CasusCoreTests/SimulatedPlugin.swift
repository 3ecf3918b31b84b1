import CasusEvents
import CasusWire
import DequeModule
import SeededRandom
import Synchronization
import ZeroMQ

@testable import CasusCore
@testable import CasusPlugin

/// A plugin with the SDK at the other end of the wire: its session, its outbox, its stream and its book of acknowledgements,
/// as they are, but for the socket's thread. It publishes, reads through a durable subscription, and works at some events for
/// long.
final class SimulatedPlugin: CustomStringConvertible {
  struct Call {
    var events: [String]
    var group: PublishGroup
  }

  let name = "sdk"
  private(set) var session: CasusPlugin.Session
  private(set) var stream: StreamBuffer
  var peer: PeerID?
  /// Frames from the broker that have not been read.
  private var inbox: [PeerID: [BenchFrame]] = [:]
  private let room = OutboxRoom(events: 1, bytes: 1)
  private(set) var now = ContinuousClock.now
  private var steady: Int64 = 0

  /// Where its subscription began.
  var start: UInt64 = 1
  var next = 0
  /// Handed over, the answer not heard; of this process.
  private(set) var calls: [Call] = []
  private(set) var accepted: [String] = []
  /// With the handler, in rising order.
  private var held: [UInt64] = []
  /// Done with: of this process, and of all.
  private var done: Set<UInt64> = []
  private(set) var everDone: Set<UInt64> = []
  private(set) var violations: [String] = []

  init() {
    session = Self.session(room, now)
    stream = Self.stream()
    session.subscribe(stream, now: now)
  }

  private static let keys: (broker: CurvePublicKey, own: CurveKeyPair) = {
    do { return try (CurveKeyPair.generate().publicKey, CurveKeyPair.generate()) } catch {
      preconditionFailure("no keys: \(error)")
    }
  }()

  private static func session(_ room: OutboxRoom, _ now: ContinuousClock.Instant) -> CasusPlugin.Session {
    CasusPlugin.Session(
      Connection(
        endpoint: "", brokerKey: keys.broker, keys: keys.own, identity: "jp.test/sdk",
        manifest: Manifest(program: "p", version: "1", summary: "", publishes: [], subscribes: [])),
      room: room, now: now)
  }

  private static func stream() -> StreamBuffer {
    StreamBuffer(
      number: 1,
      request: Subscription(
        types: ["t.*"], name: "work", from: .earliest, windowEvents: 16, ackWait: .seconds(1), maxAttempts: 1_000,
        backoff: [.zero]), held: false
    ) { _ in }
  }

  /// The process ends and another one begins. What was handed over and not answered may have been accepted, or not.
  func restart() {
    disconnect("the process ended", random: 0)
    calls = []
    held = []
    done = []
    session = Self.session(room, now)
    stream = Self.stream()
    session.subscribe(stream, now: now)
  }

  // MARK: Publishing

  func isWaiting(for record: BenchRecord) -> Bool {
    guard record.sender == "jp.test/\(name)" else { return false }
    let text = String(decoding: record.bytes, as: UTF8.self)
    return calls.contains { $0.events.contains(text) }
  }

  func publish(_ events: [String]) {
    var encoded = EncodedEvents()
    for event in events {
      do { try encoded.append(Array(event.utf8)) } catch { violations.append("\(event) cannot be published: \(error)") }
    }
    let group = PublishGroup(count: events.count)
    room.occupy(events: encoded.count, bytes: encoded.size)
    session.publish(encoded, replay: false, group: group, from: 0)
    calls.append(Call(events: events, group: group))
  }

  /// Hears what became of its calls, and compares with the journal.
  func collect(_ journal: [BenchRecord]) {
    calls.removeAll { call in
      guard let result = call.group.result else { return false }
      guard case .success(let runs) = result else { return true }
      for run in runs { settle(run, call.events, journal) }
      let places = runs.flatMap { Array($0.places) }
      if places != Array(call.events.indices) { violations.append("\(places) of \(call.events) were answered") }
      return true
    }
  }

  private func settle(_ run: PublishRun, _ events: [String], _ journal: [BenchRecord]) {
    for (number, place) in run.places.enumerated() {
      let event = events[place]
      var sequence: UInt64
      switch run.fate {
      case .accepted(let first, _): sequence = first + UInt64(number)
      case .outcome(.accepted(let one, _, _)): sequence = one
      case .outcome(.refused(let refusal)):
        if !event.contains("^full") { violations.append("\(event) was refused: \(refusal)") }
        continue
      }
      accepted.append(event)
      let record = journal.first { $0.stamp.sequence == sequence }
      if record.map({ String(decoding: $0.bytes, as: UTF8.self) }) != event {
        violations.append("\(event) was accepted as \(sequence), where the journal has \(record?.text ?? "nothing")")
      }
    }
  }

  // MARK: Reading

  /// The handler is given events. Returns how many.
  @discardableResult func read(atMost count: Int, acknowledgesUnread: Bool = false) -> Int {
    var read = 0
    while read < count, let item = stream.nextNow() {
      let sequence = item.stamp.sequence
      if done.contains(sequence) { violations.append("\(sequence) was handed out again, which was done with") }
      if held.contains(sequence) { violations.append("\(sequence) was handed out again, which is being worked at") }
      held.append(sequence)
      held.sort()
      if acknowledgesUnread { stream.finish(through: sequence) }
      read += 1
    }
    return read
  }

  /// The handler is done with all up to one of those that it has.
  func finish(through place: Int) {
    guard held.indices.contains(place) else { return }
    stream.finish(through: held[place])
    for sequence in held.prefix(place + 1) { mark(sequence) }
    held.removeFirst(place + 1)
  }

  func finish(at place: Int) {
    guard held.indices.contains(place) else { return }
    stream.finish(held[place])
    mark(held.remove(at: place))
  }

  private func mark(_ sequence: UInt64) {
    done.insert(sequence)
    everDone.insert(sequence)
  }

  func refuse(at place: Int) {
    guard held.indices.contains(place) else { return }
    stream.refuse(held.remove(at: place), delay: place % 2 == 0 ? .milliseconds(100) : nil, reason: "")
  }

  var heldCount: Int { held.count }

  // MARK: The wire

  /// The broker's clock has gone on; after a new start of its machine it begins anywhere.
  func pass(to steady: Int64, isNewStart: Bool = false) {
    if !isNewStart { now += .nanoseconds(max(0, steady - self.steady)) }
    self.steady = steady
  }

  func arrived(_ frame: BenchFrame, on peer: PeerID) { inbox[peer, default: []].append(frame) }

  /// The connection is gone, and what was under way with it.
  func disconnect(_ reason: String, random: Double) {
    guard let peer else { return }
    inbox[peer] = nil
    self.peer = nil
    if session.wantsConnection { session.lose(reason, now: now, random: random) }
  }

  /// The fault put in on purpose: what was under way with the connection is not sent again.
  func forgetOutbox() { _ = session.outbox.drain() }

  /// What the thread of a `Link` does in one turn.
  func turn(
    random: inout SeededGenerator, connect: () -> PeerID, send: (PeerID, [UInt8], [UInt8]?) -> Void
  ) throws {
    if case .waiting(let until) = session.phase, until <= now { session.begin(now: now) }
    session.tick(now: now, random: .random(in: 0...1, using: &random))
    session.flushStreams(now: now)
    if session.isOver {
      restart()
      return
    }
    if session.wantsConnection != (peer != nil) {
      if let peer { inbox[peer] = nil }
      peer = session.wantsConnection ? connect() : nil
    }
    guard let peer else { return }
    for frame in session.outgoing { send(peer, frame.control, frame.batch.isEmpty ? nil : Self.bytes(frame)) }
    session.outgoing = []
    for frame in inbox.removeValue(forKey: peer) ?? [] where session.wantsConnection {
      try receive(frame, random: .random(in: 0...1, using: &random))
    }
    session.notices = []
  }

  private static func bytes(_ frame: CasusPlugin.Session.Frame) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: frame.batchBytes)
    bytes.withUnsafeMutableBytes { frame.copyBatch(to: $0) }
    return bytes
  }

  private func receive(_ frame: BenchFrame, random: Double) throws {
    switch frame {
    case .reply(let reply): try session.receive(reply, now: now, random: random)
    case .events(let subscription, let through, let records):
      var senders: [String] = []
      let size = records.reduce(0) { $0 + DeliverBatchWriter.header + $1.bytes.count }
      var message = try Message(size: size)
      message.withUnsafeMutableBytes { bytes in
        var writer = DeliverBatchWriter(bytes)
        for record in records {
          if !senders.contains(record.sender) { senders.append(record.sender) }
          var flags = record.stamp.flags
          if record.isAgain { flags.insert(.redelivered) }
          record.bytes.withUnsafeBytes { event in
            writer.append(
              sequence: record.stamp.sequence, recorded: record.stamp.recorded,
              sender: UInt16(senders.firstIndex(of: record.sender) ?? 0), flags: flags, event: event)
          }
        }
      }
      let deliver = Deliver(subscription: subscription, count: records.count, senders: senders, through: through)
      try session.receive(
        .deliver(deliver), batch: DeliveredBatch(message, deliver), now: now, random: random)
    }
  }

  // MARK: Checks

  /// Nothing is left to do, here and in what is still to be said.
  var isAtRest: Bool {
    calls.isEmpty && held.isEmpty && session.outbox.isEmpty && stream.state.withLock { $0.acks?.isEmpty ?? false }
  }

  var description: String {
    "plugin has \(calls.count) calls, \(held.count) events in hand and \(session.outbox.count) in its outbox, \(session.phase)"
  }
}
