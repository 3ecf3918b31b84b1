import CasusEvents
import CasusWire
import Foundation
import TestSupport
import Testing

@testable import CasusCore

/// The table of what plugins can cause: each line has a price, a bound and a form in which the rest is told, and is driven ten
/// thousand times by one identity, over 64 subscriptions where it has to do with these.
@Suite struct TableOfConsequences {
  private static let times = 10_000
  private static let subscriptions = 64

  @Test(arguments: Act.allCases) func `every line has a price a bound and a form for the rest`(act: Act) {
    let terms = act.terms
    #expect((terms.points > 0) == !Self.isNobodys(act) && !terms.text.isEmpty)
    #expect((0...50).contains(terms.burst) && (0...10).contains(terms.perSecond))
    // What is told can be told too often; what is not told is bounded by its price alone.
    #expect((terms.burst > 0) == (terms.perSecond > 0))
    #expect((terms.burst > 0) == (terms.rest != .cutOff))
  }

  @Test(arguments: Act.allCases) func `every line stands in architecture`(act: Act) throws {
    let page = try String(contentsOf: Checkout.root.appending(path: "ARCHITECTURE.md"), encoding: .utf8)
    let terms = act.terms
    let events = terms.burst > 0 ? " \(terms.burst), \(terms.perSecond) " : " "
    let rest =
      switch terms.rest {
      case .cutOff: "told with the cut-off"
      case .together: "told together"
      case .refused(let code): "refused as `\(code.name)`"
      case .newest: "told as things stand then"
      }
    #expect(page.contains("| \(terms.text) | \(terms.points) |\(events)| \(rest) |"))
  }

  /// The clock and the registry are no plugin's.
  private static func isNobodys(_ act: Act) -> Bool { act == .clock || act == .registry }

  @Test(arguments: Act.allCases.filter { !isNobodys($0) }) func `who does nothing else is cut off`(act: Act) {
    var options = BrokerOptions()
    options.limits.faultsPerSecond = 10
    options.limits.faultsAtOnce = 3_000
    options.heartbeat = 600_000
    let scene = Scene(options)
    scene.drive(act, times: 3_000)
    #expect(scene.bus.shut == ["key-evil"])
    #expect(scene.bus.ledgerBalances)
  }

  @Test(arguments: Act.allCases) func `one identity makes the bus write no more than the bound`(act: Act) throws {
    let scene = Scene(Self.rich)
    let bus = scene.bus
    let begun = bus.steady
    scene.drive(act, times: Self.times)
    let seconds = Int((bus.steady - begun) / 1_000_000_000) + 1
    let terms = act.terms
    // A session is told when it begins and when it ends.
    let most = (terms.burst + terms.perSecond * seconds) * (act == .session ? 2 : 1)
    bus.commit()
    #expect(scene.events(of: act).count <= most, "\(scene.events(of: act).count)")
    #expect(terms.burst == 0 || scene.events(of: act).count >= terms.burst)
    #expect(scene.others(than: act) <= 2 * Self.subscriptions)
    // The rest is told within a second for each of the subscriptions, and then nothing is left.
    for _ in 0..<100 { bus.tick(milliseconds: 100) }
    bus.commit()
    switch terms.rest {
    case .together:
      #expect(try scene.counted(act) == Self.times)
      #expect(scene.events(of: act).count <= most + Self.subscriptions)
    case .newest: #expect(scene.events(of: act).count <= most + Self.subscriptions)
    case .cutOff: #expect(scene.events(of: act).isEmpty)
    case .refused(let code):
      let refused = bus.errors(to: scene.evil).filter { $0.error.code == code }.count
      #expect(refused >= Self.times - terms.burst)
    }
    #expect(bus.ledgerBalances)
  }

  /// Nobody is cut off: what bounds the bus's own events is their bound alone.
  static var rich: BrokerOptions {
    var options = BrokerOptions()
    options.limits.faultsAtOnce = 1_000_000_000
    options.limits.faultsPerSecond = 1_000_000
    options.heartbeat = 600_000
    return options
  }

  /// One plugin that does one thing without end.
  final class Scene {
    let bus: Bench
    private let publisher: PeerID
    let evil: PeerID

    init(_ options: BrokerOptions) {
      bus = Bench(options)
      publisher = bus.join("a")
      evil = bus.join("evil", subscribe: ["t.>"])
      bus.commit()
    }

