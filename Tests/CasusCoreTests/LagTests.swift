import CasusEvents
import CasusWire
import Testing

@testable import CasusCore

/// Whoever reads little has no lag for what is others'.
@Suite struct LagTests {
  private let bus = Bench()

  private func publish(_ peer: PeerID, batch: Int, _ type: String, _ count: Int) {
    bus.publish(peer, batch: batch, (0..<count).map { "\(batch)-\($0):\(type)" })
    bus.commit()
  }

  private func lag() throws -> UInt64 { try #require(bus.report(of: "jp.test/b")).lag }

  @Test func `is what is for the subscriber and nothing else`() throws {
    let a = bus.join("a")
    let b = bus.join("b")
    bus.subscribe(b, types: ["t.one"], name: "work", credit: 2)
    publish(a, batch: 1, "t.one", 2)
    for batch in 2...20 { publish(a, batch: batch, "t.two", 50) }
    #expect(try lag() == 0, "it has no credit left, and nothing waits for it")
    publish(a, batch: 21, "t.one", 3)
    publish(a, batch: 22, "t.two", 50)
    #expect(try lag() == 3)
    bus.send(b, user: "key-b", .credit(Credit(subscription: 1, events: 1, bytes: 1_000)))
    #expect(try lag() == 2)
    #expect(bus.lagErrors == [])
  }

  @Test func `of one who is away is known over restarts`() throws {
    let a = bus.join("a")
    let b = bus.join("b")
    bus.subscribe(b, types: ["t.one"], name: "work", credit: 10)
    publish(a, batch: 1, "t.one", 1)
    bus.send(b, user: "key-b", .ack(Ack(subscription: 1, through: bus.broker.durable)))
    bus.send(b, user: "key-b", .bye(Bye()))
    publish(a, batch: 2, "t.two", 90)
    #expect(try lag() == 0)
    publish(a, batch: 3, "t.one", 4)
    publish(a, batch: 4, "t.two", 90)
    #expect(try lag() == 4)
    bus.stop()
    bus.restart()
    #expect(try lag() == 4)
    #expect(bus.lagErrors == [])
    let again = bus.join("b")
    bus.subscribe(again, types: ["t.one"], name: "work", credit: 1)
    #expect(try lag() == 3)
  }

  @Test func `says nothing of what is above the reader's clearance`() throws {
    let a = bus.join("a")
    let b = bus.join("b", clearance: .amber)
    bus.subscribe(b, types: ["t.one"], name: "work", credit: 1)
    publish(a, batch: 1, "t.one", 1)
    bus.publish(a, batch: 2, (0..<20).map { "\($0)^red" })
    bus.commit()
    #expect(try lag() == 0)
  }

  @Test func `is told to nobody for events of others`() throws {
    let a = bus.join("a")
    let b = bus.join("b")
    bus.subscribe(b, types: ["t.one"], name: "work", credit: 1)
    publish(a, batch: 1, "t.one", 1)
    for batch in 2...103 { publish(a, batch: batch, "t.two", 100) }
    bus.tick(milliseconds: 100)
    bus.commit()
    #expect(bus.told("casus.bus.lagging.v1", of: "jp.test/b") == 0)
    for batch in 104...205 { publish(a, batch: batch, "t.one", 100) }
    bus.tick(milliseconds: 100)
    bus.commit()
    #expect(bus.told("casus.bus.lagging.v1", of: "jp.test/b") == 1)
  }

  @Test func `is all that is not looked at where nobody has counted`() throws {
    let a = bus.join("a")
    let b = bus.join("b")
    publish(a, batch: 1, "t.two", 5)
    let before = bus.broker.durable
    bus.subscribe(b, types: ["t.one"], from: .earliest, name: "work", credit: 0)
    #expect(try lag() == before)
    publish(a, batch: 2, "t.two", 5)
    publish(a, batch: 3, "t.one", 1)
    #expect(try lag() >= before + 1)
    bus.send(b, user: "key-b", .credit(Credit(subscription: 1, events: 9, bytes: 1_000)))
    #expect(try lag() == 0)
  }
}
