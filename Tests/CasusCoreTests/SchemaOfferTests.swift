import CasusEvents
import CasusWire
import Testing

@testable import CasusCore

@Suite("Schemas that plugins bring")
struct SchemaOfferTests {
  private func hello(_ types: [String]) -> ClientCommand {
    .hello(
      Hello(
        identity: "jp.test/a", program: "p", version: "1",
        schemas: types.map { SchemaOffer(type: $0, schema: Array("{}".utf8)) }))
  }

  private func schema(_ type: String) -> Bench.Core.Schema {
    Bench.Core.Schema(
      type: type, edition: type, digest: SHA256Digest(of: Array(type.utf8)), previous: nil, size: 2)
  }

  @Test func `all schemas of an offer are in force together`() throws {
    let bus = Bench()
    let peer = bus.connect("a")
    bus.send(peer, user: "key-a", hello(["jp.test.one.v1", "jp.test.two.v1"]))
    let offer = try #require(bus.offered.keys.first)
    bus.answerOffer(offer, .success([schema("jp.test.one.v1"), schema("jp.test.two.v1")]))
    bus.publish(peer, batch: 1, ["x:jp.test.one.v1", "y:jp.test.two.v1"])
    bus.commit()
    #expect(bus.published(to: peer).map(\.accepted) == [2])
  }

  @Test func `an offer for which there are not numbers enough is refused before any is kept`() throws {
    let bus = Bench()
    let peer = bus.connect("a")
    let operatorPeer = bus.join("op", roles: [.operator])
    var number = 0
    while bus.broker.types.count < Int(UInt16.max) - 1 {
      _ = bus.broker.adopt("t.n\(number)", of: "t.n\(number)")
      number += 1
    }
    // One number is left: two new types are not even looked at, so that nothing of them is on disk.
    bus.send(peer, user: "key-a", hello(["jp.test.one.v1", "jp.test.two.v1"]))
    #expect(bus.offered.isEmpty)
    #expect(bus.errors(to: peer).map(\.error.code) == [.schemaRefused])
    // While the last one is promised to an offer, nobody else gets it.
    bus.send(peer, user: "key-a", hello(["jp.test.one.v1"]))
    let offer = try #require(bus.offered.keys.first)
    let late = Request(id: 1, what: "schema-add", parameters: ["type": "jp.test.late.v1", "schema": "{}"])
    bus.send(operatorPeer, user: "key-op", .request(late))
    #expect(bus.errors(to: operatorPeer).map(\.error.code) == [.schemaRefused])
    bus.answerOffer(offer, .success([schema("jp.test.one.v1")]))
    bus.publish(peer, batch: 1, ["x:jp.test.one.v1"])
    bus.commit()
    #expect(bus.published(to: peer).map(\.accepted) == [1])
  }

  @Test func `an offer that is refused gives its numbers back`() throws {
    let bus = Bench()
    let peer = bus.connect("a")
    while bus.broker.types.count < Int(UInt16.max) - 1 {
      let type = "t.n\(bus.broker.types.count)"
      _ = bus.broker.adopt(type, of: type)
    }
    for _ in 0..<3 {
      bus.send(peer, user: "key-a", hello(["jp.test.one.v1"]))
      let offer = try #require(bus.offered.keys.first)
      bus.answerOffer(offer, .failure(WireError(.schemaRefused)))
    }
    bus.send(peer, user: "key-a", hello(["jp.test.one.v1"]))
    #expect(bus.offered.count == 1)
  }
}
