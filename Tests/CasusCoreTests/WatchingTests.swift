import CasusEvents
import CasusWire
import Testing

@testable import CasusCore

/// Who looks on for people leaves nothing in the journal for it; who does something is on record before it.
@Suite struct WatchingTests {
  private func types(_ bus: Bench) -> [String] {
    bus.commit()
    return bus.journal.map(\.type)
  }

  @Test(arguments: [Role.observer, .operator]) func `looking on leaves no trace`(role: Role) {
    let bus = Bench()
    let person = bus.join("p", roles: [role])
    #expect(bus.broker.plugins["jp.test/p"]?.state == .connected, "status tells of him all the same")
    bus.subscribe(person, types: [">"], from: .earliest, credit: 10)
    for what in ["status", "ledger", "quarantine", "schemas"] {
      bus.send(person, user: "key-p", .request(Request(id: 1, what: what, parameters: [:])))
    }
    bus.send(person, user: "key-p", .bye(Bye(reason: "")))
    #expect(bus.broker.plugins["jp.test/p"]?.state == .gone)
    #expect(types(bus) == [])
  }

  @Test func `a plugin is on record from its first moment`() {
    let bus = Bench()
    let peer = bus.join("a")
    bus.send(peer, user: "key-a", .bye(Bye(reason: "")))
    #expect(types(bus) == ["casus.bus.joined.v1", "casus.bus.left.v1"])
  }

  @Test func `who publishes is on record before what he publishes`() {
    let bus = Bench()
    let person = bus.join("p", roles: [.operator])
    bus.publish(person, batch: 1, ["x@//jp.test/p"])
    bus.publish(person, batch: 2, ["y@//jp.test/p"])
    bus.commit()
    bus.send(person, user: "key-p", .bye(Bye(reason: "")))
    #expect(types(bus) == ["casus.bus.joined.v1", "t.one", "t.one", "casus.bus.left.v1"])
  }

  @Test func `who has a position kept is on record`() {
    let bus = Bench()
    let person = bus.join("p", roles: [.observer])
    bus.subscribe(person, types: ["t.one"], name: "desk", credit: 10)
    #expect(types(bus) == ["casus.bus.joined.v1"])
  }

  @Test(arguments: [
    ("quarantine", ["action": "retry"], true), ("quarantine", ["action": "drop"], true),
    ("quarantine", ["action": "list"], false),
  ])
  func `who changes the quarantine is on record`(what: String, parameters: [String: String], isTold: Bool) {
    let bus = Bench()
    let person = bus.join("p", roles: [.operator])
    bus.send(person, user: "key-p", .request(Request(id: 1, what: what, parameters: parameters)))
    #expect(types(bus) == (isTold ? ["casus.bus.joined.v1"] : []))
  }

  @Test func `who takes away a position is on record before that`() {
    let bus = Bench()
    let plugin = bus.join("a")
    bus.subscribe(plugin, types: ["t.one"], name: "mine", credit: 10)
    bus.lose(plugin)
    let person = bus.join("p", roles: [.operator])
    let before = types(bus)
    let parameters = ["plugin": "jp.test/a", "subscription": "mine"]
    bus.send(person, user: "key-p", .request(Request(id: 1, what: "subscription-forget", parameters: parameters)))
    #expect(types(bus).dropFirst(before.count) == ["casus.bus.joined.v1", "casus.bus.retention.v1"])
  }

  @Test func `a key that is taken away is told of whatever was done with it`() {
    let bus = Bench()
    _ = bus.join("p", roles: [.observer])
    bus.remove("p")
    #expect(types(bus) == ["casus.bus.left.v1"])
  }
}
