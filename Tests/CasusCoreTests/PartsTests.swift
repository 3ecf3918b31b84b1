import CasusEvents
import CasusWire
import Testing

@testable import CasusCore

/// A batch that takes longer than a turn is judged in parts, and others have their turn in between.
@Suite("A costly batch")
struct PartsTests {
  private static func costly(_ count: Int) -> [String] { (0..<count).map { "\($0)^costly" } }

  private static var options: BrokerOptions {
    var options = BrokerOptions()
    // Two costly events.
    options.turnSteps = 20_000
    return options
  }

  @Test func `others are served between its parts`() {
    let bus = Bench(Self.options)
    let heavy = bus.join("a")
    let light = bus.join("b")
    bus.commit()
    var parts = 0
    bus.betweenParts = {
      parts += 1
      bus.publish(light, batch: parts, ["light-\(parts)@//jp.test/b"])
      bus.commit()
    }
    bus.publish(heavy, batch: 1, Self.costly(10))
    bus.betweenParts = nil
    #expect(parts == 4)
    #expect(bus.published(to: light).map(\.accepted) == [1, 1, 1, 1])
    #expect(bus.published(to: heavy).isEmpty)
    bus.commit()
    #expect(bus.published(to: heavy).map(\.accepted) == [10])
  }

  @Test func `its answer says where others came in between`() throws {
    let bus = Bench(Self.options)
    let heavy = bus.join("a")
    let light = bus.join("b")
    bus.commit()
    bus.betweenParts = { bus.publish(light, batch: 1, ["light@//jp.test/b"]) }
    bus.publish(heavy, batch: 1, Self.costly(3) + ["!"] + ["last^costly"])
    bus.betweenParts = nil
    bus.commit()
    let published = try #require(bus.published(to: heavy).first)
    var sequence = published.first
    var sequences: [UInt64] = []
    for index in 0..<5 where !published.refused.contains(where: { $0.index == index }) {
      if let jump = published.jumps.first(where: { $0.index == index }) { sequence = jump.sequence }
      sequences.append(sequence)
      sequence += 1
    }
    let kept = bus.journal.filter { $0.text.contains("^costly") }.map(\.stamp.sequence)
    #expect(sequences == kept)
    #expect(published.jumps.count == 1)
  }

  @Test func `a failed commit between its parts gives it back as a whole`() {
    let bus = Bench(Self.options)
    let heavy = bus.join("a")
    bus.commit()
    var hasFailed = false
    bus.betweenParts = {
      if !hasFailed { bus.failCommit() }
      hasFailed = true
    }
    bus.publish(heavy, batch: 1, Self.costly(6))
    bus.betweenParts = nil
    bus.commit()
    #expect(bus.published(to: heavy).isEmpty)
    #expect(bus.errors(to: heavy).map(\.error.code) == [.diskFull])
    bus.publish(heavy, batch: 1, Self.costly(6))
    bus.commit()
    #expect(bus.published(to: heavy).map(\.accepted) == [6])
    #expect(bus.ledgerBalances)
  }

  /// What has to come again begins with the batch that was refused first.
  @Test(arguments: [PartsTests.costly(6), Array(repeating: "!", count: 400) + ["last"]])
  func `a failed commit keeps the order of batches`(second: [String]) {
    let bus = Bench(Self.options)
    let heavy = bus.join("a")
    bus.commit()
    bus.publish(heavy, batch: 1, ["first"])
    bus.seal()
    var hasFailed = false
    bus.betweenParts = {
      if !hasFailed { bus.failCommit() }
      hasFailed = true
    }
    bus.publish(heavy, batch: 2, second)
    bus.betweenParts = nil
    #expect(hasFailed)
    bus.commit()
    #expect(bus.errors(to: heavy).map(\.number) == [1, 2])
    bus.publish(heavy, batch: 2, second)
    #expect(bus.errors(to: heavy).map(\.number) == [2])
    bus.publish(heavy, batch: 1, ["first"])
    bus.publish(heavy, batch: 2, second)
    bus.commit()
    #expect(bus.published(to: heavy).map(\.batch) == [1, 2])
    #expect(bus.ledgerBalances)
  }

