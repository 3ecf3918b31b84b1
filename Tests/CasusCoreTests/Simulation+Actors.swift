import CasusEvents
import CasusWire

@testable import CasusCore

final class SimulatedPublisher {
  let name: String
  var peer: PeerID?
  var next = 0
  /// Sent or to be sent, not acknowledged; by batch.
  var outbox: [(batch: Int, events: [String])] = []
  var acknowledged: [String] = []
  init(_ name: String) { self.name = name }

  func isWaiting(for record: BenchRecord) -> Bool {
    guard record.sender == "jp.test/\(name)" else { return false }
    let text = String(decoding: record.bytes, as: UTF8.self)
    return outbox.contains { $0.events.contains(text) }
  }
}

final class SimulatedSubscriber {
  let name: String
  let types: [String]
  let isDurable: Bool
  let group: String?
  let clearance: TLP
  let overload: Overload
  let maxAttempts: Int
  let backoff: [Int]
  /// Some events it can never process.
  let hasPoison: Bool

  var peer: PeerID?
  var processed: Set<UInt64> = []
  /// Taken from it on purpose.
  var excused: Set<UInt64> = []
  /// Where its durable subscription began.
  var start: UInt64 = 1
  /// This session was sent something that it will not acknowledge.
  var hasHoles = false
  var isHeldUp = false
  /// The newest event that this session was sent for the first time.
  var newest: UInt64 = 0
  /// Of the session: where it began, what it was sent, and what it was told to be passed over.
  var began: UInt64?
  var received = 0
  var told = 0
  var isUncertain = false

  init(
    _ name: String, _ types: [String], isDurable: Bool = true, group: String? = nil, clearance: TLP = .red,
    overload: Overload = Overload(), maxAttempts: Int = 1_000, backoff: [Int] = [0], hasPoison: Bool = false
  ) {
    self.name = name
    self.types = types
    self.isDurable = isDurable
    self.group = group
    self.clearance = clearance
    self.overload = overload
    self.maxAttempts = maxAttempts
    self.backoff = backoff
    self.hasPoison = hasPoison
  }

  /// Whose the books are.
  var identity: String { group.map { "jp.test/~\($0)" } ?? "jp.test/\(name)" }

  var owner: SubscriptionOwner? { isDurable ? SubscriptionOwner(identity: identity, name: group ?? "work") : nil }
}

extension Simulation {
  func publish(_ publisher: SimulatedPublisher) {
    connect(publisher)
    guard let peer = publisher.peer, publisher.outbox.count < 8 else { return }
    let events = (0..<Int.random(in: 1...2, using: &random)).map { _ in
      publisher.next += 1
      let type = random.chance(30) ? "t.two" : "t.one"
      let mark = random.chance(10) ? "^red" : random.chance(4) ? "^full" : ""
      return "\(publisher.name)\(publisher.next)\(mark):\(type)@//jp.test/\(publisher.name)"
    }
    let batch = publisher.next
    publisher.outbox.append((batch, events))
    // A frame may be lost with its connection.
    if faults, random.chance(5) {
      publisher.peer = nil
    } else {
      send(peer, publisher.name) { [bus] in bus.publish(peer, batch: batch, events) }
      if control == .acknowledgeBeforeCommit { acknowledge(publisher, batch) }
    }
  }

  func connect(_ publisher: SimulatedPublisher) {
    guard publisher.peer == nil else { return }
    let peer = bus.join(publisher.name)
    publisher.peer = peer
    for (batch, events) in publisher.outbox { bus.publish(peer, batch: batch, events) }
  }

  func collect(_ publisher: SimulatedPublisher) {
    guard let peer = publisher.peer else { return }
    // An answer may be lost with its connection.
    if faults, random.chance(3) {
      publisher.peer = nil
      return
    }
    for published in bus.published(to: peer) {
      acknowledge(publisher, published)
    }
    // The disk was full: the same batches again, in order.
    if !bus.errors(to: peer).isEmpty { publisher.peer = nil }
  }

  private func acknowledge(_ publisher: SimulatedPublisher, _ batch: Int) {
    guard let place = publisher.outbox.firstIndex(where: { $0.batch == batch }) else { return }
    publisher.acknowledged += publisher.outbox.remove(at: place).events
  }

  /// What cannot be staged is refused by itself, and nothing else of its batch.
  private func acknowledge(_ publisher: SimulatedPublisher, _ published: Published) {
    guard let place = publisher.outbox.firstIndex(where: { $0.batch == published.batch }) else { return }
    let events = publisher.outbox.remove(at: place).events
    let refused = Set(published.refused.filter { $0.error.code == .notStaged }.map(\.index))
    let wanted = events.indices.filter { events[$0].contains("^full") }
    if refused.sorted() != wanted || published.refused.count != wanted.count {
      violations.append("\(publisher.name) was refused \(published.refused) of \(events)")
    }
    for (index, event) in events.enumerated() where control == .acknowledgeRefused || !refused.contains(index) {
      publisher.acknowledged.append(event)
    }
  }

