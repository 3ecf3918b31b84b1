import CasusEvents
import CasusNames
import CasusTestKit
import CasusWire
import Foundation
import Synchronization
import Testing

@testable import CasusPlugin

@Suite("A subscription", .timeLimit(.minutes(15)))
struct ReadingTests {
  private func number(_ broker: FakeBroker) async throws -> Int {
    try await broker.wait { heard in heard.compactMap(\.subscribe).last?.subscription }
  }

  @Test func `asks for what it is to read`() async throws {
    let broker = try FakeBroker()
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    let time = Timestamp(nanoseconds: 1_767_225_600_000_000_000)
    let request = Subscription(
      types: ["casus.detection.v1", "casus.bus.>"], senders: ["jp.nisc/*"], from: .time(time), windowEvents: 10,
      windowBytes: 1000)
    let stream = try await bus.subscribe(request)
    let sent = try #require(broker.heard.compactMap(\.subscribe).first)
    #expect(sent.types == request.types)
    #expect(sent.senders == ["jp.nisc/*"])
    #expect(sent.start == .time(time))
    #expect(sent.name == nil)
    #expect(sent.creditEvents == 10)
    #expect(sent.creditBytes == 1000)
    #expect(!sent.progress)
    try await stream.cancel()
    #expect(broker.heard.contains { $0.unsubscribe?.subscription == sent.subscription })
    #expect(try await stream.next() == nil)
    await bus.close()
    broker.stop()
  }