    func drive(_ act: Act, times: Int) {
      switch act {
      case .event:
        for batch in 0..<times / 100 { bus.publish(evil, batch: batch, (0..<100).map { "!\($0)" }) }
      case .validation:
        for batch in 0..<times / 10 {
          bus.publish(evil, batch: batch, (0..<10).map { "\(batch)-\($0)^costly" })
        }
      case .message:
        each(times) { _ in .subscribe(Subscribe(subscription: 1, types: ["u.one"], creditEvents: 1, creditBytes: 1)) }
      case .command: each(times) { _ in .ping(Ping()) }
      case .request: each(times) { .request(Request(id: $0, what: "schemas")) }
      case .session:
        each(times) { _ in .hello(Hello(identity: "jp.test/evil", program: "p", version: "1")) }
      case .subscription:
        for _ in 0..<times {
          bus.subscribe(evil, types: ["t.one"], name: "new", credit: 0)
          say(.unsubscribe(Unsubscribe(subscription: 1, forget: true)))
        }
      case .scan: scan(times)
      case .quarantine: quarantine(times)
      case .lag: lag(times)
      case .retention:
        for number in 0..<subscriptions {
          bus.subscribe(evil, number: number, types: ["t.one"], name: "work-\(number)", credit: 0)
        }
        for number in 0..<times {
          bus.broker.announceHeld(
            SubscriptionOwner(identity: "jp.test/evil", name: "work-\(number % subscriptions)"), 1...7, due: nil,
            at: bus.now)
        }
        bus.tick(milliseconds: 1)
      case .clock:
        for number in 0..<times {
          bus.broker.clockStepped(
            from: Timestamp(nanoseconds: Int64(number)), to: Timestamp(nanoseconds: Int64(number + 1)), at: bus.now)
        }
      case .registry:
        for number in 0..<times {
          let file = "agency-\(number % subscriptions).yaml"
          bus.broker.registryChanged([BusRegistry(file: file, state: .setAside, faults: 1)], at: bus.now)
        }
      case .schema:
        for number in 0..<times {
          let parameters = ["type": "jp.test.probe-\(number % subscriptions).v1", "schema": "{}"]
          say(.request(Request(id: number, what: "schema-add", parameters: parameters)))
          guard let offer = bus.offered.keys.first else { return }
          let digest = SHA256Digest(of: Array("\(number)".utf8))
          bus.answerOffer(
            offer,
            .success([
              Bench.Core.Schema(
                type: parameters["type"]!, edition: "\(number)", digest: digest, previous: nil, size: 2)
            ]))
        }
      }
    }

    /// Left and taken up again with thousands of events that wait.
    private func scan(_ times: Int) {
      bus.subscribe(evil, types: ["t.one"], name: "work", credit: 2_000)
      publish(2_000)
      for _ in 0..<times / 10 {
        say(.unsubscribe(Unsubscribe(subscription: 1)))
        bus.subscribe(evil, types: ["t.one"], name: "work", credit: 0)
        guard bus.shut.isEmpty else { return }
      }
    }

    /// Every event refused by every subscription, in one command for each.
    private func quarantine(_ times: Int) {
      for number in 0..<subscriptions {
        bus.subscribe(
          evil, number: number, types: ["t.one"], name: "work-\(number)", credit: 1_000, maxAttempts: 1)
      }
      let each = times / subscriptions
      let first = publish(each + 1)
      for number in 0..<subscriptions {
        let count = UInt64(number < times % subscriptions ? each + 1 : each)
        say(.nack(Nack(subscription: number, sequences: (0..<count).map { first + $0 })))
      }
    }

    /// New subscriptions again and again, each of which loses events at once.
    private func lag(_ times: Int) {
      for round in 0..<times / subscriptions {
        for number in 0..<subscriptions {
          bus.subscribe(
            evil, number: number, types: ["t.one"], credit: 0, overload: Overload(.dropOldest, events: 1))
        }
        publish(3, batch: round)
        bus.tick(milliseconds: 1)
        for number in 0..<subscriptions { say(.unsubscribe(Unsubscribe(subscription: number))) }
      }
    }

    @discardableResult private func publish(_ count: Int, batch: Int = 0) -> UInt64 {
      let first = bus.broker.intake.nextSequence
      for part in stride(from: 0, to: count, by: 500) {
        bus.publish(publisher, batch: batch + part, (part..<min(count, part + 500)).map { "e\(batch)-\($0)" })
      }
      bus.commit()
      return first
    }

    private func each(_ times: Int, _ command: (Int) -> ClientCommand) {
      for number in 0..<times { say(command(number)) }
    }

    private func say(_ command: ClientCommand) { bus.send(evil, user: "key-evil", command) }

    private func types(of act: Act) -> Set<String> {
      switch act {
      case .event, .message: ["casus.bus.refused.v1"]
      case .session: ["casus.bus.joined.v1", "casus.bus.left.v1"]
      case .quarantine: ["casus.bus.quarantined.v1"]
      case .lag: ["casus.bus.lagging.v1"]
      case .retention: ["casus.bus.retention.v1"]
      case .schema: ["casus.bus.schema.v1"]
      case .clock: ["casus.bus.clock.v1"]
      case .registry: ["casus.bus.registry.v1"]
      case .validation, .command, .request, .subscription, .scan: []
      }
    }

    func events(of act: Act) -> [BenchRecord] {
      bus.journal.dropFirst(2).filter { types(of: act).contains($0.type) }
    }

    /// Events of the bus about something else.
    func others(than act: Act) -> Int {
      bus.journal.dropFirst(2).filter { !$0.type.hasPrefix("t.") && !types(of: act).contains($0.type) }.count
    }

    /// How many the events say that there were.
    func counted(_ act: Act) throws -> Int {
      try events(of: act).reduce(0) { sum, record in
        let event = try RecordedEvent(
          stamp: Stamp(sequence: 1, recorded: Timestamp(nanoseconds: 0), sender: "casus/broker", flags: []),
          bytes: record.bytes)
        switch act {
        case .event, .message: return sum + (try event.data(as: BusRefused.self).count)
        case .quarantine: return sum + (try event.data(as: BusQuarantined.self).count ?? 1)
        case .schema: return sum + (try event.data(as: BusSchema.self).count ?? 1)
        case .registry: return sum + (try event.data(as: BusRegistry.self).count ?? 1)
        // Their numbers are the subscription's, not the events'.
        case .retention: return TableOfConsequences.times
        case .clock:
          let step = try event.data(as: BusClock.self)
          return sum + Int(step.after.nanoseconds - step.before.nanoseconds)
        default: return 0
        }
      }
    }

    private var subscriptions: Int { TableOfConsequences.subscriptions }
  }
}
