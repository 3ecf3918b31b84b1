import CasusEvents
import CasusWire
import Testing

@testable import CasusCore

@Suite("Events on their way to the journal")
struct StagingTests {
  @Test func `an event that cannot be staged is refused by itself`() {
    let bus = Bench()
    let one = bus.join("a")
    let other = bus.join("b")
    bus.commit()
    bus.stageFaults.refuses = { $0.contains("full") }
    bus.publish(one, batch: 1, ["x", "full", "y"])
    bus.publish(other, batch: 1, ["z@//jp.test/b"])
    bus.commit()
    let published = bus.published(to: one)[0]
    #expect(published.accepted == 2)
    #expect(published.refused.map(\.index) == [1])
    #expect(published.refused.map(\.error.code) == [.notStaged])
    #expect(bus.published(to: other).map(\.accepted) == [1])
    #expect(bus.journal.map(\.stamp.sequence) == Array(1...UInt64(bus.journal.count)))
  }

  @Test func `an event that could not be staged is no duplicate of itself`() {
    let bus = Bench()
    let peer = bus.join("a")
    bus.commit()
    bus.stageFaults.refuses = { $0 == "x" }
    bus.publish(peer, batch: 1, ["x"])
    bus.stageFaults.refuses = { _ in false }
    bus.publish(peer, batch: 2, ["x"])
    bus.commit()
    #expect(bus.published(to: peer).map(\.accepted) == [0, 1])
  }

  @Test func `what the bus cannot stage of itself is told later`() {
    let bus = Bench()
    bus.stageFaults.refuses = { $0.contains("bus.joined") }
    let peer = bus.join("a")
    bus.publish(peer, batch: 1, ["x"])
    bus.commit()
    #expect(bus.journal.map(\.type) == ["t.one"])
    bus.stageFaults.refuses = { _ in false }
    bus.tick(milliseconds: 100)
    bus.commit()
    #expect(bus.journal.map(\.type) == ["t.one", "casus.bus.joined.v1"])
  }

  @Test func `one commit is under way at a time`() {
    let bus = Bench()
    let peer = bus.join("a")
    bus.commit()
    bus.publish(peer, batch: 1, ["x"])
    bus.seal()
    bus.publish(peer, batch: 2, ["y"])
    bus.seal()
    #expect(bus.wantsCommit)
    bus.commit()
    #expect(bus.published(to: peer).map(\.batch) == [1, 2])
  }

  @Test func `enough for a commit is handed out at once`() {
    var options = BrokerOptions()
    options.worthCommitting = 10
    let bus = Bench(options)
    let peer = bus.join("a")
    bus.commit()
    bus.publish(peer, batch: 1, ["a long enough event"])
    #expect(!bus.wantsCommit)
    bus.commit()
    #expect(bus.published(to: peer).map(\.batch) == [1])
  }

  @Test func `the broker has stopped when everything it accepted is on disk`() {
    let bus = Bench()
    let peer = bus.join("a")
    bus.commit()
    bus.publish(peer, batch: 1, ["x"])
    bus.stop()
    #expect(bus.hasStopped)
    #expect(bus.published(to: peer).map(\.accepted) == [1])
  }

  @Test func `a refused stage is not charged to the publisher`() {
    var options = BrokerOptions()
    options.limits.faultsAtOnce = 250
    options.limits.faultsPerSecond = 1
    let bus = Bench(options)
    let peer = bus.join("a")
    bus.stageFaults.refuses = { $0.hasPrefix("x") }
    for batch in 1...100 { bus.publish(peer, batch: batch, (0..<10).map { "x\(batch)-\($0)" }) }
    #expect(bus.errors(to: peer).isEmpty)
    #expect(bus.shut.isEmpty)
  }
}
