import CasusEvents
import CasusWire
import Testing

@testable import CasusCore

/// What plugins name and say goes into the bus's own events: whatever would break their schemas is refused where it is said.
@Suite struct WordsOfOthers {
  private let bus = Bench()

  @Test(arguments: ["", "Main", "a b", "a#b", "a~b", "-a", "a..b", "é", String(repeating: "x", count: 61)])
  func `a subscription is named in the alphabet of names`(wrong: String) {
    let reader = bus.join("b")
    bus.subscribe(reader, types: ["t.one"], name: wrong, credit: 1)
    let error = bus.errors(to: reader).first?.error
    #expect(error?.code == .malformedControl && error?.pointer == "/name")
    #expect(bus.broker.subscriptionCount == 0)
  }

  @Test(arguments: [
    (Hello(identity: "jp.test/b", program: "", version: "1"), "program"),
    (Hello(identity: "jp.test/b", program: "p", version: ""), "version"),
    (Hello(identity: "jp.test/b", program: "p", version: "1", publishes: ["t.one", "t.*"]), "publishes/1"),
    (Hello(identity: "jp.test/b", program: "p", version: "1", publishes: ["A"]), "publishes/0"),
    (Hello(identity: "jp.test/b", program: "p", version: "1", subscribes: [">", ""]), "subscribes/1"),
    (
      Hello(identity: "jp.test/b", program: "p", version: "1", subscribes: [String(repeating: "x", count: 129)]),
      "subscribes/0"
    ),
  ]) func `a manifest says types and patterns`(hello: Hello, member: String) {
    let peer = bus.connect("b")
    bus.send(peer, user: "key-b", .hello(hello))
    let error = bus.errors(to: peer).first?.error
    #expect(error?.code == .malformedControl && error?.pointer == "/manifest/\(member)")
    #expect(!bus.isLive(peer))
    bus.commit()
    #expect(bus.journal.isEmpty)
  }

  @Test func `a refusal without a reason is told with one that says so`() throws {
    let publisher = bus.join("a")
    let reader = bus.join("b")
    bus.subscribe(reader, types: ["t.one"], name: "main", credit: 1, maxAttempts: 1)
    bus.publish(publisher, batch: 1, ["x"])
    bus.commit()
    bus.send(reader, user: "key-b", .nack(Nack(subscription: 1, sequences: bus.deliveredSequences(to: reader))))
    bus.commit()
    #expect(bus.journal.last?.text.contains(#""message":"no reason was given""#) == true)
  }
}
