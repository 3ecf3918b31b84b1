import CasusEvents
import CasusWire

@testable import CasusCore

/// Numbers that depend on the seed alone (SplitMix64), so that a failing run can be run again.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
}

/// One seeded life of a bus: publishers with outboxes, durable subscribers, lost connections and answers, failing
/// disks, crashes of the broker. Afterwards everything calms down, and the promises are checked.
final class Simulation {
  /// A fault put in on purpose, which the checks must find.
  enum Control: Sendable { case none, acknowledgeBeforeCommit, forgetDuplicates, losePositionsForward }

  private final class Publisher {
    let name: String
    var peer: PeerID?
    var next = 0
    /// Sent or to be sent, not acknowledged; by batch.
    var outbox: [(batch: Int, events: [String])] = []
    var acknowledged: [String] = []
    init(_ name: String) { self.name = name }
  }

  private final class Subscriber {
    let name: String
    let types: [String]
    var peer: PeerID?
    var processed: Set<UInt64> = []
    init(_ name: String, _ types: [String]) {
      self.name = name
      self.types = types
    }
  }

  private let bus: Bench
  private var random: SeededGenerator
  private let control: Control
  private let publishers = [Publisher("a"), Publisher("b"), Publisher("c")]
  private let subscribers = [
    Subscriber("x", ["t.one"]), Subscriber("y", ["t.*"]), Subscriber("z", [">"]),
  ]
  private var faults = true
  private(set) var violations: [String] = []

  init(seed: UInt64, control: Control = .none) {
    random = SeededGenerator(seed: seed)
    self.control = control
    var options = BrokerOptions()
    options.tailBytes = [1, 200, 10_000].randomElement(using: &random)!
    options.limits.batchEvents = Int.random(in: 2...20, using: &random)
    bus = Bench(options)
  }

  func run(steps: Int = 150) -> [String] {
    for _ in 0..<steps { step() }
    faults = false
    settle()
    check()
    return violations
  }

  // MARK: Steps

