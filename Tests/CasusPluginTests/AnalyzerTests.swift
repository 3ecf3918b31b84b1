import CasusEvents
import CasusTestKit
import CasusWire
import Foundation
import Synchronization
import Testing

@testable import CasusPlugin

/// Counts; answers every second event with a note that names all before it. Throws on what it is told to.
private struct Counter: Analyzer {
  static let manifest = Manifest(
    program: "counter", version: "1.0.0", summary: "EXERCISE", publishes: [Note.type],
    subscribes: ["casus.detection.v1"])
  var seen: [String] = []
  var poison: Set<String> = []
  init(settings: Settings) {}
  init(poison: Set<String> = []) { self.poison = poison }

  struct Poisoned: Error {}

  mutating func handle(_ event: RecordedEvent) throws -> [Draft] {
    if poison.contains(event.envelope.id) { throw Poisoned() }
    seen.append(event.envelope.id)
    guard seen.count % 2 == 0 else { return [] }
    return [
      Draft(Note(text: seen.joined(separator: " ")), id: "after-\(event.envelope.id)", tlp: .green, exercise: true)
    ]
  }
}

@Suite("An analyzer", .timeLimit(.minutes(15)))
struct AnalyzerTests {
  private func texts(_ broker: FakeBroker) -> [String] {
    broker.heard.flatMap(\.events).compactMap { bytes in
      let stamp = Stamp(sequence: 1, recorded: Timestamp(nanoseconds: 0), sender: "", flags: [])
      return try? RecordedEvent(stamp: stamp, bytes: bytes).data(as: Note.self).text
    }
  }

  private func run(_ counter: Counter, _ bus: Bus) -> Task<Void, any Error> {
    Task { try await AnalyzerRunner(counter, bus).run() }
  }

  @Test func `reads from the beginning, publishes, and acknowledges what is published`() async throws {
    let holding = Atomic(true)
    let broker = try FakeBroker { heard in heard.publish != nil && holding.load(ordering: .relaxed) ? [] : nil }
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    let task = run(Counter(), bus)
    let request = try await broker.wait { heard in heard.compactMap(\.subscribe).first }
    #expect(request.name == "analyzer")
    #expect(request.start == .earliest)
    #expect(request.types == ["casus.detection.v1"])
    _ = try await broker.wait { heard in heard.first { $0.credit != nil } }
    broker.deliver(request.subscription, events(1...3))
    _ = try await broker.wait { heard in heard.first { $0.publish != nil } }
    // The first needs no output; the second waits for its output.
    let early = try await broker.wait { heard in heard.compactMap(\.ack).last }
    #expect(early.through == 1)
    #expect(early.also.isEmpty)
    broker.send(.init(.published(Published(batch: 1, accepted: 1, first: 100))))
    _ = try await broker.wait { heard in heard.compactMap(\.ack).last.flatMap { $0.through == 3 ? $0 : nil } }
    #expect(texts(broker) == ["e-1 e-2"])
    // One subscription only: there was no history to read.
    #expect(broker.heard.compactMap(\.subscribe).count == 1)
    task.cancel()
    _ = await task.result
    await bus.close()
    broker.stop()
  }

  @Test func `that starts again folds the history in without publishing it again`() async throws {
    let broker = try FakeBroker { heard in
      guard let request = heard.subscribe else { return nil }
      if request.name != nil {
        return [.init(.subscribed(Subscribed(subscription: request.subscription, next: 5, acked: 4, last: 6)))]
      }
      return [
        .init(.subscribed(Subscribed(subscription: request.subscription, next: 1, acked: nil, last: 6))),
        FakeBroker.delivery(request.subscription, events(1...6)),
      ]
    }
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    let task = run(Counter(poison: ["e-2"]), bus)
    // The durable one is held while the history is read.
    let requests = try await broker.wait { heard in
      let all = heard.compactMap(\.subscribe)
      return all.count == 2 ? all : nil
    }
    #expect(requests[0].creditEvents == 0)
    #expect(requests[1].name == nil)
    #expect(requests[1].start == .earliest)
    _ = try await broker.wait { heard in heard.first { $0.credit?.subscription == requests[0].subscription } }
    #expect(broker.heard.contains { $0.unsubscribe?.subscription == requests[1].subscription })
    #expect(texts(broker).isEmpty)
    broker.deliver(requests[0].subscription, events(5...6))
    _ = try await broker.wait { heard in heard.compactMap(\.ack).last.flatMap { $0.through == 6 ? $0 : nil } }
    // 1, 3 and 4 came from the history (2 was passed over again), 5 completes the second pair.
    #expect(texts(broker) == ["e-1 e-3 e-4 e-5"])
    task.cancel()
    _ = await task.result
    await bus.close()
    broker.stop()
  }

