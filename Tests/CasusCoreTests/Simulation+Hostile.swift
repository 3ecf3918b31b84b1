import CasusEvents
import CasusWire

@testable import CasusCore

/// A plugin that keeps to no rule. It may publish and subscribe, and tries to make the bus write, hold or lose as much as it can.
final class SimulatedVillain {
  let name: String
  var peer: PeerID?
  /// Numbers of its subscriptions that may be there.
  var numbers: Set<Int> = []
  var next = 0
  init(_ name: String) { self.name = name }

  var identity: String { "jp.test/\(name)" }
}

extension Simulation {
  func offend(_ villain: SimulatedVillain) {
    let peer = villain.peer ?? bus.join(villain.name)
    villain.peer = peer
    if control == .forgetConsequences { bus.forgetConsequences() }
    switch Int.random(in: 0..<8, using: &random) {
    case 0: sayRubbish(villain, peer)
    case 1: sayAlmostSomething(villain, peer)
    case 2: subscribeAndForget(villain, peer)
    case 3, 4: refuseEverything(villain, peer)
    case 5: flood(villain, peer)
    case 6:
      for _ in 0..<Int.random(in: 1...20, using: &random) { tell(villain, peer, Self.hello(villain)) }
      villain.numbers = []
    default:
      bus.lose(peer)
      villain.peer = nil
      villain.numbers = []
    }
    // Cut off, or its hello was refused: it comes again.
    if bus.errors(to: peer).contains(where: \.fatal) || !bus.isLive(peer) {
      villain.peer = nil
      villain.numbers = []
    }
  }

  private static func hello(_ villain: SimulatedVillain) -> ClientCommand {
    .hello(Hello(identity: villain.identity, program: "p", version: "1"))
  }

  private func tell(_ villain: SimulatedVillain, _ peer: PeerID, _ command: ClientCommand, batch: [UInt8]? = nil) {
    bus.send(peer, user: "key-\(villain.name)", command, batch: batch)
  }

  private func sayRubbish(_ villain: SimulatedVillain, _ peer: PeerID) {
    for _ in 0..<Int.random(in: 1...10, using: &random) {
      let bytes = (0..<Int.random(in: 0...80, using: &random)).map { _ in
        UInt8.random(in: .min ... .max, using: &random)
      }
      bus.sendBytes(peer, user: "key-\(villain.name)", bytes, batch: random.chance(20) ? bytes : nil)
    }
  }

