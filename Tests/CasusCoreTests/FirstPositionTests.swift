import CasusEvents
import CasusWire
import Testing

@testable import CasusCore

/// A new durable subscription is confirmed when its first position is on disk, and not before.
@Suite struct FirstPositions {
  private func confirmed(_ bus: Bench, _ peer: PeerID) -> Int {
    bus.take(peer) { if case .subscribed(let it) = $0 { it } else { nil } }.count
  }

  /// Subscribes, is lost, and subscribes again while the disk is still at it.
  private func twice(_ bus: Bench) -> PeerID {
    bus.delaysPositions = true
    let publisher = bus.join("a")
    bus.publish(publisher, batch: 1, ["1"])
    bus.commit()
    let first = bus.join("b")
    bus.subscribe(first, types: ["t.one"], from: .earliest, name: "work", credit: 10)
    bus.lose(first)
    let second = bus.join("b")
    bus.subscribe(second, types: ["t.one"], from: .earliest, name: "work", credit: 10)
    return second
  }

  @Test func `a second session waits for the same write`() {
    let bus = Bench()
    let second = twice(bus)
    #expect(confirmed(bus, second) == 0 && bus.delivered(to: second).isEmpty)
    #expect(bus.answerPositions() == 1)
    #expect(confirmed(bus, second) == 1)
    #expect(bus.delivered(to: second) == ["1"])
  }

  @Test func `a second session is refused with the first when the write fails`() {
    let bus = Bench()
    let second = twice(bus)
    bus.refusesPositions = true
    bus.answerPositions()
    #expect(confirmed(bus, second) == 0 && bus.delivered(to: second).isEmpty)
    #expect(bus.errors(to: second).map(\.error.code) == [.diskFull])
    #expect(bus.report(of: "jp.test/b") == nil)
  }
}
