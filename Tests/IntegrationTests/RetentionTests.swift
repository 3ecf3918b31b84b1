import CasusWire
import Foundation
import Glibc
import TestSupport
import Testing

@Suite(.blocking, .timeLimit(.minutes(15))) struct RealRetention {
  private static let settings = "segment_bytes: 65536\ncompression: none\n"

  /// Publishes about half a megabyte.
  private func fill(_ client: RawClient, _ name: String) throws {
    for round in 0..<20 { try client.publish((0..<50).map { try detection("\(name)-\(round)-\($0)") }) }
  }

  private func mine(_ broker: RealBroker, _ operator: RawClient) throws -> [String: Any] {
    let all = try `operator`.status()["subscriptions"] as? [[String: Any]]
    return try #require(all?.first { $0["name"] as? String == "mine" })
  }

  private func first(_ client: RawClient) throws -> UInt64 {
    let journal = try client.status()["journal"] as? [String: Any]
    return try #require((journal?["first"] as? String).flatMap { UInt64($0) })
  }

  @Test func `what a durable subscription needs is kept and told and goes when it is acknowledged`() throws {
    let broker = try RealBroker(settings: Self.settings + "retention: {max_bytes: 150000}")
    let client = try broker.join("a")
    let `operator` = try broker.join("op")
    try `operator`.subscribe(["casus.bus.retention.v1"], number: 7)
    let subscriber = try broker.join("b")
    try subscriber.subscribe(["casus.detection.v1"], name: "mine", credit: 10)
    try fill(client, "d")
    try `operator`.wait { !$0.events.isEmpty }
    let told = String(decoding: `operator`.events[0].bytes, as: UTF8.self)
    #expect(told.contains("\"state\":\"held\"") && told.contains("\"subscription\":\"mine\"") && !told.contains("due"))
    let held = (try `operator`.status()["journal"] as? [String: Any])?["held"] as? [[String: Any]]
    #expect(held?.first?["subscription"] as? String == "mine")
    #expect(try first(`operator`) == 1)

    // Everything is there for it, and once it has that, the journal shrinks.
    try subscriber.send(.credit(Credit(subscription: 1, events: 100_000, bytes: 1 << 24)))
    try subscriber.wait { $0.events.count == 1000 }
    #expect(subscriber.events.first?.sequence ?? 0 > 0)
    try subscriber.send(.ack(Ack(subscription: 1, through: subscriber.events.last?.sequence)))
    try awaitCondition("the first segment to go") { try first(`operator`) != 1 }
    try awaitCondition("a journal within its limit") {
      try (`operator`.status()["journal"] as? [String: Any])?["bytes"] as? Int ?? .max <= 230_000
    }
    // Who reads from the beginning begins where the journal does.
    #expect(try client.subscribe(["casus.detection.v1"], number: 9).next == first(`operator`))
  }

  @Test func `what is cut after the grace is announced counted and not waited for`() throws {
    let broker = try RealBroker(
      settings: Self.settings + "retention: {max_bytes: 150000, needed: cut, grace_s: 1}")
    let client = try broker.join("a")
    let `operator` = try broker.join("op")
    try `operator`.subscribe(["casus.bus.retention.v1"], number: 7)
    let subscriber = try broker.join("b")
    try subscriber.subscribe(["casus.detection.v1"], name: "mine", credit: 10)
    try fill(client, "d")
    try `operator`.wait { $0.events.count >= 2 }
    let told = `operator`.events.prefix(2).map { String(decoding: $0.bytes, as: UTF8.self) }
    #expect(told[0].contains("\"state\":\"held\"") && told[0].contains("\"due\":"))
    #expect(told[1].contains("\"state\":\"cut\"") && told[1].contains("\"dropped\":"))
    try awaitCondition("the first segment to go") { try first(`operator`) != 1 }

    // The rest comes, and the equation holds: every one of the 1000 was acknowledged or dropped.
    try subscriber.send(.credit(Credit(subscription: 1, events: 100_000, bytes: 1 << 24)))
    try subscriber.wait { $0.events.last.map { RawClient.member("id", of: $0.bytes) == "d-19-49" } ?? false }
    try subscriber.send(.ack(Ack(subscription: 1, through: subscriber.events.last?.sequence)))
    var books = try mine(broker, `operator`)
    try awaitCondition("books without pending events") {
      books = try mine(broker, `operator`)
      return books["pending"] as? Int == 0
    }
    let dropped = try #require(books["dropped"] as? Int)
    #expect(dropped > 100 && dropped < 1000)
    #expect(books["matched"] as? Int == 1000)
    #expect(books["acked"] as? Int == 1000 - dropped)

    // And after a restart it still does. Positions are kept with a delay: what the file says is what counts after a crash.
    try awaitCondition("the position on disk") {
      FileManager.default.contents(atPath: "\(broker.folder)/journal/positions.log").map {
        String(decoding: $0, as: UTF8.self).contains("\"ackedCount\":\(1000 - dropped)")
      } ?? false
    }
    try broker.crashAndRestart()
    let again = try mine(broker, try broker.join("op"))
    #expect(again["matched"] as? Int == (again["acked"] as? Int ?? 0) + (again["dropped"] as? Int ?? 0))
    #expect(again["dropped"] as? Int == dropped)
  }

  @Test func `one subscription holds no more than its share and is told what it lost`() throws {
    let broker = try RealBroker(
      settings: Self.settings + "retention: {max_bytes: 150000, needed: keep, held_bytes: 100000}")
    let client = try broker.join("a")
    let `operator` = try broker.join("op")
    try `operator`.subscribe(["casus.bus.retention.v1"], number: 7)
    let subscriber = try broker.join("b")
    try subscriber.subscribe(["casus.detection.v1"], name: "mine", credit: 0)
    try subscriber.send(.bye(Bye()))
    try fill(client, "d")
    try `operator`.wait {
      $0.events.contains { String(decoding: $0.bytes, as: UTF8.self).contains("\"state\":\"cut\"") }
    }
    try awaitCondition("the first segment to go") { try first(`operator`) != 1 }
    let answer = try JSONSerialization.jsonObject(with: Data(`operator`.request("subscriptions"))) as? [String: Any]
    let row = try #require((answer?["subscriptions"] as? [[String: Any]])?.first)
    #expect(row["subscription"] as? String == "mine" && row["live"] as? Bool == false)
    #expect(row["held_bytes"] as? Int ?? 0 > 0 && row["dropped"] as? Int ?? 0 > 0)

    // It comes back, and is told.
    let again = try broker.join("b")
    try again.subscribe(["casus.detection.v1"], name: "mine", credit: 10)
    let dropped: Dropped = try again.answer { if case .dropped(let it) = $0 { it } else { nil } }
    #expect(dropped.count > 0)
  }

  @Test func `what was held for a plugin that is not registered goes`() throws {
    let broker = try RealBroker(
      settings: Self.settings + "retention: {max_bytes: 150000, needed: keep, gone_s: 0}")
    let client = try broker.join("a")
    let `operator` = try broker.join("op")
    try `operator`.subscribe(["casus.bus.retention.v1"], number: 7)
    let subscriber = try broker.join("b")
    try subscriber.subscribe(["casus.detection.v1"], name: "mine", credit: 0)
    try fill(client, "d")
    #expect(try first(`operator`) == 1)
    try RealBroker.register(
      ["a": .init(), "op": .init(roles: ["operator", "replay", "exercise"], publish: [">"])], in: broker.folder)
    try awaitCondition("the journal to shrink") { try first(`operator`) != 1 }
    try `operator`.wait {
      $0.events.contains { String(decoding: $0.bytes, as: UTF8.self).contains("\"state\":\"forgotten\"") }
    }
  }

  @Test func `an operator forgets a subscription that nobody uses`() throws {
    let broker = try RealBroker()
    let `operator` = try broker.join("op")
    let subscriber = try broker.join("b")
    try subscriber.subscribe(["casus.detection.v1"], name: "mine", credit: 0)
    let parameters = ["plugin": "jp.test/b", "subscription": "mine"]
    try `operator`.send(.request(Request(id: 901, what: "subscription-forget", parameters: parameters)))
    #expect(try `operator`.error().error.code == .subscriptionInUse)
    try subscriber.send(.bye(Bye()))
    try awaitCondition("nobody to use it") {
      String(decoding: try `operator`.request("subscriptions"), as: UTF8.self).contains(#""live":false"#)
    }
    _ = try `operator`.request("subscription-forget", parameters)
    let answer = try `operator`.request("subscriptions")
    #expect(String(decoding: answer, as: UTF8.self) == #"{"subscriptions":[]}"#)
  }

  @Test func `a retention without a limit is refused`() throws {
    #expect(throws: (any Error).self) { try RealBroker(settings: "retention: {needed: cut}") }
  }
}