  @Test func `hands out bytes and stamp as they came`() async throws {
    let broker = try FakeBroker()
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    let stream = try await bus.subscribe(Subscription(types: [">"]))
    broker.deliver(try await number(broker), events(7...8, flags: [.exercise]))
    let first = try #require(try await stream.next())
    #expect(first.bytes == event("e-7"))
    #expect(
      first.stamp
        == Stamp(sequence: 7, recorded: Timestamp(nanoseconds: 7), sender: "xx.exercise/source", flags: .exercise))
    #expect(try await stream.next()?.envelope.id == "e-8")
    await bus.close()
    broker.stop()
  }

  @Test func `that the broker refuses fails with the code`() async throws {
    let broker = try FakeBroker { heard in
      heard.subscribe.map {
        let error = WireError(.subscriptionNotPermitted, pointer: "/types/0")
        return [.init(.error(ErrorReply(error: error, command: "subscribe", number: $0.subscription)))]
      }
    }
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    let error = await busError { _ = try await bus.subscribe(Subscription(types: [">"])) }
    #expect(error?.code == .refused)
    #expect(error?.wire == 206)
    #expect(CasusNames.ExitStatus(error ?? BusError(.closed, "")) == .notPermitted)
    await bus.close()
    broker.stop()
  }

  @Test func `grants as much as is read, and never more than its window`() async throws {
    let broker = try FakeBroker()
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    let stream = try await bus.subscribe(Subscription(types: [">"], windowEvents: 8))
    let sub = try await number(broker)
    #expect(broker.heard.compactMap(\.subscribe).last?.creditEvents == 8)
    broker.deliver(sub, events(1...8))
    for _ in 1...3 { _ = try await stream.next() }
    // Less than half is read: nothing is due.
    bus.health(.degraded, "EXERCISE: a marker")
    _ = try await broker.wait { heard in heard.first { $0.ping?.state == .degraded } }
    #expect(!broker.heard.contains { $0.credit != nil })
    _ = try await stream.next()
    let credit = try await broker.wait { heard in heard.compactMap(\.credit).first }
    #expect(credit.events == 4)
    #expect(credit.bytes == 4 * event("e-1").count)
    await bus.close()
    broker.stop()
  }

  @Test func `that is durable begins with few events and grows while the reader keeps up`() {
    var window = CreditWindow(
      Subscription(types: [">"], name: "n", windowEvents: 100, windowBytes: 1 << 20), isHeld: false)
    let start = ContinuousClock.now
    #expect(window.startSession(limit: 1 << 30, now: start) == (8, 1 << 20))
    for _ in 0..<4 { window.consume(bytes: 10) }
    // Now 16, of which 4 are open.
    #expect(window.topUp(now: start + .seconds(2))?.events == 12)
    for _ in 0..<8 { window.consume(bytes: 10) }
    // Too slow to grow.
    #expect(window.topUp(now: start + .seconds(30))?.events == 8)
    var open = 16
    var granted = 16
    for step in 1...20 {
      for _ in 0..<open { window.consume(bytes: 10) }
      granted = window.topUp(now: start + .seconds(30 + step))?.events ?? 0
      open = granted
    }
    #expect(granted == 100)
    window.sessionLost(bufferedEvents: 0, bufferedBytes: 0)
    #expect(window.topUp(now: start) == nil)
    #expect(window.startSession(limit: 1000, now: start) == (100, 1000))
  }

  @Test func `that is durable and read at once is open after four answers`() {
    var window = CreditWindow(Subscription(types: [">"], name: "n", windowEvents: 32_768), isHeld: false)
    let start = ContinuousClock.now
    var open = window.startSession(limit: 1 << 30, now: start).events
    var grants = [open]
    for step in 1...4 {
      for _ in 0..<open { window.consume(bytes: 10) }
      open = window.topUp(now: start + .milliseconds(step * 100))?.events ?? 0
      grants.append(open)
    }
    #expect(grants == [8, 64, 512, 4096, 32_768])
  }

  @Test func `that is held gets nothing before it is released`() async throws {
    let broker = try FakeBroker()
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    let stream = bus.subscribe(Subscription(types: [">"], name: "n"), held: true)
    _ = try await stream.position()
    let sent = try #require(broker.heard.compactMap(\.subscribe).first)
    #expect(sent.creditEvents == 0)
    stream.buffer.release()
    #expect(try await broker.wait { heard in heard.compactMap(\.credit).first }.events == 8)
    await bus.close()
    broker.stop()
  }

  @Test func `that is ephemeral goes on behind what came, and keeps what was not read`() async throws {
    let broker = try FakeBroker()
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    let stream = try await bus.subscribe(Subscription(types: [">"], from: .earliest, windowEvents: 10))
    let sub = try await number(broker)
    broker.deliver(sub, events(1...5), through: 6)
    #expect(try await stream.next()?.stamp.sequence == 1)
    #expect(try await stream.next()?.stamp.sequence == 2)
    broker.drop()
    let again = try await broker.wait { heard in heard.first { $0.connection == 2 && $0.subscribe != nil }?.subscribe }
    #expect(again.start == .sequence(7))
    #expect(again.creditEvents == 7)
    broker.deliver(sub, events(7...8))
    var read: [UInt64] = []
    while read.count < 5, let event = try await stream.next() { read.append(event.stamp.sequence) }
    #expect(read == [3, 4, 5, 7, 8])
    await bus.close()
    broker.stop()
  }

  @Test func `that ends at the journal's end reads what is there and stops`() async throws {
    let broker = try FakeBroker { heard in
      heard.subscribe.map {
        [
          .init(.subscribed(Subscribed(subscription: $0.subscription, next: 1, acked: nil, last: 4))),
          FakeBroker.delivery($0.subscription, events(1...3)),
          .init(.progress(Progress(subscription: $0.subscription, through: 4))),
          FakeBroker.delivery($0.subscription, events(5...6)),
        ]
      }
    }
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    let stream = try await bus.subscribe(Subscription(types: [">"], from: .earliest, until: .last))
    #expect(broker.heard.compactMap(\.subscribe).first?.progress == true)
    var read: [UInt64] = []
    for try await event in stream { read.append(event.stamp.sequence) }
    #expect(read == [1, 2, 3])
    #expect(try await stream.position() == (0, 4))
    await bus.close()
    broker.stop()
  }

  @Test func `of an empty journal ends at once`() async throws {
    let broker = try FakeBroker()
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    let stream = try await bus.subscribe(Subscription(types: [">"], from: .earliest, until: .last))
    for try await _ in stream { Issue.record("an event from nowhere") }
    await bus.close()
    broker.stop()
  }

  @Test func `acknowledges what its reader is done with, in few commands`() async throws {
    let broker = try FakeBroker()
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    let stream = try await bus.subscribe(Subscription(types: [">"], name: "n"))
    let sub = try await number(broker)
    broker.deliver(sub, events(1...8))
    for _ in 1...3 { _ = try await stream.next() }
    stream.ack(upTo: 2)
    #expect(try await broker.wait { heard in heard.compactMap(\.ack).last }.through == 2)
    stream.ack(upTo: 100)
    // Only what was handed out.
    _ = try await broker.wait { heard in heard.compactMap(\.ack).last.flatMap { $0.through == 3 ? $0 : nil } }
    for _ in 4...8 {
      let event = try #require(try await stream.next())
      stream.ack(event)
    }
    _ = try await broker.wait { heard in heard.compactMap(\.ack).last.flatMap { $0.through == 8 ? $0 : nil } }
    await bus.close()
    broker.stop()
  }

  @Test func `says at its end what was acknowledged last`() async throws {
    let broker = try FakeBroker()
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    let stream = try await bus.subscribe(Subscription(types: [">"], name: "n"))
    broker.deliver(try await number(broker), events(1...8))
    for _ in 1...8 { stream.ack(try #require(try await stream.next())) }
    await bus.close()
    let heard = try await broker.wait { heard in heard.contains { $0.bye != nil } ? heard : nil }
    #expect(heard.compactMap(\.ack).last?.through == 8)
    broker.stop()
  }

  @Test func `nacks one, acknowledges what is beyond, and gets it again`() async throws {
    let broker = try FakeBroker()
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    let stream = try await bus.subscribe(Subscription(types: [">"], name: "n"))
    let sub = try await number(broker)
    broker.deliver(sub, events(1...3))
    for _ in 1...3 { _ = try await stream.next() }
    stream.nack(2, delay: .seconds(250), reason: "EXERCISE")
    stream.ack(upTo: 3)
    let nack = try await broker.wait { heard in heard.compactMap(\.nack).first }
    #expect(nack.sequences == [2])
    #expect(nack.delay == 250_000)
    #expect(nack.reason == "EXERCISE")
    #expect(try await broker.wait { heard in heard.compactMap(\.ack).last } == Ack(subscription: sub, through: 3))
    broker.deliver(sub, events(2...2, flags: .redelivered), through: 3)
    let again = try #require(try await stream.next())
    #expect(again.stamp.sequence == 2)
    #expect(again.stamp.flags.contains(.redelivered))
    stream.ack(again)
    _ = try await broker.wait { heard in heard.compactMap(\.ack).first { $0 == Ack(subscription: sub, also: [2]) } }
    await bus.close()
    broker.stop()
  }

  @Test func `that is durable hands out once what comes again after a cut`() async throws {
    let broker = try FakeBroker()
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    let stream = try await bus.subscribe(Subscription(types: [">"], name: "n"))
    let sub = try await number(broker)
    broker.deliver(sub, events(1...5))
    var read: [UInt64] = []
    for _ in 1...3 { read.append(try #require(try await stream.next()).stamp.sequence) }
    stream.ack(upTo: 2)
    _ = try await broker.wait { heard in heard.compactMap(\.ack).last }
    broker.drop()
    _ = try await broker.wait { heard in heard.first { $0.connection == 2 && $0.subscribe != nil } }
    // The broker lost the acknowledgement, too.
    broker.deliver(sub, events(1...6, flags: .redelivered))
    for _ in 1...3 { read.append(try #require(try await stream.next()).stamp.sequence) }
    #expect(read == [1, 2, 3, 4, 5, 6])
    stream.ack(upTo: 6)
    // What it has is acknowledged again, or the broker would send it for ever.
    _ = try await broker.wait { heard in
      let acks = heard.filter { $0.connection == 2 }.compactMap(\.ack)
      return Set(acks.flatMap(\.also)) == [1, 2, 3, 4, 5, 6] ? true : nil
    }
    await bus.close()
    broker.stop()
  }

  @Test func `says in the next session what was done while there was none`() async throws {
    let broker = try FakeBroker()
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    let stream = try await bus.subscribe(Subscription(types: [">"], name: "n"))
    broker.deliver(try await number(broker), events(1...3))
    for _ in 1...3 { _ = try await stream.next() }
    broker.behave { $0.hello == nil ? nil : [] }
    broker.drop()
    _ = try await broker.wait { heard in heard.first { $0.connection == 2 && $0.hello != nil } }
    stream.ack(upTo: 3)
    broker.send(broker.welcome())
    let ack = try await broker.wait { heard in heard.first { $0.connection == 2 && $0.ack != nil }?.ack }
    // By name: through is of what a session was sent itself.
    #expect(ack.through == nil && Set(ack.also) == [1, 2, 3])
    await bus.close()
    broker.stop()
  }

  /// Whether it is another one the id says, however far each goes; an old copy of the same one ends too early.
  @Test(arguments: [(UInt64(1_000_000), "6a", "6a"), (3, "6a", "6a"), (3, "5f", "old copy")])
  func `of another journal than before fails instead of going on`(
    last: UInt64, journal: String, says: String
  ) async throws {
    let broker = try FakeBroker()
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    let stream = try await bus.subscribe(Subscription(types: [">"]))
    broker.deliver(try await number(broker), events(500...500))
    _ = try await stream.next()
    broker.behave { heard in heard.hello == nil ? nil : [broker.welcome(last: last, journal: journal)] }
    broker.drop()
    let error = await busError { _ = try await stream.next() }
    #expect(error?.code == .journalReplaced && error?.message.contains(says) == true)
    await bus.close()
    broker.stop()
  }

  /// What was handed out and is not acknowledged was read all the same.
  @Test func `that is durable knows an old copy of its journal by what it was handed`() async throws {
    let broker = try FakeBroker()
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    let stream = try await bus.subscribe(Subscription(types: [">"], name: "work"))
    broker.deliver(try await number(broker), events(1...5))
    for _ in 1...5 { _ = try await stream.next() }
    broker.behave { heard in heard.hello == nil ? nil : [broker.welcome(last: 3)] }
    broker.drop()
    let error = await busError { _ = try await stream.next() }
    #expect(error?.code == .journalReplaced && error?.message.contains("5 was read") == true)
    await bus.close()
    broker.stop()
  }

  @Test func `that begins beyond the journal's end goes on waiting over sessions`() async throws {
    let broker = try FakeBroker()
    broker.behave { heard in
      if heard.hello != nil { return [broker.welcome(last: 500)] }
      return heard.subscribe.map {
        [
          .init(.subscribed(Subscribed(subscription: $0.subscription, next: 1_000, acked: nil, last: 500))),
          .init(.progress(Progress(subscription: $0.subscription, through: 999))),
        ]
      }
    }
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    let stream = try await bus.subscribe(Subscription(types: [">"], from: .sequence(1_000)))
    broker.drop()
    let again = try await broker.wait { heard in heard.first { $0.connection == 2 && $0.subscribe != nil }?.subscribe }
    #expect(again.start == .sequence(1_000))
    broker.deliver(again.subscription, events(1_000...1_000))
    #expect(try await stream.next()?.stamp.sequence == 1_000)
    await bus.close()
    broker.stop()
  }

  @Test func `of a group begins with few events, as each durable one`() {
    #expect(CreditWindow(Subscription(types: [">"], group: "workers"), isHeld: false).events == 8)
    #expect(CreditWindow(Subscription(types: [">"]), isHeld: false).events == 1_024)
  }

  @Test func `is left when nobody holds it any more`() async throws {
    let broker = try FakeBroker()
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    do { _ = try await bus.subscribe(Subscription(types: [">"])) }
    _ = try await broker.wait { heard in heard.first { $0.unsubscribe != nil } }
    await bus.close()
    broker.stop()
  }

  @Test func `that is waited for ends with its task`() async throws {
    let broker = try FakeBroker()
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    let stream = try await bus.subscribe(Subscription(types: [">"]))
    let reading = Task { try await stream.next() }
    reading.cancel()
    await #expect(throws: CancellationError.self) { try await reading.value }
    // It is as good as before for the next reader.
    broker.deliver(try await number(broker), events(1...1))
    #expect(try await stream.next()?.stamp.sequence == 1)
    await bus.close()
    #expect(try await stream.next() == nil)
    broker.stop()
  }
}