  /// A good command with a few bytes changed, or its end cut off.
  private func sayAlmostSomething(_ villain: SimulatedVillain, _ peer: PeerID) {
    let number = Int.random(in: 1...6, using: &random)
    let commands: [ClientCommand] = [
      .ack(Ack(subscription: number, through: .random(in: 0...100, using: &random), also: [1, 2, .max])),
      .nack(Nack(subscription: number, sequences: [0, 1, .max], delay: 0, reason: "no")),
      .credit(Credit(subscription: number, events: .max >> 33, bytes: .max >> 33)), .bye(Bye()),
      .publish(Publish(batch: number, count: number)), .unsubscribe(Unsubscribe(subscription: number, forget: true)),
      .subscribe(Subscribe(subscription: number, types: ["t.*"], name: "w\(number)", creditEvents: 9, creditBytes: 99)),
    ]
    var bytes = commands.randomElement(using: &random)!.encoded()
    for _ in 0..<Int.random(in: 0...3, using: &random) {
      bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0x20...0x7e, using: &random)
    }
    if random.chance(20) { bytes.removeLast(Int.random(in: 0...bytes.count, using: &random)) }
    let batch = random.chance(30) ? (0..<40).map { _ in UInt8.random(in: 0...7, using: &random) } : nil
    bus.sendBytes(peer, user: "key-\(villain.name)", bytes, batch: batch)
    for number in 1...6 { villain.numbers.insert(number) }
  }

  private func subscribeAndForget(_ villain: SimulatedVillain, _ peer: PeerID) {
    for _ in 0..<Int.random(in: 1...10, using: &random) {
      let number = Int.random(in: 1...6, using: &random)
      let name = random.chance(70) ? "w\(Int.random(in: 1...8, using: &random))" : nil
      bus.subscribe(
        peer, number: number, types: ["t.*"], from: random.chance(50) ? .earliest : .latest, name: name,
        credit: Int.random(in: 0...60, using: &random), ackWait: 500,
        maxAttempts: Int.random(in: 1...2, using: &random),
        overload: random.chance(30) ? Overload(.dropOldest, events: 1) : Overload())
      villain.numbers.insert(number)
      if random.chance(50) {
        tell(villain, peer, .unsubscribe(Unsubscribe(subscription: number, forget: random.chance(60))))
      }
    }
  }

  private func refuseEverything(_ villain: SimulatedVillain, _ peer: PeerID) {
    if villain.numbers.isEmpty { subscribeAndForget(villain, peer) }
    let sequences = bus.take(deliveriesTo: peer).map(\.stamp.sequence)
    for number in villain.numbers.sorted() {
      tell(villain, peer, .nack(Nack(subscription: number, sequences: sequences, delay: 0, reason: "never")))
      tell(villain, peer, .ack(Ack(subscription: number, through: .max)))
      tell(villain, peer, .credit(Credit(subscription: number, events: 100, bytes: 1 << 16)))
    }
  }

  private func flood(_ villain: SimulatedVillain, _ peer: PeerID) {
    let count = Int.random(in: 1...60, using: &random)
    switch Int.random(in: 0..<3, using: &random) {
    case 0: bus.publish(peer, batch: 1, (0..<min(count, bus.mostBatchEvents)).map { "!\($0)" })
    case 1: for _ in 0..<count { tell(villain, peer, .request(Request(id: 1, what: "ledger"))) }
    default:
      villain.next += 1
      bus.publish(peer, batch: villain.next, ["\(villain.name)\(villain.next):t.one@//\(villain.identity)"])
    }
  }

  // MARK: What must hold all the same

  /// No identity is over its bounds, and the counts of what is kept are those of what is there.
  func checkBounds() {
    var quarantined: [String: Int] = [:]
    for state in bus.broker.subscriptions.all {
      quarantined[state.identity, default: 0] += state.quarantine.count
      // A person may give more than that back out of quarantine.
      let isTried = state.maxAttempts < 1_000
      if state.isDurable, !isTried, state.pending.sentCount > bus.broker.options.limits.pendingEvents {
        violations.append("\(state.identity) has \(state.pending.sentCount) events")
      }
    }
    for villain in villains {
      let durable = bus.broker.subscriptions.all.filter { $0.isDurable && $0.identity == villain.identity }.count
      if durable > bus.broker.options.limits.subscriptions {
        violations.append("\(villain.name) has \(durable) positions")
      }
      for (type, acts) in Self.told {
        let most = acts.reduce(0) { $0 + bus.most($1) }
        let count = bus.told(type, of: villain.identity)
        if count > most { violations.append("\(count) events of \(type) tell of \(villain.name); \(most) may") }
      }
    }
    for identity in Set(quarantined.keys).union(villains.map(\.identity)) {
      let counted = bus.quarantined(of: identity)
      if counted != quarantined[identity] ?? 0 || counted > Act.mostQuarantined {
        violations.append("\(counted) of \(identity)'s \(quarantined[identity] ?? 0) quarantined events are counted")
      }
    }
  }

  private static let told: [(String, [Act])] = [
    ("casus.bus.quarantined.v1", [.quarantine]), ("casus.bus.lagging.v1", [.lag]),
    ("casus.bus.refused.v1", [.event, .message]), ("casus.bus.joined.v1", [.session]),
  ]

  // MARK: The registry

  /// The registry is read again; or somebody's key is taken out of it, and comes back.
  func reload() {
    let names = publishers.map(\.name) + subscribers.filter { $0.group == nil }.map(\.name) + villains.map(\.name)
    guard random.chance(70), let name = names.randomElement(using: &random) else {
      bus.readRegistry()
      return
    }
    guard let entry = bus.withdraw(name, unnoticed: control == .keepRevoked) else { return }
    if bus.hasSession("jp.test/\(name)") { violations.append("\(name) has a session without a key") }
    bus.enter(entry)
  }
}
