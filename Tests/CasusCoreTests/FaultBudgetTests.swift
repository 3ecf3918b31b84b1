import CasusEvents
import CasusWire
import Testing

@testable import CasusCore

@Suite struct FaultBudgets {
  private static let second: Int64 = 1_000_000_000

  private func limits(perSecond: Int = 10, atOnce: Int = 100, cutOff: Int = 10) -> Limits {
    var limits = Limits()
    limits.faultsPerSecond = perSecond
    limits.faultsAtOnce = atOnce
    limits.cutOffSeconds = cutOff
    return limits
  }

  /// Room for two sessions and 25 refused messages.
  private func options(perSecond: Int = 10, atOnce: Int = 500, cutOff: Int = 10) -> BrokerOptions {
    var options = BrokerOptions()
    options.limits = limits(perSecond: perSecond, atOnce: atOnce, cutOff: cutOff)
    options.heartbeat = 600_000
    return options
  }

  // MARK: The bucket

  /// One budget that several lines of a test charge.
  private final class Purse {
    private(set) var budget = FaultBudget()
    private let limits: Limits

    init(_ limits: Limits) { self.limits = limits }

    func pays(_ act: Act, _ count: Int = 1, bytes: Int = 0, at now: Int64 = 0) -> Bool {
      budget.charge(act, count: count, bytes: bytes, at: now, limits)
    }

    func cutOff(at now: Int64) -> FaultCut { budget.cutOff(at: now, limits) }
  }

