import CasusEvents
import CasusWire
import Testing

@testable import CasusCore

@Suite struct ReadersOfHistory {
  private func bus(_ change: (inout BrokerOptions) -> Void = { _ in }) -> Bench {
    var options = BrokerOptions()
    options.limits.tailBytes = 1
    options.leastHistoryBytes = 1
    change(&options)
    return Bench(options)
  }

  private func publish(_ bus: Bench, _ peer: PeerID, _ range: ClosedRange<Int>) {
    for number in range {
      bus.publish(peer, batch: number, ["\(number)"])
      bus.commit()
    }
  }

  @Test func `get no more than a share of what is published while commits are large`() {
    let bus = bus { $0.busyCommitBytes = 1 }
    let publisher = bus.join("a")
    let reader = bus.join("b")
    publish(bus, publisher, 1_001...2_000)
    bus.subscribe(reader, types: ["t.one"], from: .earliest, credit: 10_000)
    let before = bus.delivered(to: reader).count
    #expect(before < 20)
    // The first run had the long events of the bus in it, which are paid for first.
    publish(bus, publisher, 2_001...2_400)
    _ = bus.delivered(to: reader)
    publish(bus, publisher, 2_401...2_800)
    let beside = bus.delivered(to: reader).count
    #expect((250...320).contains(beside))
  }

  @Test func `are not held back when they were up to date and fell behind`() {
    let bus = bus { $0.busyCommitBytes = 1 }
    let publisher = bus.join("a")
    let reader = bus.join("b")
    bus.subscribe(reader, types: ["t.one"], from: .latest, credit: 1)
    publish(bus, publisher, 1_001...1_400)
    #expect(bus.delivered(to: reader) == ["1001"])
    bus.send(reader, user: "key-b", .credit(Credit(subscription: 1, events: 10_000, bytes: 1 << 20)))
    #expect(bus.delivered(to: reader) == (1_002...1_400).map(String.init))
  }

  @Test func `are not held back once nobody publishes`() {
    let bus = bus { $0.busyCommitBytes = 1 }
    let publisher = bus.join("a")
    let reader = bus.join("b")
    publish(bus, publisher, 1_001...2_000)
    bus.subscribe(reader, types: ["t.one"], from: .earliest, credit: 10_000)
    bus.tick(milliseconds: 100)
    bus.tick(milliseconds: 100)
    #expect(bus.delivered(to: reader) == (1_001...2_000).map(String.init))
  }

  @Test func `that are at the same place read it once`() {
    let bus = bus()
    let publisher = bus.join("a")
    let names = ["b", "c", "d"]
    let readers = names.map { bus.join($0) }
    publish(bus, publisher, 1_001...1_100)
    // So that what was read is not used up.
    for reader in readers { bus.subscribe(reader, types: ["t.one"], from: .earliest, credit: 3) }
    #expect(bus.reads == 1)
    for reader in readers { #expect(bus.delivered(to: reader) == ["1001", "1002", "1003"]) }
    for (name, reader) in zip(names, readers) {
      bus.send(reader, user: "key-\(name)", .credit(Credit(subscription: 1, events: 1_000, bytes: 1 << 20)))
    }
    for reader in readers { #expect(bus.delivered(to: reader) == (1_004...1_100).map(String.init)) }
  }

  @Test func `are not held back by small commits`() {
    let bus = bus { $0.busyCommitBytes = 1_000 }
    let publisher = bus.join("a")
    let reader = bus.join("b")
    publish(bus, publisher, 1_001...2_000)
    bus.subscribe(reader, types: ["t.one"], from: .earliest, credit: 10_000)
    #expect(bus.delivered(to: reader) == (1_001...2_000).map(String.init))
  }

  @Test func `go on slowly however much is published`() {
    let bus = bus {
      $0.busyCommitBytes = 1
      $0.leastHistoryBytes = 1_000
    }
    let publisher = bus.join("a")
    let reader = bus.join("b")
    publish(bus, publisher, 1_001...1_100)
    bus.subscribe(reader, types: ["t.one"], from: .earliest, credit: 10_000)
    let before = bus.delivered(to: reader).count
    bus.tick(milliseconds: 100)
    #expect(bus.delivered(to: reader).count > before)
  }

  @Test func `get what is theirs out of runs of mostly others`() {
    let bus = bus { $0.limits.tailBytes = 1 << 20 }
    let publisher = bus.join("a")
    let other = bus.join("c")
    let reader = bus.join("b")
    bus.publish(publisher, batch: 1, ["1", "2", "3:t.two", "4"])
    bus.publish(other, batch: 1, ["5", "6"])
    bus.commit()
    bus.subscribe(reader, types: ["t.two"], from: .earliest, credit: 10, progress: true)
    #expect(bus.delivered(to: reader) == ["3"])
    bus.publish(publisher, batch: 2, ["7", "8"])
    bus.commit()
    #expect(bus.delivered(to: reader).isEmpty)
    #expect(bus.progress(to: reader).last == UInt64(bus.journal.count))
  }
}

@Suite("The kinds of a run") struct RunKindsTests {
  private func stamp(_ type: UInt16, sender: UInt16 = 1, flags: StampFlags = []) -> RecordStamp {
    RecordStamp(sequence: 1, recorded: Timestamp(nanoseconds: 0), type: type, sender: sender, flags: flags)
  }

  @Test
  func `are each once`() {
    var kinds = RunKinds()
    for stamp in [stamp(1), stamp(1), stamp(2), stamp(1), stamp(1, sender: 2), stamp(1, sender: 2)] { kinds.add(stamp) }
    #expect(kinds.all?.map(\.kind.type) == [1, 2, 1])
    #expect(kinds.all?.map(\.kind.sender) == [1, 1, 2])
    #expect(kinds.all?.map(\.count) == [3, 1, 2])
  }

  @Test
  func `are not listed when they are many`() {
    var kinds = RunKinds()
    for type in 0..<UInt16(RunKinds.most) { kinds.add(stamp(type)) }
    #expect(kinds.all?.count == RunKinds.most)
    kinds.add(stamp(1))
    #expect(kinds.all?.count == RunKinds.most)
    kinds.add(stamp(999))
    #expect(kinds.all == nil)
    kinds.add(stamp(1))
    #expect(kinds.all == nil)
  }
}