  private func join(_ subscriber: SimulatedSubscriber) -> PeerID {
    let peer = bus.join(subscriber.name)
    subscriber.peer = peer
    subscriber.hasHoles = false
    subscriber.isHeldUp = false
    subscriber.newest = 0
    subscriber.began = nil
    subscriber.received = 0
    subscriber.told = 0
    subscriber.isUncertain = false
    owners[peer] = subscriber
    if let owner = subscriber.owner, bus.broker.subscriptions.durable(owner.identity, owner.name) == nil {
      // Retention may have taken what was before.
      subscriber.start = bus.firstKept
    }
    bus.subscribe(
      peer, types: subscriber.types, from: subscriber.isDurable ? .earliest : .latest,
      name: subscriber.isDurable && subscriber.group == nil ? "work" : nil, group: subscriber.group,
      credit: Int.random(in: 1...30, using: &random), ackWait: 1_000, maxAttempts: subscriber.maxAttempts,
      backoff: subscriber.backoff, overload: subscriber.overload)
    return peer
  }

  /// A subscriber reads what has come, and says what became of it.
  func process(_ subscriber: SimulatedSubscriber) {
    let peer = subscriber.peer ?? join(subscriber)
    for reply in bus.take(peer, { if case .subscribed(let subscribed) = $0 { subscribed } else { nil } }) {
      subscriber.began = reply.next
    }
    for dropped in bus.drops(to: peer) {
      subscriber.told += dropped.count
      if dropped.count == 0 { subscriber.isUncertain = true }
    }
    let records = bus.take(deliveriesTo: peer)
    subscriber.received += records.count
    // The broker may have taken it for gone, or for too slow: then it begins anew.
    guard bus.errors(to: peer).isEmpty else {
      subscriber.peer = nil
      return
    }
    if subscriber.isDurable { answer(records, subscriber, peer) }
    guard !records.isEmpty || !faults else { return }
    // In the calm a long backlog must not take as many rounds as it has events.
    let more = faults ? 0 : 10
    say(subscriber, peer, .credit(Credit(subscription: 1, events: records.count + more, bytes: 1 << 16)))
  }

  private func answer(_ records: [BenchRecord], _ subscriber: SimulatedSubscriber, _ peer: PeerID) {
    var done: [UInt64] = []
    var firsts: [UInt64] = []
    var last: UInt64?
    for record in records {
      let sequence = record.stamp.sequence
      if subscriber.hasPoison && sequence % 8 == 5 || faults && random.chance(5) {
        subscriber.hasHoles = true
        groupHolders[sequence] = nil
        let delay = random.chance(50) ? 100 : nil
        say(subscriber, peer, .nack(Nack(subscription: 1, sequences: [sequence], delay: delay)))
      } else if faults, random.chance(5) {
        subscriber.hasHoles = true  // forgotten; its time will run out
      } else {
        subscriber.processed.insert(sequence)
        groupHolders[sequence] = nil
        if record.isAgain {
          done.append(sequence)
        } else {
          firsts.append(sequence)
          last = sequence
        }
      }
    }
    if !subscriber.hasHoles, let last, random.chance(50) {
      say(subscriber, peer, .ack(Ack(subscription: 1, through: last, also: done)))
    } else if !(done + firsts).isEmpty {
      done += firsts
      say(subscriber, peer, .ack(Ack(subscription: 1, also: done)))
    }
  }

  private func say(_ subscriber: SimulatedSubscriber, _ peer: PeerID, _ command: ClientCommand) {
    send(peer, subscriber.name) { [self] in
      // A late one may mean a later delivery of the same event.
      if case .nack(let nack) = command { for sequence in nack.sequences { groupHolders[sequence] = nil } }
      bus.send(peer, user: "key-\(subscriber.name)", command)
    }
  }

  /// It ends its session in good order, or only the subscription.
  func leave(_ subscriber: SimulatedSubscriber) {
    guard let peer = subscriber.peer else { return }
    for (sequence, holder) in groupHolders where holder.peer == peer { groupHolders[sequence] = nil }
    if subscriber.name == "y" { tries.leftInGoodOrder() }
    if random.chance(50) {
      bus.send(peer, user: "key-\(subscriber.name)", .bye(Bye()))
    } else {
      bus.send(peer, user: "key-\(subscriber.name)", .unsubscribe(Unsubscribe(subscription: 1)))
    }
    subscriber.peer = nil
  }
}
