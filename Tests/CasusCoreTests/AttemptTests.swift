import CasusEvents
import CasusWire
import Testing

@testable import CasusCore

/// Failed attempts, over the lives of the broker.
@Suite struct Attempts {
  @Test func `failed attempts are counted over restarts of the broker`() {
    let bus = Bench()
    let publisher = bus.join("a")
    let subscriber = bus.join("b")
    bus.subscribe(subscriber, types: ["t.one"], name: "work", credit: 10, maxAttempts: 3)
    bus.publish(publisher, batch: 1, ["good", "poison", "other"])
    bus.commit()
    let sequences = bus.deliveredSequences(to: subscriber)
    bus.send(subscriber, user: "key-b", .ack(Ack(subscription: 1, through: sequences[0])))
    bus.send(subscriber, user: "key-b", .nack(Nack(subscription: 1, sequences: [sequences[1]], delay: 60_000)))
    for life in 1...2 {
      bus.tick(milliseconds: 100)
      bus.keepPositions()
      bus.restart()
      let again = bus.join("b")
      bus.subscribe(again, types: ["t.one"], name: "work", credit: 10, maxAttempts: 3)
      #expect(bus.delivered(to: again) == ["poison", "other"])
      bus.send(again, user: "key-b", .nack(Nack(subscription: 1, sequences: [sequences[1]], delay: 60_000)))
      #expect(bus.report(of: "jp.test/b")?.quarantined == (life == 2 ? 1 : 0))
    }
    #expect(bus.broker.subscriptions.all.first?.quarantine.events.map(\.attempts) == [3])
    #expect(bus.ledgerBalances)
  }

  @Test func `what the brokers own end interrupts is no failed attempt`() {
    let bus = Bench()
    let publisher = bus.join("a")
    bus.publish(publisher, batch: 1, ["x"])
    bus.commit()
    for _ in 1...5 {
      let subscriber = bus.join("b")
      bus.subscribe(subscriber, types: ["t.one"], from: .earliest, name: "work", credit: 10, maxAttempts: 1)
      #expect(bus.delivered(to: subscriber) == ["x"])
      bus.stop()
      bus.restart()
    }
    #expect(bus.report(of: "jp.test/b")?.quarantined == 0)
  }

  @Test func `an event that is tried again out of quarantine gets all its attempts`() {
    let bus = Bench()
    let publisher = bus.join("a")
    let subscriber = bus.join("b")
    bus.subscribe(subscriber, types: ["t.one"], name: "work", credit: 10, maxAttempts: 3)
    bus.publish(publisher, batch: 1, ["1", "2", "3"])
    bus.commit()
    let sequences = bus.deliveredSequences(to: subscriber)
    func refuse(_ peer: PeerID, _ sequences: [UInt64]) {
      bus.send(peer, user: "key-b", .nack(Nack(subscription: 1, sequences: sequences, delay: 0)))
    }
    refuse(subscriber, sequences)
    refuse(subscriber, sequences)
    refuse(subscriber, [sequences[1]])
    bus.stop()
    bus.restart()
    let person = bus.join("person", roles: [.operator])
    bus.send(
      person, user: "key-person", .request(Request(id: 1, what: "quarantine", parameters: ["action": "retry"])))
    let again = bus.join("b")
    bus.subscribe(again, types: ["t.one"], name: "work", credit: 10, maxAttempts: 3)
    #expect(bus.delivered(to: again) == ["1", "2", "3"])
    refuse(again, sequences)
    let quarantined = bus.broker.subscriptions.all.first?.quarantine.events.map(\.sequence)
    #expect(quarantined == [sequences[0], sequences[2]])
    #expect(bus.ledgerBalances)
  }
}