  private func step() {
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<30: publish(publishers.randomElement(using: &random)!)
    case 30..<50: bus.commit()
    case 50..<55: bus.seal()
    case 55..<75: process(subscribers.randomElement(using: &random)!)
    case 75..<85: bus.tick(milliseconds: Int.random(in: 1...2_000, using: &random))
    case 85..<88: bus.keepPositions()
    case 88..<92: publishers.randomElement(using: &random)!.peer = nil
    case 92..<95: subscribers.randomElement(using: &random)!.peer = nil
    case 95..<97: bus.failCommit()
    default: crash()
    }
    for publisher in publishers { collect(publisher) }
  }

  private func crash() {
    bus.restart()
    if control == .losePositionsForward { bus.skipPositionsToTheEnd() }
    if control == .forgetDuplicates { bus.forgetDuplicates() }
    for publisher in publishers { publisher.peer = nil }
    for subscriber in subscribers { subscriber.peer = nil }
  }

  private func publish(_ publisher: Publisher) {
    connect(publisher)
    guard let peer = publisher.peer, publisher.outbox.count < 8 else { return }
    let events = (0..<Int.random(in: 1...2, using: &random)).map { _ in
      publisher.next += 1
      let type = random.chance(30) ? "t.two" : "t.one"
      return "\(publisher.name)\(publisher.next):\(type)@//jp.test/\(publisher.name)"
    }
    let batch = publisher.next
    publisher.outbox.append((batch, events))
    // A frame may be lost with its connection.
    if faults, random.chance(5) {
      publisher.peer = nil
    } else {
      bus.publish(peer, batch: batch, events)
      if control == .acknowledgeBeforeCommit { acknowledge(publisher, batch) }
    }
  }

  private func connect(_ publisher: Publisher) {
    guard publisher.peer == nil else { return }
    let peer = bus.join(publisher.name)
    publisher.peer = peer
    for (batch, events) in publisher.outbox { bus.publish(peer, batch: batch, events) }
  }

  private func collect(_ publisher: Publisher) {
    guard let peer = publisher.peer else { return }
    // An answer may be lost with its connection.
    if faults, random.chance(3) {
      publisher.peer = nil
      return
    }
    for published in bus.published(to: peer) {
      guard published.refused.isEmpty else {
        violations.append("\(publisher.name) was refused \(published.refused)")
        continue
      }
      acknowledge(publisher, published.batch)
    }
    // The disk was full: the same batches again, in order.
    if !bus.errors(to: peer).isEmpty { publisher.peer = nil }
  }

  private func acknowledge(_ publisher: Publisher, _ batch: Int) {
    guard let place = publisher.outbox.firstIndex(where: { $0.batch == batch }) else { return }
    publisher.acknowledged += publisher.outbox.remove(at: place).events
  }

  private func process(_ subscriber: Subscriber) {
    let identity = subscriber.name
    if subscriber.peer == nil {
      let peer = bus.join(identity)
      subscriber.peer = peer
      bus.subscribe(
        peer, types: subscriber.types, from: .earliest, name: "work", credit: Int.random(in: 1...30, using: &random),
        ackWait: 1_000, maxAttempts: 1_000)
    }
    guard let peer = subscriber.peer else { return }
    let sequences = bus.deliveredSequences(to: peer)
    _ = bus.delivered(to: peer)
    guard !sequences.isEmpty || !faults else { return }
    for sequence in sequences {
      if faults, random.chance(5) {
        send(peer, identity, .nack(Nack(subscription: 1, sequences: [sequence], delay: 100)))
      } else if faults, random.chance(5) {
        continue  // forgotten; its time will run out
      } else {
        subscriber.processed.insert(sequence)
        send(peer, identity, .ack(Ack(subscription: 1, also: [sequence])))
      }
    }
    send(peer, identity, .credit(Credit(subscription: 1, events: max(sequences.count, 1), bytes: 1 << 16)))
    // The broker may have taken it for gone: then it begins anew.
    if !bus.errors(to: peer).isEmpty { subscriber.peer = nil }
  }

  private func send(_ peer: PeerID, _ identity: String, _ command: ClientCommand) {
    bus.send(peer, user: "key-\(identity)", command)
  }

  /// No faults any more: everybody connects, sends what is left, and works until nothing is left to do.
  private func settle() {
    for round in 0..<400 {
      for publisher in publishers {
        connect(publisher)
        collect(publisher)
      }
      bus.commit()
      for publisher in publishers { collect(publisher) }
      for subscriber in subscribers { process(subscriber) }
      bus.tick(milliseconds: 1_100)
      bus.commit()
      let isDone =
        publishers.allSatisfy(\.outbox.isEmpty) && !bus.broker.wantsCommit
        && bus.broker.subscriptionReports.allSatisfy { $0.lag == 0 && $0.pending == 0 }
      if isDone, round > 2 { return }
    }
    violations.append("the bus does not come to rest: \(bus.broker.subscriptionReports)")
  }

  // MARK: Promises

  private func check() {
    let sequences = bus.journal.map(\.stamp.sequence)
    if sequences != (0..<UInt64(sequences.count)).map({ $0 + 1 }) { violations.append("the sequences have gaps") }
    let texts = bus.journal.filter { $0.type.hasPrefix("t.") }.map { String(decoding: $0.bytes, as: UTF8.self) }
    let places = Dictionary(texts.enumerated().map { ($1, $0) }) { first, _ in first }
    if places.count != texts.count { violations.append("an event is in the journal twice") }
    for publisher in publishers {
      for event in publisher.acknowledged where places[event] == nil {
        violations.append("\(event) was acknowledged and is not in the journal")
      }
      let own = texts.filter { $0.hasSuffix("@//jp.test/\(publisher.name)") }
      let numbers = own.compactMap { Int($0.dropFirst().prefix { $0 != ":" }) }
      if numbers != numbers.sorted() { violations.append("\(publisher.name)'s events are out of order: \(numbers)") }
    }
    for report in bus.broker.subscriptionReports
    where report.matched != report.acked + UInt64(report.pending) + report.quarantined {
      violations.append("the ledger does not balance: \(report)")
    }
    for subscriber in subscribers {
      let patterns = subscriber.types.compactMap { TypePattern($0) }
      for record in bus.journal where patterns.contains(where: { $0.matches(record.type) }) {
        if !subscriber.processed.contains(record.stamp.sequence) {
          violations.append("\(subscriber.name) never processed \(record.stamp.sequence)")
        }
      }
    }
  }
}
