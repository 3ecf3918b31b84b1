import CasusEvents
import CasusWire
import Testing

@testable import CasusCore

@Suite struct Groups {
  /// Members of the group `workers`, subscribed to everything of `t.*`.
  private func member(
    _ bus: Bench, _ name: String, credit: Int = 100, ackWait: Int = 30_000, clearance: TLP = .red,
    overload: Overload = Overload()
  ) -> PeerID {
    let peer = bus.join(name, clearance: clearance, groups: ["workers"])
    bus.subscribe(
      peer, types: ["t.*"], from: .earliest, group: "workers", credit: credit, ackWait: ackWait, overload: overload)
    return peer
  }

  private func ack(_ bus: Bench, _ peer: PeerID, _ name: String, _ sequences: [UInt64]) {
    bus.send(peer, user: "key-\(name)", .ack(Ack(subscription: 1, also: sequences)))
  }

  @Test func `each event goes to one member and every member gets some`() {
    let bus = Bench()
    let publisher = bus.join("a")
    let one = member(bus, "one")
    let two = member(bus, "two")
    bus.publish(publisher, batch: 1, (1...10).map(String.init))
    bus.commit()
    let first = bus.delivered(to: one)
    let second = bus.delivered(to: two)
    #expect(Set(first).isDisjoint(with: second))
    #expect((first + second).sorted() == (1...10).map(String.init).sorted())
    #expect(first.count == 5)
    #expect(bus.ledgerBalances)
  }

  @Test func `a member that leaves has its events go to the others`() {
    let bus = Bench()
    let publisher = bus.join("a")
    let one = member(bus, "one")
    let two = member(bus, "two")
    bus.publish(publisher, batch: 1, (1...6).map(String.init))
    bus.commit()
    let lost = bus.delivered(to: one)
    _ = bus.delivered(to: two)
    bus.send(one, user: "key-one", .bye(Bye()))
    #expect(bus.delivered(to: two) == lost)
    #expect(bus.ledgerBalances)
  }

  @Test func `what is not acknowledged in time goes to another`() {
    let bus = Bench()
    let publisher = bus.join("a")
    let one = member(bus, "one", ackWait: 1_000)
    bus.publish(publisher, batch: 1, ["x"])
    bus.commit()
    let sequence = bus.deliveredSequences(to: one)[0]
    let two = member(bus, "two", ackWait: 1_000)
    bus.tick(milliseconds: 1_000)
    #expect(bus.delivered(to: two) == ["x"])
    // Too late: it is the other's now.
    ack(bus, one, "one", [sequence])
    #expect(bus.report(of: "jp.test/~workers")?.pending == 1)
    ack(bus, two, "two", [sequence])
    #expect(bus.report(of: "jp.test/~workers")?.pending == 0)
    #expect(bus.ledgerBalances)
  }

  @Test func `through means what this member was sent`() {
    let bus = Bench()
    let publisher = bus.join("a")
    let one = member(bus, "one")
    let two = member(bus, "two")
    bus.publish(publisher, batch: 1, (1...10).map(String.init))
    bus.commit()
    bus.send(one, user: "key-one", .ack(Ack(subscription: 1, through: bus.broker.durable)))
    #expect(bus.report(of: "jp.test/~workers")?.acked == 5)
    #expect(bus.report(of: "jp.test/~workers")?.members.map(\.pending) == [0, 5])
    _ = two
  }

  @Test func `a member gets only what it may read and the rest waits for one who may`() {
    let bus = Bench()
    let publisher = bus.join("a")
    let cleared = member(bus, "cleared")
    let amber = member(bus, "amber", clearance: .amber)
    bus.send(cleared, user: "key-cleared", .bye(Bye()))
    bus.publish(publisher, batch: 1, ["1", "2^red", "3"])
    bus.commit()
    #expect(bus.delivered(to: amber) == ["1", "3"])
    #expect(bus.report(of: "jp.test/~workers")?.waiting == 1)
    let again = member(bus, "cleared")
    #expect(bus.delivered(to: again) == ["2^red"])
    #expect(bus.ledgerBalances)
  }

  @Test func `what no member may ever read is not matched`() {
    let bus = Bench()
    let publisher = bus.join("a")
    let amber = member(bus, "amber", clearance: .amber)
    bus.publish(publisher, batch: 1, ["1^red", "2"])
    bus.commit()
    #expect(bus.delivered(to: amber) == ["2"])
    #expect(bus.report(of: "jp.test/~workers")?.matched == 1)
  }

  @Test func `credit is each members own`() {
    let bus = Bench()
    let publisher = bus.join("a")
    let poor = member(bus, "poor", credit: 1)
    let rich = member(bus, "rich", credit: 100)
    bus.publish(publisher, batch: 1, (1...10).map(String.init))
    bus.commit()
    #expect(bus.delivered(to: poor).count == 1)
    #expect(bus.delivered(to: rich).count == 9)
  }

  @Test func `the registry says who may be a member`() {
    let bus = Bench()
    let stranger = bus.join("stranger")
    bus.subscribe(stranger, types: ["t.*"], group: "workers", credit: 1)
    #expect(bus.errors(to: stranger).map(\.error.code) == [.groupNotPermitted])
  }

  @Test func `members ask for the same`() {
    let bus = Bench()
    _ = member(bus, "one")
    let two = bus.join("two", groups: ["workers"])
    bus.subscribe(two, types: ["t.one"], group: "workers", credit: 1)
    #expect(bus.errors(to: two).map(\.error.code) == [.groupDiffers])
  }

  @Test func `the groups position survives a restart`() {
    let bus = Bench()
    let publisher = bus.join("a")
    let one = member(bus, "one")
    bus.publish(publisher, batch: 1, ["1", "2", "3"])
    bus.commit()
    let sequences = bus.deliveredSequences(to: one)
    ack(bus, one, "one", [sequences[0], sequences[2]])
    bus.tick(milliseconds: 100)
    bus.keepPositions()
    bus.restart()
    let two = member(bus, "two")
    #expect(bus.delivered(to: two) == ["2"])
    #expect(bus.ledgerBalances)
  }

  @Test func `an event that ends every session goes to quarantine`() {
    let bus = Bench()
    let publisher = bus.join("a")
    bus.publish(publisher, batch: 1, ["poison"])
    bus.commit()
    for _ in 0..<5 {
      let peer = bus.join("b")
      bus.subscribe(peer, types: ["t.one"], from: .earliest, name: "work", credit: 10, maxAttempts: 5)
      #expect(bus.delivered(to: peer) == ["poison"])
      bus.lose(peer)
    }
    #expect(bus.report(of: "jp.test/b")?.quarantined == 1)
    #expect(bus.ledgerBalances)
  }

  @Test func `a session that ends in good order takes its attempt back`() {
    let bus = Bench()
    let publisher = bus.join("a")
    bus.publish(publisher, batch: 1, ["x"])
    bus.commit()
    for _ in 0..<8 {
      let peer = bus.join("b")
      bus.subscribe(peer, types: ["t.one"], from: .earliest, name: "work", credit: 10, maxAttempts: 2)
      #expect(bus.delivered(to: peer) == ["x"])
      bus.send(peer, user: "key-b", .bye(Bye()))
    }
    #expect(bus.report(of: "jp.test/b")?.quarantined == 0)
  }
}
