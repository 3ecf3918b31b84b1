import CasusEvents
import CasusPlugin
import CasusWire
import Foundation
import Synchronization
import TestSupport
import Testing
import ZeroMQ

@Suite(.blocking, .timeLimit(.minutes(15))) struct RealSharing {
  private static let plugins: [String: RealBroker.Plugin] = [
    "a": .init(), "b": .init(groups: ["workers"]), "c": .init(groups: ["workers"]), "stranger": .init(),
  ]

  private func subscribe(_ client: RawClient, credit: Int = 1_000, overload: Overload = .init()) throws {
    try client.send(
      .subscribe(
        Subscribe(
          subscription: 1, types: ["casus.detection.v1"], group: "workers", start: .earliest, creditEvents: credit,
          creditBytes: 1 << 24, overload: overload)))
    _ = try client.answer { if case .subscribed(let it) = $0 { it } else { nil } }
  }

  private func ledger(_ client: RawClient) throws -> [String: Any] {
    try JSONSerialization.jsonObject(with: Data(try client.request("ledger"))) as? [String: Any] ?? [:]
  }

  @Test func `a group shares the work and what a member leaves goes to the other`() throws {
    let broker = try RealBroker(Self.plugins)
    let one = try broker.join("b")
    let two = try broker.join("c")
    try subscribe(one)
    try subscribe(two)
    let publisher = try broker.join("a")
    try publisher.publish((0..<20).map { try detection("d\($0)") })
    try one.wait { $0.events.count == 10 }
    try two.wait { $0.events.count == 10 }
    try one.send(.ack(Ack(subscription: 1, also: one.events.prefix(4).map(\.sequence))))
    try one.send(.bye(Bye()))
    try two.wait { $0.events.count == 16 }
    #expect(Set(one.events.prefix(4).map(\.id) + two.events.map(\.id)).count == 20)
    try two.send(.ack(Ack(subscription: 1, also: two.events.map(\.sequence))))
    let op = try broker.join("op")
    let deadline = Deadline("20 acknowledged events in the group's books")
    while true {
      let books = try (ledger(op)["subscriptions"] as? [[String: Any]])?.first { $0["group"] as? Bool == true }
      if books?["acked"] as? Int == 20 {
        #expect(books?["plugin"] as? String == "jp.test/~workers")
        #expect(books?["pending"] as? Int == 0)
        break
      }
      try deadline.pause(microseconds: 10_000)
    }
  }

  @Test func `who the registry does not name is no member`() throws {
    let broker = try RealBroker(Self.plugins)
    let stranger = try broker.join("stranger")
    try stranger.send(
      .subscribe(
        Subscribe(subscription: 1, types: ["casus.detection.v1"], group: "workers", creditEvents: 1, creditBytes: 1)))
    #expect(try stranger.error().error.code == .groupNotPermitted)
  }

  @Test func `members with the SDK handle each event once between them`() async throws {
    let broker = try RealBroker(Self.plugins)
    let handled = Handled()
    var readers: [Bus] = []
    for name in ["b", "c"] {
      let bus = try await Bus.connect(
        Connection(
          endpoint: broker.endpoint, brokerKey: broker.key,
          keys: try KeyFile.read("\(broker.folder)/keys/\(name).key").keys,
          identity: "jp.test/\(name)",
          manifest: Manifest(program: "test", version: "1", summary: "A test.", publishes: [], subscribes: [])))
      let stream = try await bus.subscribe(
        Subscription(types: ["casus.detection.v1"], group: "workers", from: .earliest, windowEvents: 4))
      readers.append(bus)
      Task {
        while let event = try await stream.next() {
          handled.add(event.envelope.id)
          stream.ack(event)
        }
      }
    }
    let publisher = try broker.join("a")
    for batch in 0..<10 { try publisher.publish((0..<20).map { try detection("d\(batch * 20 + $0)") }) }
    let deadline = Deadline("the group to handle 200 events")
    while handled.ids.count < 200 {
      try deadline.check()
      try await Task.sleep(for: .milliseconds(20))
    }
    #expect(Set(handled.ids).count == 200)
    for bus in readers { await bus.close() }
  }

  @Test func `what is dropped is told to the last one`() throws {
    let broker = try RealBroker(Self.plugins)
    let slow = try broker.join("stranger")
    try slow.send(
      .subscribe(
        Subscribe(
          subscription: 1, types: ["casus.detection.v1"], start: .earliest, creditEvents: 5, creditBytes: 1 << 20,
          overload: .init(.dropOldest, events: 10))))
    _ = try slow.answer { if case .subscribed(let it) = $0 { it } else { nil } }
    let publisher = try broker.join("a")
    for batch in 0..<5 { try publisher.publish((0..<20).map { try detection("d\(batch * 20 + $0)") }) }
    try slow.send(.credit(Credit(subscription: 1, events: 100, bytes: 1 << 20)))
    try slow.wait { $0.events.last?.id == "d99" }
    #expect(slow.events.count == 15)
    var told = 0
    while told < 85 { told += try slow.answer { if case .dropped(let it) = $0 { it.count } else { nil } } }
    #expect(told == 85)
  }

  @Test func `who is too slow is disconnected and told`() throws {
    let broker = try RealBroker(Self.plugins)
    let slow = try broker.join("stranger")
    try slow.send(
      .subscribe(
        Subscribe(
          subscription: 1, types: ["casus.detection.v1"], name: "work", creditEvents: 1, creditBytes: 1 << 20,
          overload: .init(.disconnect, events: 10))))
    _ = try slow.answer { if case .subscribed(let it) = $0 { it } else { nil } }
    try broker.join("a").publish((0..<20).map { try detection("d\($0)") })
    let error = try slow.error()
    #expect(error.error.code == .tooSlow)
    #expect(error.fatal)
  }
}

private final class Handled: Sendable {
  private let all = Mutex<[String]>([])
  var ids: [String] { all.withLock { $0 } }
  func add(_ id: String) { all.withLock { $0.append(id) } }
}