  /// The unread rest of a batch is as much on its way to the disk as what is staged.
  @Test func `what is still to be judged counts as staged`() {
    var options = Self.options
    options.limits.batchBytes = 1_024
    options.limits.eventBytes = 1_020
    options.limits.windowBytes = 1_024
    options.limits.stagedBytes = 1_100
    let bus = Bench(options)
    let heavy = bus.join("a")
    let light = bus.join("b")
    bus.commit()
    let much = (0..<10).map { "\($0)^costly" + String(repeating: "x", count: 80) }
    var parts = 0
    bus.betweenParts = {
      parts += 1
      bus.commit()
      if parts == 1 { bus.publish(light, batch: 1, ["light-" + String(repeating: "x", count: 400) + "@//jp.test/b"]) }
    }
    bus.publish(heavy, batch: 1, much)
    bus.betweenParts = nil
    #expect(parts == 4)
    #expect(bus.errors(to: light).map(\.error.code) == [.busy])
    bus.commit()
    bus.publish(light, batch: 1, ["light-" + String(repeating: "x", count: 400) + "@//jp.test/b"])
    bus.commit()
    #expect(bus.published(to: light).map(\.accepted) == [1])
    // Nothing is left of one that is given up.
    bus.betweenParts = { bus.lose(heavy) }
    bus.publish(heavy, batch: 2, much.map { "again-" + $0.dropLast(10) })
    bus.betweenParts = nil
    #expect(bus.broker.unfinishedBytes == 0)
    bus.tick(milliseconds: 100)
  }

  /// People may have many sessions, each with a batch of its own.
  @Test func `one identity takes no more room than its share of what is to be judged`() {
    var options = Self.options
    options.limits.batchBytes = 1_024
    options.limits.eventBytes = 1_020
    options.limits.windowBytes = 4_096
    options.limits.stagedBytes = 4_096
    let bus = Bench(options)
    let sessions = [bus.join("op", roles: [.operator]), bus.join("op", roles: [.operator])]
    let light = bus.join("b")
    bus.commit()
    func costly(_ name: String) -> [String] {
      (0..<10).map { "\(name)\($0)^costly" + String(repeating: "x", count: 70) + "@//jp.test/op" }
    }
    var parts = 0
    bus.betweenParts = {
      parts += 1
      guard parts == 1 else { return }
      bus.publish(sessions[1], batch: 1, costly("other"))
      bus.publish(light, batch: 1, ["light@//jp.test/b"])
    }
    bus.publish(sessions[0], batch: 1, costly("one"))
    bus.betweenParts = nil
    bus.commit()
    #expect(bus.errors(to: sessions[1]).map(\.error.code) == [.busy])
    #expect(bus.published(to: light).map(\.accepted) == [1])
    #expect(bus.published(to: sessions[0]).map(\.accepted) == [10])
    bus.publish(sessions[1], batch: 1, costly("other"))
    bus.commit()
    #expect(bus.published(to: sessions[1]).map(\.accepted) == [10])
  }

  @Test func `what it refused is told though it is given up`() {
    let bus = Bench(Self.options)
    let heavy = bus.join("a")
    bus.commit()
    bus.betweenParts = { bus.lose(heavy) }
    bus.publish(heavy, batch: 1, ["!"] + Self.costly(6))
    bus.betweenParts = nil
    bus.commit()
    #expect(bus.told("casus.bus.refused.v1", of: "jp.test/a") == 1)
    let again = bus.join("a")
    bus.betweenParts = { bus.failCommit() }
    bus.publish(again, batch: 1, ["!", "a^costly", "b^costly", "c^costly"])
    bus.betweenParts = nil
    bus.tick(milliseconds: 100)
    bus.commit()
    #expect(bus.told("casus.bus.refused.v1", of: "jp.test/a") == 2)
  }

  @Test func `who is gone between its parts is not judged on`() {
    let bus = Bench(Self.options)
    let heavy = bus.join("a")
    bus.commit()
    bus.betweenParts = { bus.lose(heavy) }
    bus.publish(heavy, batch: 1, Self.costly(6))
    bus.betweenParts = nil
    bus.commit()
    #expect(bus.journal.count { $0.text.contains("^costly") } == 2)
    #expect(bus.ledgerBalances)
  }

  @Test func `what it costs is paid though every event is accepted`() {
    var options = Self.options
    options.limits.faultsAtOnce = 1_000
    options.limits.faultsPerSecond = 1
    let bus = Bench(options)
    let heavy = bus.join("a")
    let other = bus.join("b")
    bus.commit()
    // 49 points each: `Act.stepsPerUnit`, without the free ones.
    bus.publish(heavy, batch: 1, Self.costly(100))
    #expect(bus.shut == ["key-a"])
    #expect(bus.errors(to: heavy).map(\.error.code) == [.flooding])
    // Cut off in the midst of the batch.
    bus.commit()
    #expect(bus.journal.count { $0.text.contains("^costly") } < 30)
    bus.publish(other, batch: 1, (0..<100).map { "\($0)@//jp.test/b" })
    bus.commit()
    #expect(bus.published(to: other).map(\.accepted) == [100])
    #expect(bus.ledgerBalances)
  }

  @Test func `what an event of its size takes is free`() {
    var options = Self.options
    options.limits.faultsAtOnce = 300
    options.limits.faultsPerSecond = 1
    let bus = Bench(options)
    let peer = bus.join("a")
    bus.commit()
    for batch in 0..<100 { bus.publish(peer, batch: batch, (0..<100).map { "\(batch)-\($0)" }) }
    #expect(bus.shut.isEmpty)
  }
}
