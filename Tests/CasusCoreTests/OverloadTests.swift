import CasusEvents
import CasusWire
import Testing

@testable import CasusCore

@Suite struct BehindTests {
  @Test(arguments: [(UInt64(1), UInt64(20)), (11, 10), (500, 10), (990, 10), (991, 10), (995, 6), (1000, 1), (1001, 0)])
  func `what was lost is nobodys to read`(from cursor: UInt64, count: UInt64) {
    let broker = Bench.Core(
      options: BrokerOptions(), registry: Registry(), inspector: BenchInspector(), stage: BenchStage(.init()),
      past: .init(first: 1, last: 1000, cursors: [], gaps: [11...990]),
      at: Moment(wall: Timestamp(nanoseconds: 0), steady: 0))
    #expect(broker.behind(cursor) == count)
  }
}

@Suite struct Overloading {
  private let publisherName = "a"

  private func publish(_ bus: Bench, _ peer: PeerID, _ range: ClosedRange<Int>) {
    for number in range {
      bus.publish(peer, batch: number, ["\(number)", "other\(number):t.two"])
      bus.commit()
    }
  }

  @Test func `block waits and loses nothing`() {
    let bus = Bench()
    let publisher = bus.join("a")
    let reader = bus.join("b")
    bus.subscribe(reader, types: ["t.one"], credit: 1)
    publish(bus, publisher, 1...50)
    #expect(bus.delivered(to: reader) == ["1"])
    bus.send(reader, user: "key-b", .credit(Credit(subscription: 1, events: 100, bytes: 1_000)))
    #expect(bus.delivered(to: reader) == (2...50).map(String.init))
    #expect(bus.drops(to: reader).isEmpty)
  }

  @Test(arguments: [true, false]) func `drop oldest keeps the newest and tells exactly what went`(isDurable: Bool) {
    var options = BrokerOptions()
    options.limits.tailBytes = 1
    let bus = Bench(options)
    let publisher = bus.join("a")
    let reader = bus.join("b")
    bus.subscribe(
      reader, types: ["t.one"], name: isDurable ? "work" : nil, credit: 2, overload: Overload(.dropOldest, events: 10))
    publish(bus, publisher, 1...50)
    #expect(bus.delivered(to: reader) == ["1", "2"])
    bus.send(reader, user: "key-b", .credit(Credit(subscription: 1, events: 100, bytes: 1_000)))
    #expect(bus.delivered(to: reader) == (41...50).map(String.init))
    let drops = bus.drops(to: reader)
    #expect(drops.reduce(0) { $0 + $1.count } == 38)
    let sequences = bus.journal.filter { $0.type == "t.one" }.map(\.stamp.sequence)
    #expect(drops.first?.first == sequences[2])
    #expect(drops.last?.last == sequences[39])
    let report = bus.report(of: "jp.test/b")
    #expect(report?.dropped == 38)
    #expect(report?.matched == 50)
    #expect(bus.ledgerBalances)
  }

  @Test func `drops are told everyone at most once a second`() {
    let bus = Bench()
    let publisher = bus.join("a")
    let reader = bus.join("b")
    bus.subscribe(reader, types: ["t.one"], credit: 0, overload: Overload(.dropOldest, events: 1))
    for round in 0..<20 {
      publish(bus, publisher, round * 10 + 1...round * 10 + 10)
      bus.tick(milliseconds: 100)
      bus.commit()
    }
    let told = bus.journal.filter { $0.type == "casus.bus.lagging.v1" }
    #expect((2...3).contains(told.count))
  }

  @Test func `drop oldest bounds bytes too`() {
    let bus = Bench()
    let publisher = bus.join("a")
    let reader = bus.join("b")
    bus.subscribe(reader, types: ["t.one"], credit: 0, overload: Overload(.dropOldest, events: 1_000, bytes: 30))
    for number in 0..<9 {
      bus.publish(publisher, batch: number, [String(repeating: "\(number)", count: 10)])
      bus.commit()
    }
    #expect(bus.report(of: "jp.test/b")?.waiting == 3)
  }

  @Test func `disconnect ends the session of who is too slow and loses nothing`() {
    let bus = Bench()
    let publisher = bus.join("a")
    publish(bus, publisher, 1...30)
    let slow = bus.join("b")
    let overload = Overload(.disconnect, events: 5)
    bus.subscribe(slow, types: ["t.one"], from: .earliest, name: "work", credit: 3, overload: overload)
    publish(bus, publisher, 31...60)
    // History is read at the reader's pace.
    #expect(bus.errors(to: slow).isEmpty)
    bus.send(slow, user: "key-b", .credit(Credit(subscription: 1, events: 58, bytes: 1 << 16)))
    _ = bus.delivered(to: slow)
    bus.send(slow, user: "key-b", .ack(Ack(subscription: 1, through: bus.broker.durable)))
    publish(bus, publisher, 61...67)
    #expect(bus.errors(to: slow).map(\.error.code) == [.tooSlow])
    let again = bus.join("b")
    bus.subscribe(again, types: ["t.one"], name: "work", credit: 100, overload: overload)
    #expect(bus.delivered(to: again) == (61...67).map(String.init))
    #expect(bus.ledgerBalances)
  }

