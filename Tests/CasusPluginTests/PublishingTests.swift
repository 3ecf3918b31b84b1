import CasusEvents
import CasusTestKit
import CasusWire
import Foundation
import Synchronization
import Testing

@testable import CasusPlugin

@Suite("Publishing", .timeLimit(.minutes(15)))
struct PublishingTests {
  private func published(_ heard: FakeBroker.Heard, from first: UInt64) -> [FakeBroker.Answer]? {
    heard.publish.map {
      [.init(.published(Published(batch: $0.batch, accepted: heard.events.count, first: first)))]
    }
  }

  @Test func `tells the fate of each event in order`() async throws {
    let broker = try FakeBroker { heard in
      heard.publish.map { publish in
        let error = WireError(
          .schema, "EXERCISE", pointer: "/data/x", schema: "urn:casus:schema:xx.exercise.note.v1")
        return [
          .init(
            .published(
              Published(
                batch: publish.batch, accepted: 2, first: 101, duplicates: [.init(index: 1, sequence: 55)],
                refused: [.init(index: 2, id: "c", error: error)])))
        ]
      }
    }
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    let drafts = ["a", "b", "c", "d"].map { Draft(Note(text: $0), id: $0, tlp: .green, exercise: true) }
    let outcomes = try await bus.publish(drafts)
    #expect(outcomes[0] == .accepted(sequence: 101, duplicate: false, durability: "disk"))
    #expect(outcomes[1] == .accepted(sequence: 55, duplicate: true, durability: "disk"))
    #expect(
      outcomes[2]
        == .refused(
          Refusal(
            code: 303, name: "schema", pointer: "/data/x", schema: "urn:casus:schema:xx.exercise.note.v1",
            message: "EXERCISE")))
    #expect(outcomes[3] == .accepted(sequence: 102, duplicate: false, durability: "disk"))
    let sent = try #require(broker.heard.first { $0.publish != nil })
    #expect(sent.events == (try drafts.map { try $0.encoded(source: "//xx.exercise/tester") }))
    await bus.close()
    broker.stop()
  }

  @Test func `counts on from each jump where a batch was judged in parts`() async throws {
    let broker = try FakeBroker { heard in
      heard.publish.map { publish in
        [
          .init(
            .published(
              Published(
                batch: publish.batch, accepted: 4, first: 10,
                jumps: [.init(index: 1, sequence: 20), .init(index: 3, sequence: 30)])))
        ]
      }
    }
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    let drafts = ["a", "b", "c", "d"].map { Draft(Note(text: $0), id: $0, tlp: .green, exercise: true) }
    let outcomes = try await bus.publish(drafts)
    #expect(
      outcomes == [10, 20, 21, 30].map { .accepted(sequence: $0, duplicate: false, durability: "disk") })
    await bus.close()
    broker.stop()
  }

  /// To a batch of two events.
  private static let misfits: [Published] = [
    Published(batch: 1, accepted: 1, first: 1),
    Published(batch: 1, accepted: 2, first: .max),
    Published(batch: 1, accepted: 2, first: 8, jumps: [.init(index: 1, sequence: 9)]),
    Published(batch: 1, accepted: 2, first: 8, jumps: [.init(index: 1, sequence: .max)]),
    Published(batch: 1, accepted: 2, first: 1, jumps: [.init(index: 2, sequence: 9)]),
    Published(batch: 1, accepted: 2, first: 1, jumps: [.init(index: 1, sequence: 9), .init(index: 0, sequence: 20)]),
    Published(
      batch: 1, accepted: 1, first: 1, refused: [.init(index: 1, id: nil, error: WireError(.schema, "EXERCISE"))],
      jumps: [.init(index: 1, sequence: 9)]),
  ]

  @Test(arguments: misfits)
  func `that is answered by what does not add up ends the session and is sent again`(_ misfit: Published) async throws {
    let broker = try FakeBroker { heard in
      heard.publish.map { publish in
        var answer = misfit
        answer.batch = publish.batch
        return heard.connection == 1 ? [.init(.published(answer))] : self.published(heard, from: 5) ?? []
      }
    }
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    let drafts = ["a", "b"].map { Draft(Note(text: $0), id: $0, tlp: .green, exercise: true) }
    let outcomes = try await bus.publish(drafts)
    #expect(outcomes == [5, 6].map { .accepted(sequence: $0, duplicate: false, durability: "disk") })
    await bus.close()
    broker.stop()
  }

  @Test func `gives an event without an id a UUID of version 7`() async throws {
    let broker = try FakeBroker()
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    _ = try await bus.publish([Draft(Note(text: "x")), Draft(Note(text: "y"))])
    let ids = try broker.heard.flatMap(\.events).map {
      try RecordedEvent(
        stamp: Stamp(sequence: 1, recorded: Timestamp(nanoseconds: 0), sender: "", flags: []), bytes: $0
      ).envelope.id
    }
    #expect(Set(ids).count == 2)
    for id in ids {
      #expect(id.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil)
    }
    #expect(
      uuidv7(milliseconds: 0x0123_4567_89ab, random: (0xffff, 0)) == "01234567-89ab-7fff-8000-000000000000")
    await bus.close()
    broker.stop()
  }

  @Test func `of nothing needs no broker`() async throws {
    let broker = try FakeBroker()
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    #expect(try await bus.publish([]).isEmpty)
    await bus.close()
    broker.stop()
  }

  @Test func `sends a lone event at once and gathers what comes behind it`() async throws {
    let broker = try FakeBroker { $0.publish == nil ? nil : [] }
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    let groups = Collected<PublishGroup>()
    groups.add(try await bus.hand([event("0")]))
    _ = try await broker.wait { heard in heard.first { $0.publish != nil } }
    for number in 1...20 { groups.add(try await bus.hand([event("\(number)")])) }
    // Handed is not yet taken by the connection's thread: what is said after them comes after them.
    bus.health(.degraded, "EXERCISE")
    _ = try await broker.wait { heard in heard.first { $0.ping?.state == .degraded } }
    broker.behave { heard in self.published(heard, from: heard.events.count == 1 ? 1 : 2) }
    broker.send(.init(.published(Published(batch: 1, accepted: 1, first: 1))))
    for group in groups.all { _ = try await group.outcomes() }
    let batches = broker.heard.filter { $0.publish != nil }.map(\.events.count)
    #expect(batches == [1, 20])
    await bus.close()
    broker.stop()
  }

  @Test func `keeps within the broker's limits of batches and window`() async throws {
    var limits = Limits()
    limits.batchEvents = 5
    limits.batchBytes = 4 * (4 + event("0").count) + 1
    limits.windowBytes = 3 * Publish.windowCost(limits.batchBytes)
    let broker = try FakeBroker(limits: limits) { $0.publish == nil ? nil : [] }
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    let group = try await bus.hand((0..<20).map { event("\($0 % 10)") })
    _ = try await broker.wait { heard in heard.filter { $0.publish != nil }.count == 3 ? true : nil }
    #expect(broker.heard.filter { $0.publish != nil }.map(\.events.count) == [4, 4, 4])
    broker.behave { heard in self.published(heard, from: 1) }
    for batch in 1...3 { broker.send(.init(.published(Published(batch: batch, accepted: 4, first: 1)))) }
    #expect(try await group.outcomes().count == 20)
    await bus.close()
    broker.stop()
  }

  @Test func `waits for room in the outbox`() async throws {
    let broker = try FakeBroker { $0.publish == nil ? nil : [] }
    var connection = try broker.connection()
    connection.outboxEvents = 4
    let bus = try await Bus.connect(connection, logger: quiet)
    let handed = Collected<Int>()
    let task = Task {
      for number in 1...10 {
        _ = try await bus.hand([event("\(number)")])
        handed.add(number)
      }
    }
    #expect(try await handed.waits { $0.count == 4 })
    _ = try await broker.wait { heard in heard.first { $0.publish != nil } }
    #expect(handed.all.count == 4)
    broker.behave { heard in self.published(heard, from: 1) }
    broker.send(.init(.published(Published(batch: 1, accepted: 1, first: 1))))
    try await task.value
    #expect(handed.all == Array(1...10))
    await bus.close()
    broker.stop()
  }

  @Test func `that is cancelled while it waits for room lets the others in`() async throws {
    let room = OutboxRoom(events: 2, bytes: 100)
    try await room.take(events: 2, bytes: 2)
    let large = Task { try await room.take(events: 2, bytes: 2) }
    let entered = Collected<Int>()
    let small = Task {
      try await room.take(events: 1, bytes: 1)
      entered.add(1)
    }
    large.cancel()
    await #expect(throws: CancellationError.self) { try await large.value }
    room.give(events: 1, bytes: 1)
    try await small.value
    #expect(entered.all == [1])
    // More than the whole outbox gets in when it is empty.
    room.give(events: 2, bytes: 2)
    try await room.take(events: 50, bytes: 5000)
  }

  @Test func `sends again in order what a lost session left unanswered, and a duplicate is an answer`() async throws {
    var limits = Limits()
    limits.batchEvents = 2
    let broker = try FakeBroker(limits: limits) { $0.publish == nil ? nil : [] }
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    let group = try await bus.hand((0..<7).map { event("\($0)") })
    _ = try await broker.wait { heard in heard.filter { $0.publish != nil }.count >= 3 ? true : nil }
    broker.behave { heard in
      heard.publish.map { publish in
        // The first three were kept before the connection broke.
        let known = heard.events.indices.filter { [event("0"), event("1"), event("2")].contains(heard.events[$0]) }
        return [
          .init(
            .published(
              Published(
                batch: publish.batch, accepted: heard.events.count - known.count, first: 100,
                duplicates: known.map { .init(index: $0, sequence: UInt64($0 + 1)) })))
        ]
      }
    }
    broker.drop()
    let outcomes = try await group.outcomes()
    #expect(
      outcomes.map { if case .accepted(_, true, _) = $0 { true } else { false } }.prefix(4) == [
        true, true, true, false,
      ])
    let again = broker.heard.filter { $0.connection == 2 && $0.publish != nil }.flatMap(\.events)
    #expect(again == (0..<7).map { event("\($0)") })
    await bus.close()
    broker.stop()
  }

  @Test(arguments: [WireErrorCode.busy, .diskFull, .windowExceeded, .internal])
  func `keeps what the broker cannot take now, and sends it again in order`(code: WireErrorCode) async throws {
    let refusals = Atomic(3)
    let broker = try FakeBroker { heard in
      guard let publish = heard.publish, refusals.load(ordering: .relaxed) > 0 else { return nil }
      refusals.subtract(1, ordering: .relaxed)
      return [.init(.error(ErrorReply(error: WireError(code), command: "publish", number: publish.batch)))]
    }
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    let outcomes = try await bus.publish(encoded: (0..<3).map { event("\($0)") })
    #expect(outcomes.count == 3)
    let batches = broker.heard.filter { $0.publish != nil }
    #expect(batches.count == 4)
    for batch in batches { #expect(batch.events == (0..<3).map { event("\($0)") }) }
    await bus.close()
    broker.stop()
  }

  @Test func `sends again from the first batch that was refused for now, with the old numbers`() async throws {
    let isFull = Atomic(true)
    let seen = Atomic(0)
    var limits = Limits()
    limits.batchEvents = 2
    let broker = try FakeBroker(limits: limits) { heard in
      guard let publish = heard.publish, isFull.load(ordering: .relaxed) else { return nil }
      // The third is refused, and what is already on its way behind it.
      if seen.wrappingAdd(1, ordering: .relaxed).newValue == 6 { isFull.store(false, ordering: .relaxed) }
      guard publish.batch > 2 else { return nil }
      return [.init(.error(ErrorReply(error: WireError(.diskFull), command: "publish", number: publish.batch)))]
    }
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    let outcomes = try await bus.publish(encoded: (0..<12).map { event("\($0)") })
    #expect(outcomes.count == 12)
    let batches = broker.heard.filter { $0.publish != nil }
    #expect(batches.compactMap(\.publish?.batch) == [1, 2, 3, 4, 5, 6, 3, 4, 5, 6])
    #expect(batches.suffix(4).flatMap(\.events) == (4..<12).map { event("\($0)") })
    await bus.close()
    broker.stop()
  }

  @Test func `takes a lasting refusal of a batch as the fate of each of its events`() async throws {
    let broker = try FakeBroker { heard in
      heard.publish.map {
        [.init(.error(ErrorReply(error: WireError(.roleRequired), command: "publish", number: $0.batch)))]
      }
    }
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    let outcomes = try await bus.publish(encoded: [event("0"), event("1")], replay: true)
    #expect(broker.heard.first { $0.publish != nil }?.publish?.replay == true)
    for outcome in outcomes {
      guard case .refused(let refusal) = outcome else {
        Issue.record("accepted")
        continue
      }
      #expect(refusal.code == 205)
    }
    await bus.close()
    broker.stop()
  }

  @Test func `refuses an event by itself that no batch can hold`() async throws {
    let broker = try FakeBroker()
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    let large = [UInt8](repeating: 0x20, count: 300_000)
    let outcomes = try await bus.publish(encoded: [event("0"), large, event("1")])
    guard case .refused(let refusal) = outcomes[1] else {
      Issue.record("accepted")
      return
    }
    #expect(refusal.name == "event-too-large")
    #expect(outcomes[2] == .accepted(sequence: 2, duplicate: false, durability: "disk"))
    await bus.close()
    broker.stop()
  }

  @Test func `by many tasks at once loses nothing over many cuts`() async throws {
    let broker = try FakeBroker()
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    try await withThrowingTaskGroup(of: Int.self) { group in
      for task in 0..<8 {
        group.addTask {
          var count = 0
          for number in 0..<100 { count += try await bus.publish(encoded: [event("\(task)-\(number)")]).count }
          return count
        }
      }
      group.addTask {
        for cut in 1...3 {
          _ = try await broker.wait { heard in heard.count > cut * 40 ? true : nil }
          broker.drop()
        }
        return 0
      }
      var total = 0
      for try await count in group { total += count }
      #expect(total == 800)
    }
    #expect(Set(broker.heard.flatMap(\.events)).count == 800)
    // Each task's events stay in order, repeats aside.
    for task in 0..<8 {
      var seen = Set<[UInt8]>()
      let own = broker.heard.flatMap(\.events).filter {
        String(decoding: $0, as: UTF8.self).contains("\"id\":\"\(task)-")
      }
      let first = own.filter { seen.insert($0).inserted }
      #expect(first == (0..<100).map { event("\(task)-\($0)") })
    }
    await bus.close()
    broker.stop()
  }

  @Test func `is finished before the bus closes, and fails after`() async throws {
    let broker = try FakeBroker { $0.publish == nil ? nil : [] }
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    let group = try await bus.hand([event("0")])
    _ = try await broker.wait { heard in heard.first { $0.publish != nil } }
    let closing = Task { await bus.close() }
    broker.send(.init(.published(Published(batch: 1, accepted: 1, first: 7))))
    #expect(try await group.outcomes() == [.accepted(sequence: 7, duplicate: false, durability: "disk")])
    await closing.value
    #expect(await busError { _ = try await bus.publish(encoded: [event("1")]) }?.code == .closed)
    broker.stop()
  }

  @Test func `that is never answered ends with the bus, within its bound`() async throws {
    let broker = try FakeBroker { $0.publish == nil ? nil : [] }
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    let group = try await bus.hand([event("0")])
    await bus.close(within: .milliseconds(50), reason: "")
    #expect(await busError { _ = try await group.outcomes() }?.code == .closed)
    broker.stop()
  }
}

