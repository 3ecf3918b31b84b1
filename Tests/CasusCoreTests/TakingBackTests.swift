import CasusEvents
import CasusWire
import Testing

@testable import CasusCore

/// What a subscriber did not finish, when it is much: told together, in slices, and never lost.
@Suite struct TakingBack {
  /// A subscriber that has `count` events and finished none.
  private func laden(_ count: Int, maxAttempts: Int, ackWait: Int = 30_000, subscriptions: Int = 1) -> (Bench, PeerID) {
    let bus = Bench(TableOfConsequences.rich)
    let publisher = bus.join("a")
    let reader = bus.join("b")
    for number in 1...subscriptions {
      bus.subscribe(
        reader, number: number, types: ["t.one"], name: "work-\(number)", credit: count, ackWait: ackWait,
        maxAttempts: maxAttempts)
    }
    for batch in 0..<count / 500 { bus.publish(publisher, batch: batch, (0..<500).map { "e\(batch)-\($0)" }) }
    bus.commit()
    return (bus, reader)
  }

  /// As many as a control frame has room for.
  private func parts(_ sequences: [UInt64]) -> [[UInt64]] {
    stride(from: 0, to: sequences.count, by: 5_000).map { Array(sequences[$0..<min(sequences.count, $0 + 5_000)]) }
  }

  private func quarantined(_ bus: Bench) throws -> [BusQuarantined] {
    try bus.journal.filter { $0.type == "casus.bus.quarantined.v1" }.map {
      try RecordedEvent(
        stamp: Stamp(sequence: 1, recorded: Timestamp(nanoseconds: 0), sender: "casus/broker", flags: []),
        bytes: $0.bytes
      ).data(as: BusQuarantined.self)
    }
  }

  enum Way: CaseIterable, Sendable { case nack, leave, expire }

  @Test(arguments: Way.allCases) func `ten thousand events that fail are told by a few`(way: Way) throws {
    let (bus, reader) = laden(10_000, maxAttempts: 1)
    let sequences = bus.deliveredSequences(to: reader)
    #expect(sequences.count == 10_000)
    switch way {
    case .nack:
      for part in parts(sequences) {
        bus.send(reader, user: "key-b", .nack(Nack(subscription: 1, sequences: part, reason: "no")))
      }
    case .leave: bus.lose(reader)
    case .expire: bus.tick(milliseconds: 30_001)
    }
    #expect(bus.staged("casus.bus.quarantined.v1") == 20)
    for _ in 0..<3 { bus.tick(milliseconds: 100) }
    bus.commit()
    let told = try quarantined(bus)
    #expect(told.count == 21 && told.reduce(0) { $0 + ($1.count ?? 1) } == 10_000)
    let last = try #require(told.last)
    #expect(last.count == 9_980 && last.isFull == true && last.severalSubscriptions == nil)
    #expect(last.sequence == String(sequences[20]) && last.lastSequence == String(sequences[9_999]))
    // The list keeps every one.
    let state = try #require(bus.broker.subscriptions.all.first)
    let isComplete = state.quarantine.events.map(\.sequence) == sequences
    #expect(isComplete)
    #expect(bus.quarantined(of: "jp.test/b") == 10_000)
    #expect(bus.ledgerBalances)
  }

  @Test func `many subscriptions that end at once are taken back in slices`() throws {
    let (bus, reader) = laden(1_000, maxAttempts: 1, subscriptions: 8)
    bus.broker.unreachable(reader, at: bus.now)
    var turns = 0
    func left() -> Int { bus.broker.subscriptions.all.reduce(0) { $0 + $1.pending.count } }
    var isHungry: Bool { bus.broker.turns.isAsked }
    #expect(left() == 8_000 - Turns.mostTakenBack)
    #expect(isHungry)
    while isHungry {
      let before = left()
      bus.broker.feed(at: bus.now)
      #expect(before - left() <= Turns.mostTakenBack)
      turns += 1
      try #require(turns < 100)
    }
    #expect(left() == 0 && turns >= 1)
    #expect(bus.quarantined(of: "jp.test/b") == 8_000)
    #expect(bus.ledgerBalances)
  }

  @Test func `a session that comes back before all is taken back gets all of it`() {
    let (bus, reader) = laden(10_000, maxAttempts: 5)
    let sequences = bus.deliveredSequences(to: reader)
    bus.broker.unreachable(reader, at: bus.now)
    var isHungry: Bool { bus.broker.turns.isAsked }
    #expect(isHungry)
    let again = bus.join("b")
    bus.subscribe(again, types: ["t.one"], name: "work-1", credit: 20_000)
    let isComplete = bus.deliveredSequences(to: again) == sequences
    #expect(isComplete)
    for part in parts(sequences) { bus.send(again, user: "key-b", .ack(Ack(subscription: 1, also: part))) }
    #expect(bus.report(of: "jp.test/b")?.pending == 0)
    #expect(bus.ledgerBalances)
  }

  @Test func `the brokers end waits for what is being taken back`() {
    let (bus, reader) = laden(10_000, maxAttempts: 1)
    bus.broker.unreachable(reader, at: bus.now)
    bus.stop()
    bus.restart()
    #expect(bus.report(of: "jp.test/b")?.quarantined == 10_000)
    #expect(bus.quarantined(of: "jp.test/b") == 10_000)
  }

  @Test func `a full quarantine keeps what fails and tries it once a minute`() throws {
    let (bus, reader) = laden(10_500, maxAttempts: 1)
    let sequences = bus.deliveredSequences(to: reader)
    func refuse(_ sequences: [UInt64]) {
      for part in parts(sequences) {
        bus.send(reader, user: "key-b", .nack(Nack(subscription: 1, sequences: part, delay: 0)))
      }
    }
    refuse(Array(sequences[..<10_000]))
    refuse(Array(sequences[10_000...]))
    #expect(bus.report(of: "jp.test/b")?.quarantined == 10_000 && bus.report(of: "jp.test/b")?.pending == 500)
    bus.send(reader, user: "key-b", .credit(Credit(subscription: 1, events: 10_000, bytes: 1 << 20)))
    _ = bus.take(deliveriesTo: reader)
    bus.tick(milliseconds: 59_000)
    #expect(bus.take(deliveriesTo: reader).isEmpty)
    bus.tick(milliseconds: 2_000)
    #expect(bus.take(deliveriesTo: reader).count == 500)
    // Somebody makes room.
    let person = bus.join("person", roles: [.operator])
    for _ in 0..<10 {
      bus.send(person, user: "key-person", .request(Request(id: 1, what: "quarantine", parameters: ["action": "drop"])))
    }
    refuse(Array(sequences[10_000...]))
    #expect(bus.report(of: "jp.test/b")?.quarantined == 500 && bus.report(of: "jp.test/b")?.pending == 0)
    #expect(bus.ledgerBalances)
  }

  @Test func `a forgotten subscription makes room in the quarantine`() {
    let (bus, reader) = laden(1_000, maxAttempts: 1)
    bus.send(
      reader, user: "key-b", .nack(Nack(subscription: 1, sequences: bus.deliveredSequences(to: reader))))
    #expect(bus.quarantined(of: "jp.test/b") == 1_000)
    bus.send(reader, user: "key-b", .unsubscribe(Unsubscribe(subscription: 1, forget: true)))
    #expect(bus.quarantined(of: "jp.test/b") == 0)
  }
}
