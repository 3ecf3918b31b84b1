import CasusEvents
import CasusWire
import SeededRandom

@testable import CasusCore

extension SeededGenerator {
  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
}

/// One seeded life of a bus: publishers with outboxes; durable and ephemeral subscribers, a group, every overload policy;
/// lost, late and forgotten frames, failing disks, events that cannot be staged, positions that did not reach the disk, clocks
/// that are set, retention, a registry that changes, plugins that keep to no rule, crashes of the broker. Afterwards
/// everything calms down, and the promises are checked.
final class Simulation {
  /// A fault put in on purpose, which the checks must find.
  enum Control: Sendable {
    case none, acknowledgeBeforeCommit, forgetDuplicates, losePositionsForward, lyingDisk, forgetAttempts,
      acknowledgeRefused, forgetConsequences, keepRevoked, forgetOutbox, acknowledgeUnread
  }

  let bus: Bench
  var random: SeededGenerator
  let control: Control
  let publishers = ["a", "b", "c"].map { SimulatedPublisher($0) }
  let subscribers: [SimulatedSubscriber]
  /// One with the SDK's own session.
  let plugin = SimulatedPlugin()
  let villains = ["evil", "wicked"].map { SimulatedVillain($0) }
  var faults = true
  /// The stage has no room for what the bus tells of itself.
  var refusesBus = false
  var violations: [String] = []
  /// Frames under way, by connection; each connection keeps its order.
  private var mail: [PeerID: [() -> Void]] = [:]
  /// Which connection is whose.
  var owners: [PeerID: SimulatedSubscriber] = [:]
  /// Who of the group has an event, and until when.
  var groupHolders: [UInt64: (peer: PeerID, until: Int64)] = [:]
  /// How often y was sent each event.
  var tries = SimulatedTries()

  init(seed: UInt64, control: Control = .none) {
    random = SeededGenerator(seed: seed)
    self.control = control
    var options = BrokerOptions()
    options.limits.tailBytes = [1, 200, 10_000].randomElement(using: &random)!
    options.turnBytes = [1, 100, 1 << 20].randomElement(using: &random)!
    options.busyCommitBytes = [1, 500, 1 << 20].randomElement(using: &random)!
    options.leastHistoryBytes = [100, 1_000].randomElement(using: &random)!
    options.limits.batchEvents = Int.random(in: 2...20, using: &random)
    options.limits.pendingEvents = [5, 1_000].randomElement(using: &random)!
    options.dedupEvents = 4_096
    bus = Bench(options)
    let dropping = Overload(.dropOldest, events: Int.random(in: 2...20, using: &random))
    let leaving = Overload(.disconnect, events: Int.random(in: 3...20, using: &random))
    subscribers = [
      SimulatedSubscriber("x", ["t.one"]),
      SimulatedSubscriber("y", ["t.*"], maxAttempts: 3, backoff: [0, 50, 300], hasPoison: true),
      SimulatedSubscriber("z", [">"]),
      SimulatedSubscriber("d", ["t.*"], overload: dropping),
      SimulatedSubscriber("q", ["t.one"], overload: leaving),
      SimulatedSubscriber("e", ["t.*"], isDurable: false, overload: dropping),
      SimulatedSubscriber("g1", ["t.*"], group: "workers"),
      SimulatedSubscriber("g2", ["t.*"], group: "workers"),
      SimulatedSubscriber("g3", ["t.*"], group: "workers", clearance: .amber),
    ]
    for subscriber in subscribers { register(subscriber) }
    for villain in villains { _ = bus.connect(villain.name, subscribe: ["t.>"]) }
    bus.takesFrame = { [plugin] peer, frame in
      guard peer == plugin.peer else { return false }
      plugin.arrived(frame, on: peer)
      return true
    }
    bus.stageFaults.refuses = { [unowned self] in $0.contains("^full") || refusesBus && $0.contains("casus.bus.") }
    bus.onDelivery = { [unowned self] peer, records in delivered(records, to: peer) }
    bus.onPosition = { [unowned self] in if $0.identity == "jp.test/y" { tries.positionChanged() } }
    bus.onPositionsKept = { [unowned self] in tries.positionsKept() }
  }

  private func register(_ subscriber: SimulatedSubscriber) {
    _ = bus.connect(
      subscriber.name, clearance: subscriber.clearance, groups: subscriber.group.map { [$0] } ?? [])
  }

  func run(steps: Int = 100) -> [String] {
    for number in 0..<steps {
      step()
      if number % 10 == 0 {
        checkLedger()
        checkBounds()
      }
      if !violations.isEmpty { return violations }
    }
    faults = false
    settle()
    check()
    return violations
  }

  // MARK: Steps

  private func step() {
    switch Int.random(in: 0..<1_000, using: &random) {
    case 0..<200: publish(publishers.randomElement(using: &random)!)
    case 200..<240: offend(villains.randomElement(using: &random)!)
    case 240..<400: bus.commit()
    case 400..<450: bus.seal()
    case 450..<680: process(subscribers.randomElement(using: &random)!)
    case 680..<780: bus.tick(milliseconds: Int.random(in: 1...2_000, using: &random))
    case 780..<810: bus.keepPositions()
    case 810..<840: publishers.randomElement(using: &random)!.peer = nil
    case 840..<860: subscribers.randomElement(using: &random)!.peer = nil
    case 860..<880: leave(subscribers.randomElement(using: &random)!)
    case 880..<900: bus.failCommit()
    case 900..<910: bus.stepWall(seconds: Int.random(in: -3_600...3_600, using: &random))
    case 910..<930: prune()
    case 930..<935: cut(subscribers[0])
    case 935..<945: bus.refusesPositions.toggle()
    case 945..<960: askQuarantine()
    case 960..<970: holdUp(subscribers.randomElement(using: &random)!)
    case 970..<978: reload()
    case 978..<982: refusesBus.toggle()
    default: crash()
    }
    if random.chance(30) { drive(plugin) }
    deliverMail()
    for publisher in publishers { collect(publisher) }
  }