@Suite("An outbox")
struct OutboxTests {
  private func entry(_ outbox: inout Outbox, _ ids: ClosedRange<Int>, replay: Bool = false) throws {
    let group = PublishGroup(count: ids.upperBound + 1)
    outbox.append(try encoded(ids.map { event("\($0)") }), replay: replay, group: group, index: ids.lowerBound)
  }

  /// Nobody is cut off for many small batches that the window has room for: each counts what it takes, as the broker counts it.
  @Test func `sends as many small batches as the window takes`() throws {
    var outbox = Outbox()
    var limits = Limits()
    limits.windowBytes = 10_000
    for id in 0..<100 { try entry(&outbox, id...id, replay: id.isMultiple(of: 2)) }
    var costs: [Int] = []
    while let batch = outbox.nextBatch(limits, all: true) { costs.append(batch.bytes + 512) }
    let used = costs.reduce(0, +)
    #expect(costs.count > 10 && used <= 10_000 && used + costs[0] > 10_000)
    #expect(outbox.windowUsed == used)
  }

  @Test func `does not mix replays with other events`() throws {
    var outbox = Outbox()
    try entry(&outbox, 0...1)
    try entry(&outbox, 2...3, replay: true)
    try entry(&outbox, 4...4)
    let limits = Limits()
    #expect(outbox.nextBatch(limits)?.count == 2)
    #expect(outbox.nextBatch(limits) == nil)
    let second = outbox.nextBatch(limits, all: true)
    #expect(second?.count == 2)
    #expect(second?.replay == true)
    #expect(outbox.nextBatch(limits, all: true)?.count == 1)
  }

