import CasusWire
import Foundation
import Testing

@testable import CasusCore

/// `CASUS_SEEDS` runs more seeds than 200 (`deploy/soak seeds` 10,000), `CASUS_SEED` runs one again.
@Suite struct Simulations {
  private static let seeds: Range<UInt64> = {
    let environment = ProcessInfo.processInfo.environment
    if let seed = environment["CASUS_SEED"].flatMap(UInt64.init) { return seed..<seed + 1 }
    return 0..<(environment["CASUS_SEEDS"].flatMap(UInt64.init) ?? 200)
  }()

  /// Two at a time, for two cores.
  @Test(arguments: 0..<2) func `every promise holds in every seeded run`(half: UInt64) {
    for seed in Self.seeds where seed % 2 == half {
      let violations = Simulation(seed: seed).run()
      #expect(violations.isEmpty, "CASUS_SEED=\(seed): \(violations.prefix(3).joined(separator: "; "))")
      if !violations.isEmpty { break }
    }
  }

  @Test(arguments: [
    Simulation.Control.acknowledgeBeforeCommit, .forgetDuplicates, .losePositionsForward, .lyingDisk, .forgetAttempts,
    .acknowledgeRefused, .forgetConsequences, .keepRevoked, .forgetOutbox, .acknowledgeUnread,
  ]) func `a fault put in on purpose is found`(control: Simulation.Control) {
    #expect((0..<100).contains { !Simulation(seed: $0, control: control).run().isEmpty })
  }

  @Test func `a seed gives the same run again`() {
    func journal(_ seed: UInt64) -> [[UInt8]] {
      let simulation = Simulation(seed: seed)
      _ = simulation.run()
      return simulation.bus.journal.map(\.bytes)
    }
    #expect(journal(7) == journal(7))
    #expect(journal(7) != journal(8))
  }

  @Test func `what gets the sequences that a journal has lost is delivered`() {
    let bus = Bench()
    let publisher = bus.join("a")
    let reader = bus.join("b")
    bus.subscribe(reader, types: ["t.one"], name: "work", credit: 100)
    bus.publish(publisher, batch: 1, ["1"])
    bus.commit()
    bus.publish(publisher, batch: 2, (2...13).map { String($0) })
    bus.commit()
    // All but the first are done with, so the position stands before them.
    let last = bus.broker.durable
    bus.send(reader, user: "key-b", .ack(.init(subscription: 1, also: Array((last - 11)...last))))
    bus.tick(milliseconds: 1_000)
    bus.keepPositions()
    bus.loseEnd(12)
    bus.restart()
    let again = bus.join("b")
    bus.subscribe(again, types: ["t.one"], name: "work", credit: 100)
    bus.publish(bus.join("a"), batch: 1, (21...32).map { String($0) })
    bus.commit()
    #expect(bus.delivered(to: again).sorted() == (["1"] + (21...32).map { String($0) }).sorted())
  }

  @Test func `a journal that is shorter than what was acknowledged is noticed at the start`() {
    let bus = Bench()
    let publisher = bus.join("a")
    let reader = bus.join("b")
    bus.subscribe(reader, types: ["t.one"], name: "work", credit: 100)
    bus.publish(publisher, batch: 1, ["1", "2", "3"])
    bus.commit()
    bus.send(reader, user: "key-b", .ack(.init(subscription: 1, through: bus.broker.durable)))
    bus.tick(milliseconds: 1_000)
    bus.keepPositions()
    bus.loseEnd(2)
    bus.restart()
    _ = bus.join("a")
    #expect(bus.notes.contains { $0.contains("the disk has lost what it confirmed") })
  }
}