  @Test func `what is spent comes back with time`() {
    let purse = Purse(limits())
    #expect(purse.pays(.event, 100))
    #expect(purse.pays(.event, 10, at: Self.second))
    #expect(!purse.pays(.event, at: Self.second))
    let patient = Purse(limits())
    for second in 0..<1_000 { #expect(patient.pays(.event, 10, at: Int64(second) * Self.second)) }
  }

  @Test func `saving up buys no more than the whole budget`() {
    let purse = Purse(limits())
    #expect(purse.pays(.event))
    #expect(!purse.pays(.event, 101, at: 3_600 * Self.second))
  }

  @Test(arguments: [(Act.event, 1_000), (.message, 250), (.command, 250), (.request, 50), (.session, 5)])
  func `each kind costs what it costs the broker`(act: Act, count: Int) {
    let purse = Purse(limits(atOnce: 1_000))
    #expect(purse.pays(act, count))
    #expect(!purse.pays(act))
  }

  @Test func `long messages cost more`() {
    let purse = Purse(limits())
    #expect(purse.pays(.message, bytes: 96 << 10))
    #expect(!purse.pays(.event))
  }

  @Test func `each further cut off is twice as long until ten good minutes`() {
    let purse = Purse(limits())
    var now: Int64 = 0
    var seconds: [Int] = []
    for _ in 0..<9 {
      let cut = purse.cutOff(at: now)
      seconds.append(cut.seconds)
      #expect(purse.budget.shutUntil == now + Int64(cut.seconds) * Self.second)
      now = purse.budget.shutUntil + Self.second
    }
    #expect(seconds == [10, 20, 40, 80, 160, 320, 640, 640, 640])
    #expect(purse.cutOff(at: purse.budget.shutUntil + 601 * Self.second).seconds == 10)
  }

  @Test func `who comes back has the budget of a second`() {
    let purse = Purse(limits())
    _ = purse.cutOff(at: 0)
    let back = purse.budget.shutUntil
    #expect(purse.pays(.event, 10, at: back))
    #expect(!purse.pays(.event, at: back))
  }

  @Test func `what was charged is named`() {
    let purse = Purse(limits())
    #expect(purse.pays(.event, 7))
    // Long made good.
    #expect(purse.pays(.event, 40, at: 100 * Self.second))
    #expect(purse.pays(.request, 2, at: 100 * Self.second))
    let cut = purse.cutOff(at: 100 * Self.second)
    #expect(cut.text == "40 refused events, 2 requests")
    #expect(cut.total == 42)
  }

  // MARK: The broker

  private func rubbish(_ bus: Bench, _ peer: PeerID, _ count: Int) {
    for _ in 0..<count { bus.sendRaw(peer, user: "key-evil", "{}") }
  }

  @Test func `a flood is cut off and told and the others go on`() throws {
    let bus = Bench(options())
    let honest = bus.join("a")
    let evil = bus.join("evil")
    bus.subscribe(evil, types: ["t.one"], credit: 10)
    rubbish(bus, evil, 70)
    #expect(bus.errors(to: evil).allSatisfy { $0.error.code == .malformedControl })
    rubbish(bus, evil, 10)
    let last = try #require(bus.errors(to: evil).last)
    #expect(last.error.code == .flooding && last.fatal && last.error.code.isRetriable)
    #expect(last.retryAfter == 10_000)
    #expect(last.error.message.contains("10 s") && last.error.message.contains("refused messages"))
    #expect(bus.shut == ["key-evil"])
    // What still comes is passed over in silence.
    bus.publish(evil, batch: 1, ["lost"])
    rubbish(bus, evil, 1_000)
    #expect(bus.errors(to: evil).isEmpty && bus.published(to: evil).isEmpty)
    bus.publish(honest, batch: 1, ["kept"])
    bus.commit()
    #expect(bus.published(to: honest).map(\.accepted) == [1])
    let told = bus.journal.filter { $0.type == "casus.bus.refused.v1" }.map(\.text)
    #expect(told.contains { $0.contains("\"flooding\"") && $0.contains("jp.test/evil") })
    #expect(bus.journal.contains { $0.type == "casus.bus.left.v1" && $0.text.contains("jp.test/evil") })
    #expect(bus.notes.contains { $0.contains("jp.test/evil is not served for 10 s") })
    #expect(bus.broker.plugins["jp.test/evil"]?.cutOffs == 1)
    #expect(bus.ledgerBalances)
  }

  @Test func `a new connection buys nothing`() {
    let bus = Bench(options())
    for _ in 0..<2 { rubbish(bus, bus.join("evil"), 12) }
    #expect(bus.shut.isEmpty)
    rubbish(bus, bus.join("evil"), 1)
    #expect(bus.shut == ["key-evil"])
    let again = bus.connect("evil")
    let hello = ClientCommand.hello(Hello(identity: "jp.test/evil", program: "p", version: "1"))
    for _ in 0..<5 { bus.send(again, user: "key-evil", hello) }
    // Told once.
    #expect(bus.errors(to: again).map(\.error.code) == [.flooding])
    bus.tick(milliseconds: 9_000)
    bus.send(bus.connect("evil"), user: "key-evil", hello)
    #expect(bus.shut == ["key-evil"])
    bus.tick(milliseconds: 2_000)
    #expect(bus.shut.isEmpty)
    bus.tick(milliseconds: 60_000)
    let back = bus.join("evil")
    bus.publish(back, batch: 1, ["good@//jp.test/evil"])
    bus.commit()
    #expect(bus.published(to: back).map(\.accepted) == [1])
  }

  @Test func `the shut door follows a new key of the same plugin`() {
    let bus = Bench(options())
    rubbish(bus, bus.join("evil"), 80)
    #expect(bus.shut == ["key-evil"])
    bus.remove("evil")
    #expect(bus.shut.isEmpty)
  }

  @Test func `some thousands of refused events a second are served`() {
    // A tenth of the usual budget, and of the events.
    let bus = Bench(options(perSecond: 2_000, atOnce: 10_000))
    let sensor = bus.join("a")
    for batch in 0..<100 {
      bus.publish(sensor, batch: batch, (0..<200).map { "!\($0)" })
      #expect(bus.published(to: sensor).first?.refused.count == 200)
      bus.tick(milliseconds: 100)
    }
    #expect(bus.shut.isEmpty && bus.broker.plugins["jp.test/a"]?.cutOffs == 0)
  }

  @Test func `accepted events and repeats cost nothing`() {
    let bus = Bench(options())
    let publisher = bus.join("a")
    for round in 0..<3 {
      for batch in 0..<300 {
        bus.publish(publisher, batch: round * 300 + batch, ["e\(batch)"])
        bus.commit()
      }
    }
    #expect(bus.published(to: publisher).count == 900)
    #expect(bus.shut.isEmpty)
  }

  @Test func `who acknowledges each event alone is served and who acknowledges nothing is not`() {
    let bus = Bench(options())
    let publisher = bus.join("a")
    let reader = bus.join("evil")
    bus.subscribe(reader, types: ["t.one"], name: "work", credit: 1_000)
    for batch in 0..<1_000 { bus.publish(publisher, batch: batch, ["e\(batch)"]) }
    bus.commit()
    let sequences = bus.deliveredSequences(to: reader)
    #expect(sequences.count == 1_000)
    for sequence in sequences {
      bus.send(reader, user: "key-evil", .ack(Ack(subscription: 1, also: [sequence])))
      bus.send(reader, user: "key-evil", .credit(Credit(subscription: 1, events: 1, bytes: 10)))
    }
    #expect(bus.shut.isEmpty)
    for _ in 0..<150 { bus.send(reader, user: "key-evil", .ack(Ack(subscription: 1, through: 1))) }
    #expect(bus.shut == ["key-evil"])
  }

  @Test func `messages without an end are charged by their bytes`() {
    let bus = Bench(options(atOnce: 10_000))
    let evil = bus.join("evil")
    bus.broker.receiveEndless(from: evil, bytes: 8 << 20, at: bus.now)
    bus.tick(milliseconds: 1)
    #expect(bus.shut.isEmpty)
    bus.broker.receiveEndless(from: evil, bytes: 8 << 20, at: bus.now)
    bus.tick(milliseconds: 1)
    #expect(bus.shut == ["key-evil"])
  }

  @Test func `what the broker is short of its clients do not pay for`() {
    let bus = Bench(options())
    let publisher = bus.join("a")
    bus.publish(publisher, batch: 1, ["one"])
    bus.failCommit()
    for batch in 2..<500 { bus.publish(publisher, batch: batch, ["e\(batch)"]) }
    #expect(bus.errors(to: publisher).allSatisfy { $0.error.code == .diskFull })
    #expect(bus.shut.isEmpty)
  }

  @Test func `a connection that cannot be answered costs as much as one that is refused`() {
    var options = BrokerOptions()
    options.limits.faultsAtOnce = 2_000
    options.limits.faultsPerSecond = 10
    let bus = Bench(options)
    let session = bus.join("evil")
    let key = Array("key-evil".utf8)
    for _ in 0..<9 { key.withUnsafeBufferPointer { bus.broker.receiveNameless(user: $0, bytes: 100, at: bus.now) } }
    bus.tick(milliseconds: 1)
    #expect(bus.shut.isEmpty && bus.isLive(session))
    key.withUnsafeBufferPointer { bus.broker.receiveNameless(user: $0, bytes: 100, at: bus.now) }
    bus.tick(milliseconds: 1)
    #expect(bus.shut == ["key-evil"] && !bus.isLive(session))
    // A stranger has no account.
    for user in [nil, Array("nobody".utf8)] {
      (user ?? []).withUnsafeBufferPointer {
        bus.broker.receiveNameless(user: user == nil ? nil : $0, bytes: 100, at: bus.now)
      }
    }
    #expect(bus.shut == ["key-evil"])
  }
}