  @Test func `puts refused batches back in the order of publishing, whatever order they come back in`() throws {
    var outbox = Outbox()
    var limits = Limits()
    limits.batchEvents = 2
    try entry(&outbox, 0...5)
    let batches = [outbox.nextBatch(limits), outbox.nextBatch(limits), outbox.nextBatch(limits)].compactMap { $0 }
    try entry(&outbox, 6...6)
    for batch in [batches[1], batches[0], batches[2]] {
      _ = outbox.take(batch.number)
      outbox.requeue(batch.spans)
    }
    let orders = outbox.queued.flatMap { span in (0..<span.count).map { span.order + UInt64($0) } }
    #expect(orders == [0, 1, 2, 3, 4, 5, 6])
    #expect(outbox.queuedEvents == 7)
    #expect(outbox.windowUsed == 0)
    #expect(outbox.queuedBytes == outbox.queued.reduce(0) { $0 + $1.size })
  }

  @Test func `backs off with chance, within bounds`() {
    var backoff = Backoff(first: .milliseconds(100), most: .seconds(5))
    #expect(backoff.next(random: 1) == .milliseconds(100))
    #expect(backoff.next(random: 0) == .milliseconds(100))
    #expect(backoff.next(random: 1) == .milliseconds(400))
    for _ in 0..<100 { _ = backoff.next(random: 0.5) }
    #expect(backoff.next(random: 1) == .seconds(5))
    #expect(backoff.next(random: 0) == .seconds(2.5))
    backoff.reset()
    #expect(backoff.next(random: 1) == .milliseconds(100))
  }
}
