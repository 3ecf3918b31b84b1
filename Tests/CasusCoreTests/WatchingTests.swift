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

  @Test(arguments: [Role.observer, .operator]) func lookingOnLeavesNoTrace(role: Role) {
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

  @Test func aPluginIsOnRecordFromItsFirstMoment() {
    let bus = Bench()
    let peer = bus.join("a")
    bus.send(peer, user: "key-a", .bye(Bye(reason: "")))
    #expect(types(bus) == ["casus.bus.joined.v1", "casus.bus.left.v1"])
  }

  @Test func whoPublishesIsOnRecordBeforeWhatHePublishes() {
    let bus = Bench()
    let person = bus.join("p", roles: [.operator])
    bus.publish(person, batch: 1, ["x@//jp.test/p"])
    bus.publish(person, batch: 2, ["y@//jp.test/p"])
    bus.commit()
    bus.send(person, user: "key-p", .bye(Bye(reason: "")))
    #expect(types(bus) == ["casus.bus.joined.v1", "t.one", "t.one", "casus.bus.left.v1"])
  }

  @Test func whoHasAPositionKeptIsOnRecord() {
    let bus = Bench()
    let person = bus.join("p", roles: [.observer])
    bus.subscribe(person, types: ["t.one"], name: "desk", credit: 10)
    #expect(types(bus) == ["casus.bus.joined.v1"])
  }

  @Test(arguments: [
    ("quarantine", ["action": "retry"], true), ("quarantine", ["action": "drop"], true),
    ("quarantine", ["action": "list"], false),
  ])
  func whoChangesTheQuarantineIsOnRecord(what: String, parameters: [String: String], isTold: Bool) {
    let bus = Bench()
    let person = bus.join("p", roles: [.operator])
    bus.send(person, user: "key-p", .request(Request(id: 1, what: what, parameters: parameters)))
    #expect(types(bus) == (isTold ? ["casus.bus.joined.v1"] : []))
  }

  @Test func whoTakesAwayAPositionIsOnRecordBeforeThat() {
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

  @Test func aKeyThatIsTakenAwayIsToldOfWhateverWasDoneWithIt() {
    let bus = Bench()
    _ = bus.join("p", roles: [.observer])
    bus.remove("p")
    #expect(types(bus) == ["casus.bus.left.v1"])
  }
}
