import CasusEvents
import CasusWire
import Testing

@testable import CasusCore

@Suite struct DurationsTests {
  @Test(arguments: [
    (Int64(-5), 0), (0, 0), (32_000, 0), (32_001, 1), (64_000, 1), (64_001, 2), (1_024_000, 5), (1_024_001, 6),
    (16_777_216_000, 19), (16_777_216_001, 20), (.max, 20),
  ])
  func `a time is counted in the first step that reaches it`(nanoseconds: Int64, step: Int) {
    var durations = Durations()
    durations.add(nanoseconds)
    #expect(durations.all.firstIndex(of: 1) == step && durations.all.reduce(0, +) == 1)
    #expect(step == Durations.stepCount || nanoseconds <= Durations.steps[step])
    #expect(durations.sum == UInt64(max(0, nanoseconds)))
  }

  @Test func `the sum stays at its bound`() {
    var durations = Durations()
    for _ in 0..<3 { durations.add(.max) }
    #expect(durations.sum == .max && durations.all.last == 3)
  }

  private func counted(_ durations: Durations) -> [UInt64] {
    durations.all.enumerated().flatMap { place, count in
      Array(repeating: place < Durations.stepCount ? UInt64(Durations.steps[place]) : .max, count: Int(count))
    }
  }

  @Test func `a broker measures its commits and what publishers and subscribers wait for`() {
    let bus = Bench()
    let publisher = bus.join("a")
    let reader = bus.join("b")
    bus.subscribe(reader, types: ["t.one"], credit: 1)
    bus.commit()
    let before = (counted(bus.broker.timings.commit).count, counted(bus.broker.timings.delivered).count)
    #expect(counted(bus.broker.timings.accepted) == [])
    bus.commitTakes = 3_000_000
    bus.publish(publisher, batch: 1, ["one", "two"])
    bus.tick(milliseconds: 50)
    bus.commit()
    #expect(counted(bus.broker.timings.commit).dropFirst(before.0) == [4_096_000])
    #expect(counted(bus.broker.timings.accepted) == [65_536_000])
    #expect(counted(bus.broker.timings.delivered).dropFirst(before.1) == [65_536_000])
    // The second one waits for credit; what is delivered again, or to others too, is no first time.
    bus.tick(milliseconds: 100)
    bus.send(reader, user: "key-b", .credit(Credit(subscription: 1, events: 9, bytes: 1_000)))
    let other = bus.join("c")
    bus.subscribe(other, types: ["t.one"], from: .earliest, credit: 9)
    #expect(bus.delivered(to: other) == ["one", "two"])
    #expect(counted(bus.broker.timings.delivered).dropFirst(before.1).sorted() == [65_536_000, 262_144_000])
    // A repetition is answered at once.
    bus.publish(publisher, batch: 2, ["one"])
    #expect(counted(bus.broker.timings.accepted).sorted() == [32_000, 65_536_000])
  }

  @Test func `what is spent of a budget comes back and what is turned away is counted`() {
    let bus = Bench()
    let peer = bus.join("a")
    func spent() -> Int { bus.broker.spentPoints(of: "jp.test/a") }
    bus.tick(milliseconds: 1_000)
    #expect(spent() == 0)
    for number in 1...10 { bus.publish(peer, batch: number, Array(repeating: "!bad", count: 1_000)) }
    #expect((9_990...10_000).contains(spent()))
    bus.tick(milliseconds: 250)
    #expect((4_990...5_000).contains(spent()))
    #expect(bus.broker.plugins["jp.test/a"]?.turnedAway == 0)
    for number in 11...120 { bus.publish(peer, batch: number, Array(repeating: "!bad", count: 1_000)) }
    #expect(bus.broker.plugins["jp.test/a"]?.cutOffs == 1)
    let before = bus.broker.plugins["jp.test/a"]?.turnedAway ?? 0
    for number in 121...130 { bus.publish(peer, batch: number, ["x"]) }
    #expect(bus.broker.plugins["jp.test/a"]?.turnedAway == before + 10)
  }
}