  /// What is sent arrives at once, later, or, when the connection is gone for the broker, never.
  func send(_ peer: PeerID, _ name: String, _ action: @escaping () -> Void) {
    if mail[peer]?.isEmpty == false || faults && random.chance(8) {
      mail[peer, default: []].append(action)
    } else {
      action()
    }
  }

  /// A connection breaks: what was under way still arrives, or none of it.
  func drop(_ peer: PeerID) {
    let rest = mail.removeValue(forKey: peer) ?? []
    if random.chance(50) { for action in rest { action() } }
  }

  private func deliverMail() {
    for peer in mail.keys.sorted(by: { $0.word < $1.word }) where !faults || random.chance(30) {
      while let action = mail[peer]?.first {
        mail[peer]?.removeFirst()
        action()
        if faults, random.chance(30) { break }
      }
      if mail[peer]?.isEmpty == true { mail[peer] = nil }
    }
  }

  private func crash() {
    mail = [:]
    for villain in villains { villain.peer = nil }
    groupHolders = [:]
    if control == .lyingDisk { bus.loseEnd(Int.random(in: 1...10, using: &random)) }
    bus.restart(
      steady: Int64.random(in: 0...1 << 40, using: &random), remembersEvents: control != .forgetDuplicates)
    if control == .losePositionsForward { bus.skipPositionsToTheEnd() }
    if control == .forgetAttempts { bus.forgetAttempts() }
    tries.brokerRestarted()
    for publisher in publishers { publisher.peer = nil }
    for subscriber in subscribers { subscriber.peer = nil }
    plugin.disconnect("the broker ended", random: 0.5)
    plugin.pass(to: bus.steady, isNewStart: true)
    if control == .forgetOutbox { plugin.forgetOutbox() }
  }

  /// Retention, as long as nobody may still send what it takes.
  private func prune() {
    // What counts is what a crash would leave.
    bus.tick(milliseconds: 1)
    bus.keepPositions()
    var first = bus.broker.neededFrom
    for record in bus.journal
    where plugin.isWaiting(for: record) || publishers.contains(where: { $0.isWaiting(for: record) }) {
      first = min(first, record.stamp.sequence)
    }
    for need in bus.broker.needs.values { first = min(first, need) }
    guard first > bus.firstKept else { return }
    bus.prune(to: UInt64.random(in: bus.firstKept...first, using: &random))
  }

  /// Retention that goes on without a subscription.
  private func cut(_ subscriber: SimulatedSubscriber) {
    guard let end = bus.journal.last?.stamp.sequence, end > bus.firstKept, let owner = subscriber.owner else { return }
    let cut = UInt64.random(in: bus.firstKept...end, using: &random)
    bus.cut(owner, before: cut)
    for sequence in bus.firstKept..<cut { subscriber.excused.insert(sequence) }
    // A crash before the position is on disk takes the cut back.
    bus.tick(milliseconds: 1)
    bus.keepPositions()
  }

  private func askQuarantine() {
    let person = bus.join("person", roles: [.operator])
    let action = random.chance(70) ? "retry" : "drop"
    if let state = bus.broker.subscriptions.all.first(where: { $0.identity == "jp.test/y" }) {
      let quarantined = state.quarantine.events.map(\.sequence)
      if action == "drop" { subscribers[1].excused.formUnion(quarantined) } else { tries.beginAnew(quarantined) }
    }
    bus.send(
      person, user: "key-person",
      .request(Request(id: 1, what: "quarantine", parameters: ["action": action, "plugin": "jp.test/y"])))
    let limit = String(Int.random(in: 1...20, using: &random))
    bus.send(
      person, user: "key-person",
      .request(Request(id: 2, what: "quarantine", parameters: ["action": action, "limit": limit])))
  }

  private func holdUp(_ subscriber: SimulatedSubscriber) {
    guard let peer = subscriber.peer else { return }
    if subscriber.isHeldUp { bus.goOn(peer) } else { bus.broker.holdUp(peer) }
    subscriber.isHeldUp.toggle()
  }

  /// No faults any more: everybody connects, sends what is left, and works until nothing is left to do.
  private func settle() {
    bus.refusesPositions = false
    refusesBus = false
    for round in 0..<400 {
      deliverMail()
      for subscriber in subscribers where subscriber.isHeldUp { holdUp(subscriber) }
      for publisher in publishers {
        connect(publisher)
        collect(publisher)
      }
      bus.commit()
      for publisher in publishers { collect(publisher) }
      for subscriber in subscribers { process(subscriber) }
      calm(plugin)
      bus.tick(milliseconds: 1_100)
      bus.commit()
      let isDone =
        publishers.allSatisfy(\.outbox.isEmpty) && plugin.isAtRest && !bus.wantsCommit
        && subscribers.allSatisfy { $0.peer != nil }
        && bus.broker.subscriptionReports.allSatisfy { report in
          report.lag == 0 && report.pending == 0 || villains.contains { $0.identity == report.identity }
        }
      if isDone, round > 2 { return }
    }
    violations.append("the bus does not come to rest: \(bus.broker.subscriptionReports); the SDK's \(plugin)")
  }
}