  @Test func `a stop of the broker keeps what waited`() {
    let bus = Bench()
    let publisher = bus.join("a")
    let reader = bus.join("b")
    let overload = Overload(.dropOldest, events: 4)
    bus.subscribe(reader, types: ["t.one"], name: "work", credit: 1, overload: overload)
    publish(bus, publisher, 1...4)
    bus.tick(milliseconds: 1_000)
    bus.keepPositions()
    bus.restart()
    let again = bus.join("b")
    bus.subscribe(again, types: ["t.one"], name: "work", credit: 100, overload: overload)
    #expect(bus.delivered(to: again) == ["1", "2", "3", "4"])
    #expect(bus.ledgerBalances)
  }

  @Test func `who is held up gets nothing and the others go on`() {
    let bus = Bench()
    let publisher = bus.join("a")
    let stuck = bus.join("b")
    let other = bus.join("c")
    for peer in [stuck, other] { bus.subscribe(peer, types: ["t.one"], credit: 100) }
    bus.broker.holdUp(stuck)
    publish(bus, publisher, 1...3)
    #expect(bus.delivered(to: stuck).isEmpty)
    #expect(bus.delivered(to: other) == ["1", "2", "3"])
    bus.goOn(stuck)
    #expect(bus.delivered(to: stuck) == ["1", "2", "3"])
  }

  @Test func `credit is counted in bytes too`() {
    let bus = Bench()
    let publisher = bus.join("a")
    let reader = bus.join("b")
    publish(bus, publisher, 1...9)
    // Each of these events is one byte long.
    bus.subscribe(reader, types: ["t.one"], from: .earliest, credit: 0, creditBytes: 0)
    bus.send(reader, user: "key-b", .credit(Credit(subscription: 1, events: 100, bytes: 3)))
    #expect(bus.delivered(to: reader) == ["1", "2", "3"])
  }

  @Test func `no more is sent than may be pending`() {
    var options = BrokerOptions()
    options.limits.pendingEvents = 10
    let bus = Bench(options)
    let publisher = bus.join("a")
    let reader = bus.join("b")
    bus.subscribe(reader, types: ["t.one"], name: "work", credit: 1_000)
    publish(bus, publisher, 1...20)
    let sequences = bus.deliveredSequences(to: reader)
    #expect(bus.delivered(to: reader).count == 10)
    bus.send(reader, user: "key-b", .ack(Ack(subscription: 1, through: sequences[3])))
    #expect(bus.delivered(to: reader) == (11...14).map(String.init))
  }
}

@Suite struct BackingOff {
  @Test func `each attempt waits longer and then it is quarantined`() {
    let bus = Bench()
    let publisher = bus.join("a")
    let reader = bus.join("b")
    bus.subscribe(reader, types: ["t.one"], name: "work", credit: 100, maxAttempts: 4, backoff: [100, 1_000])
    bus.publish(publisher, batch: 1, ["x"])
    bus.commit()
    for pause in [100, 1_000, 1_000] {
      let sequence = bus.deliveredSequences(to: reader)[0]
      #expect(bus.delivered(to: reader) == ["x"])
      bus.send(reader, user: "key-b", .nack(Nack(subscription: 1, sequences: [sequence], reason: "EXERCISE: no")))
      bus.tick(milliseconds: pause - 1)
      #expect(bus.delivered(to: reader).isEmpty)
      bus.tick(milliseconds: 1)
    }
    let sequence = bus.deliveredSequences(to: reader)[0]
    bus.send(reader, user: "key-b", .nack(Nack(subscription: 1, sequences: [sequence], reason: "EXERCISE: no")))
    #expect(bus.report(of: "jp.test/b")?.quarantined == 1)
    #expect(bus.ledgerBalances)
  }

  @Test func `an explicit delay wins`() {
    let bus = Bench()
    let publisher = bus.join("a")
    let reader = bus.join("b")
    bus.subscribe(reader, types: ["t.one"], name: "work", credit: 100, backoff: [60_000])
    bus.publish(publisher, batch: 1, ["x"])
    bus.commit()
    let sequence = bus.deliveredSequences(to: reader)[0]
    _ = bus.delivered(to: reader)
    bus.send(reader, user: "key-b", .nack(Nack(subscription: 1, sequences: [sequence], delay: 50)))
    bus.tick(milliseconds: 50)
    #expect(bus.delivered(to: reader) == ["x"])
  }

  @Test func `an expired wait backs off too`() {
    let bus = Bench()
    let publisher = bus.join("a")
    let reader = bus.join("b")
    bus.subscribe(reader, types: ["t.one"], name: "work", credit: 100, ackWait: 500, backoff: [700])
    bus.publish(publisher, batch: 1, ["x"])
    bus.commit()
    _ = bus.delivered(to: reader)
    bus.tick(milliseconds: 500)
    #expect(bus.delivered(to: reader).isEmpty)
    bus.tick(milliseconds: 700)
    #expect(bus.delivered(to: reader) == ["x"])
  }

  @Test func `a second refusal of the same delivery is not counted`() {
    let bus = Bench()
    let publisher = bus.join("a")
    let reader = bus.join("b")
    bus.subscribe(reader, types: ["t.one"], name: "work", credit: 100, maxAttempts: 2, backoff: [100])
    bus.publish(publisher, batch: 1, ["x"])
    bus.commit()
    let sequence = bus.deliveredSequences(to: reader)[0]
    _ = bus.delivered(to: reader)
    for _ in 0..<5 { bus.send(reader, user: "key-b", .nack(Nack(subscription: 1, sequences: [sequence]))) }
    bus.tick(milliseconds: 100)
    #expect(bus.delivered(to: reader) == ["x"])
    #expect(bus.report(of: "jp.test/b")?.quarantined == 0)
  }
}
