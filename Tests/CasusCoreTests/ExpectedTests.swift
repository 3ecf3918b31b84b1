import CasusEvents
import CasusWire
import Testing

@testable import CasusCore

/// Who is meant to be there: whoever began a session and did not end it in good order.
@Suite struct ExpectedTests {
  /// A sensor that only publishes has no position that could be behind.
  @Test func `who leaves without a word is expected until it comes back`() throws {
    let bus = Bench()
    func gone(_ name: String) -> Bool { bus.broker.plugins["jp.test/\(name)"]?.goneSince != nil }
    let names = ["lost", "silent", "polite", "watcher"]
    let peers = names.map { bus.join($0, roles: $0 == "watcher" ? [.observer] : []) }
    bus.commit()
    #expect(!names.contains(where: gone))
    bus.lose(peers[0])
    bus.send(peers[2], user: "key-polite", .bye(Bye()))
    bus.lose(peers[3])
    bus.tick(milliseconds: 16_000)
    bus.commit()
    #expect(names.filter(gone) == ["lost", "silent"])
    bus.stop()
    bus.restart()
    #expect(names.filter(gone) == ["lost", "silent"], "a broker that starts anew knows them still")
    _ = bus.join("lost")
    #expect(names.filter(gone) == ["silent"])
    bus.remove("silent")
    #expect(!names.contains(where: gone), "whoever is not registered any more is not expected")
  }

  @Test func `who was there when the broker was killed is expected`() {
    let bus = Bench()
    _ = bus.join("a")
    bus.commit()
    bus.tick(milliseconds: 1_100)
    bus.keepPositions()
    bus.restart()
    #expect(bus.broker.plugins["jp.test/a"]?.goneSince != nil)
    _ = bus.join("a")
    #expect(bus.broker.plugins["jp.test/a"]?.goneSince == nil)
  }
}
