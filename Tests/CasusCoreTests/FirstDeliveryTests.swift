import CasusWire
import Testing

@testable import CasusCore

/// `ack through`: what it means, and that it never walks further than what it finishes.
@Suite struct FirstDeliveryTests {
  private func taken(_ firsts: inout FirstDeliveries, through sequence: UInt64) -> [ClosedRange<UInt64>] {
    var taken: [ClosedRange<UInt64>] = []
    while let next = firsts.next(through: sequence) { taken.append(next) }
    return taken
  }

  @Test func `each stretch is given out once`() {
    var firsts = FirstDeliveries()
    firsts.add(1...10)
    firsts.add(11...20)
    #expect(taken(&firsts, through: 15) == [1...15])
    #expect(taken(&firsts, through: 15).isEmpty)
    #expect(taken(&firsts, through: .max) == [16...20])
    #expect(taken(&firsts, through: .max).isEmpty)
  }

  @Test func `what comes later than its place is found and stretches stay apart`() {
    var firsts = FirstDeliveries()
    firsts.add(1...10)
    _ = taken(&firsts, through: 8)
    firsts.add(3...3)
    firsts.add(9...9)
    firsts.add(5...6)
    #expect(taken(&firsts, through: 5) == [3...3, 5...5])
    firsts.add(4...20)
    #expect(taken(&firsts, through: .max) == [4...20])
  }

  @Test func `an acknowledgement looks at nothing that it cannot finish`() {
    var pending = PendingEvents()
    var firsts = FirstDeliveries()
    let count: UInt64 = 60_000
    for sequence in 1...count {
      pending.append(
        .init(
          sequence: sequence, time: 10, size: 1, holder: 1, attempts: 1, type: 0, level: .lowest, state: .held,
          wasSent: true))
    }
    firsts.add(1...count)
    // Half of them were refused and are sent again: `through` cannot mean these.
    for place in stride(from: 0, to: Int(count), by: 2) {
      pending.rest(place, until: 0, now: 0)
      pending.hold(place, by: 1, until: 20)
    }
    #expect(pending.finish(through: count, of: 1, &firsts) == Int(count) / 2)
    pending.dropDone()
    #expect(pending.count == Int(count) / 2)
    // Nothing is left to look at, however often it is asked.
    #expect(firsts.next(through: .max) == nil)
    #expect(pending.finish(through: .max, of: 1, &firsts) == 0)
  }

  @Test func `through means what this member was sent for the first time`() {
    let bus = Bench()
    let publisher = bus.join("a")
    let reader = bus.join("b")
    bus.subscribe(reader, types: ["t.one"], name: "work", credit: 100, backoff: [0])
    bus.publish(publisher, batch: 1, (1...6).map { "\($0)" })
    bus.commit()
    let sequences = bus.deliveredSequences(to: reader)
    bus.send(reader, user: "key-b", .nack(Nack(subscription: 1, sequences: [sequences[1]])))
    bus.send(reader, user: "key-b", .ack(Ack(subscription: 1, through: sequences[3])))
    #expect(bus.report(of: "jp.test/b")?.pending == 3)
    bus.send(reader, user: "key-b", .ack(Ack(subscription: 1, through: sequences[5])))
    #expect(bus.report(of: "jp.test/b")?.pending == 1)
    bus.send(reader, user: "key-b", .ack(Ack(subscription: 1, also: [sequences[1]])))
    #expect(bus.report(of: "jp.test/b")?.pending == 0)
    #expect(bus.ledgerBalances)
  }
}