  @Test func `that starts again folds what lies behind the acknowledged position, and publishes what follows from it`()
    async throws
  {
    let broker = try FakeBroker { heard in
      guard let request = heard.subscribe else { return nil }
      if request.name != nil {
        // 3 was sent and is not done with; 4 to 6 are.
        return [.init(.subscribed(Subscribed(subscription: request.subscription, next: 7, acked: 2, last: 8)))]
      }
      return [
        .init(.subscribed(Subscribed(subscription: request.subscription, next: 1, acked: nil, last: 8))),
        FakeBroker.delivery(request.subscription, events(1...6)),
      ]
    }
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    let task = run(Counter(), bus)
    let durable = try await broker.wait { heard in
      heard.first { $0.credit != nil }.flatMap { _ in heard.compactMap(\.subscribe).first { $0.name != nil } }
    }
    _ = try await broker.wait { heard in heard.first { $0.credit?.subscription == durable.subscription } }
    broker.deliver(durable.subscription, events(3...3) + events(7...8))
    _ = try await broker.wait { heard in heard.compactMap(\.ack).last.flatMap { $0.through == 8 ? $0 : nil } }
    // What comes again is in the state already.
    #expect(
      texts(broker) == ["e-1 e-2 e-3 e-4", "e-1 e-2 e-3 e-4 e-5 e-6", "e-1 e-2 e-3 e-4 e-5 e-6 e-7 e-8"])
    task.cancel()
    _ = await task.result
    await bus.close()
    broker.stop()
  }

  @Test func `that throws nacks with the reason and goes on`() async throws {
    let broker = try FakeBroker()
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    let task = run(Counter(poison: ["e-2"]), bus)
    let request = try await broker.wait { heard in heard.compactMap(\.subscribe).first }
    _ = try await broker.wait { heard in heard.first { $0.credit != nil } }
    broker.deliver(request.subscription, events(1...3))
    let nack = try await broker.wait { heard in heard.compactMap(\.nack).first }
    #expect(nack.sequences == [2])
    #expect(nack.reason.contains("Poisoned"))
    _ = try await broker.wait { heard in heard.first { $0.publish != nil } }
    #expect(texts(broker) == ["e-1 e-3"])
    // Beyond it `through` may go only after the refusal: what was refused is passed over.
    let heard = broker.heard
    let refused = try #require(heard.firstIndex { $0.nack != nil })
    #expect(heard[..<refused].compactMap(\.ack).allSatisfy { ($0.through ?? 0) < 2 })
    #expect(!heard.compactMap(\.ack).contains { $0.also.contains(2) })
    task.cancel()
    _ = await task.result
    await bus.close()
    broker.stop()
  }

  @Test func `whose output is refused says so in its health and goes on`() async throws {
    let broker = try FakeBroker { heard in
      heard.publish.map {
        let error = WireError(.schema, "EXERCISE", pointer: "/data/text")
        return [.init(.published(Published(batch: $0.batch, refused: [.init(index: 0, id: nil, error: error)])))]
      }
    }
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    let task = run(Counter(), bus)
    let request = try await broker.wait { heard in heard.compactMap(\.subscribe).first }
    _ = try await broker.wait { heard in heard.first { $0.credit != nil } }
    broker.deliver(request.subscription, events(1...2))
    _ = try await broker.wait { heard in heard.compactMap(\.ack).last.flatMap { $0.through == 2 ? $0 : nil } }
    let ping = try await broker.wait { heard in heard.compactMap(\.ping).first { $0.state == .degraded } }
    #expect(ping.text == "1 outputs refused, the last: 303 schema /data/text")
    task.cancel()
    _ = await task.result
    await bus.close()
    broker.stop()
  }

  @Test func `that is stopped lets its last outputs be kept and acknowledged`() async throws {
    let broker = try FakeBroker { $0.publish == nil ? nil : [] }
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    let task = run(Counter(), bus)
    let request = try await broker.wait { heard in heard.compactMap(\.subscribe).first }
    _ = try await broker.wait { heard in heard.first { $0.credit != nil } }
    broker.deliver(request.subscription, events(1...2))
    _ = try await broker.wait { heard in heard.first { $0.publish != nil } }
    task.cancel()
    broker.send(.init(.published(Published(batch: 1, accepted: 1, first: 100))))
    _ = await task.result
    await bus.close()
    #expect(broker.heard.compactMap(\.ack).last?.through == 2)
    broker.stop()
  }
}
