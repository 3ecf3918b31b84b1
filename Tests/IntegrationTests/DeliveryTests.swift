import CasusEvents
import CasusWire
import Foundation
import Glibc
import TestSupport
import Testing

@Suite(.blocking, .timeLimit(.minutes(15))) struct RealDelivery {
  @Test func `a subscription starts where it is asked to`() throws {
    let broker = try RealBroker()
    let client = try broker.join("a")
    for number in 0..<10 { try client.publish([detection("d\(number)")]) }
    let all = try broker.join("op")
    try all.subscribe(["casus.detection.v1"])
    try all.wait { $0.events.count == 10 }
    #expect(all.events.map(\.id) == (0..<10).map { "d\($0)" })
    try all.subscribe(["casus.detection.v1"], from: .sequence(all.events[7].sequence), number: 2)
    try all.wait { $0.events.count == 13 }
    #expect(all.events[10...].map(\.id) == ["d7", "d8", "d9"])
    try all.subscribe(["casus.detection.v1"], from: .latest, number: 3)
    try client.publish([detection("new")])
    try all.wait { $0.events.count == 16 }
    #expect(all.events[13...].allSatisfy { $0.id == "new" })
  }

  /// Readers of the same events share their batch frames inside the broker: what differs between them must not be shared.
  @Test func `what is sent again is marked for whom it is and for nobody else`() throws {
    let broker = try RealBroker()
    let readers = try ["b", "op"].map { try broker.join($0) }
    for reader in readers { try reader.subscribe(["casus.detection.v1"], from: .latest, name: "work") }
    let third = try broker.join("a")
    for round in 0..<10 {
      let ids = (0..<3).map { "r\(round)-\($0)" }
      let seen = readers.map(\.events.count)
      try third.publish(try ids.map { try detection($0) })
      for (reader, count) in zip(readers, seen) { try reader.wait { $0.events.count == count + 3 } }
      let sequences = readers[0].events.suffix(3).map(\.sequence)
      try readers[0].send(.nack(Nack(subscription: 1, sequences: sequences, delay: 0)))
      try readers[0].wait { $0.events.count == seen[0] + 6 }
      // From the journal, once more, and not again.
      try third.subscribe(["casus.detection.v1"], from: .sequence(sequences[0]), number: round + 1)
      try third.wait { $0.events.count == 3 * (round + 1) }
      #expect(
        readers[0].events.suffix(6).map { $0.flags.contains(.redelivered) } == [false, false, false, true, true, true])
      #expect(readers[1].events.suffix(3).allSatisfy { !$0.flags.contains(.redelivered) })
      #expect(third.events.suffix(3).allSatisfy { !$0.flags.contains(.redelivered) })
      #expect([readers[0].events.suffix(6).map(\.id), third.events.suffix(3).map(\.id)] == [ids + ids, ids])
      try third.send(.unsubscribe(Unsubscribe(subscription: round + 1)))
      try readers[0].send(.ack(Ack(subscription: 1, through: sequences[2], also: sequences)))
    }
  }

  @Test func `readers of different parts of one batch get their own`() throws {
    let broker = try RealBroker()
    let publisher = try broker.join("a")
    let readers = try ["b", "op"].map { try broker.join($0) }
    for round in 0..<10 {
      let ids = (0..<6).map { "r\(round)-\($0)" }
      let first = try publisher.publish(try ids.map { try detection($0) }).first
      for (place, reader) in readers.enumerated() {
        try reader.subscribe(
          ["casus.detection.v1"], from: .sequence(first + UInt64(3 * place)), credit: 3, number: round + 1)
        try reader.wait { $0.events.count == 3 * (round + 1) }
        #expect(reader.events.suffix(3).map(\.id) == Array(ids[(3 * place)..<(3 * place + 3)]))
      }
    }
  }

  @Test func `a subscription starts at a time`() throws {
    let broker = try RealBroker()
    let client = try broker.join("a")
    let all = try broker.join("op")
    try all.subscribe(["casus.detection.v1"])
    // Until one is later than the first: events that come at once may have one time.
    repeat {
      let count = all.events.count + 1
      try client.publish([detection("d-\(count)")])
      try all.wait { $0.events.count == count }
    } while all.events.last?.recorded == all.events.first?.recorded
    let last = try #require(all.events.last)
    let reader = try broker.join("b")
    try reader.subscribe(["casus.detection.v1"], from: .time(last.recorded))
    try reader.wait { !$0.events.isEmpty }
    #expect(reader.events == [last])
  }

  @Test func `everything acknowledged is there once and in order after kills`() throws {
    let broker = try RealBroker()
    var acknowledged: [String] = []
    for round in 0..<5 {
      let client = try broker.join("a")
      // The last batches of a round may or may not have been acknowledged when the broker dies.
      for number in 0..<40 { try client.sendBatch(try (0..<5).map { try detection("r\(round)-\(number)-\($0)") }) }
      for _ in 0..<(10 + round * 5) {
        let published = try client.published()
        acknowledged += (0..<5).map { "r\(round)-\(published.batch - 1)-\($0)" }
        #expect(published.accepted == 5)
      }
      try broker.crashAndRestart()
    }
    let reader = try broker.join("op")
    try reader.subscribe(["casus.detection.v1"])
    try reader.wait { client in
      client.events.count >= acknowledged.count && client.events.contains { $0.id == acknowledged.last }
    }
    let ids = reader.events.map(\.id)
    #expect(Set(ids).count == ids.count)
    #expect(Set(acknowledged).isSubset(of: Set(ids)))
    let kept = Set(acknowledged)
    #expect(ids.filter { kept.contains($0) } == acknowledged)
    #expect(reader.events.map(\.sequence) == reader.events.map(\.sequence).sorted())
  }

  @Test func `a durable subscription goes on after a crash of the broker`() throws {
    let broker = try RealBroker()
    let client = try broker.join("a")
    for number in 0..<20 { try client.publish([detection("d\(number)")]) }
    let worker = try broker.join("b")
    try worker.subscribe(["casus.detection.v1"], name: "work")
    try worker.wait { $0.events.count == 20 }
    let position = worker.events[11].sequence
    try worker.send(.ack(Ack(subscription: 1, through: position)))
    // Positions are kept with a delay; what the file says is what counts after a crash.
    try worker.wait { _ in
      (FileManager.default.contents(atPath: "\(broker.folder)/journal/positions.log"))
        .map { String(decoding: $0, as: UTF8.self).contains("\"acked\":\(position)") } ?? false
    }
    try broker.crashAndRestart()
    let again = try broker.join("b")
    let subscribed = try again.subscribe(["casus.detection.v1"], name: "work")
    #expect(subscribed.acked == position)
    try again.wait { $0.events.count == 8 }
    #expect(again.events.map(\.id) == (12..<20).map { "d\($0)" })
  }

  @Test func `a confirmed durable subscription survives a crash right after`() throws {
    let broker = try RealBroker()
    let worker = try broker.join("b")
    try worker.subscribe(["casus.detection.v1"], from: .latest, name: "work", credit: 0)
    try broker.join("a").publish([detection("x")])
    try broker.crashAndRestart()
    let again = try broker.join("b")
    try again.subscribe(["casus.detection.v1"], from: .latest, name: "work")
    try again.wait { !$0.events.isEmpty }
    #expect(again.events.map(\.id) == ["x"])
  }

  @Test func `a repeat after a kill is a duplicate`() throws {
    let broker = try RealBroker()
    let first = try broker.join("a").publish([detection("x")]).first
    try broker.crashAndRestart()
    let again = try broker.join("a").publish([detection("x")])
    #expect(again.accepted == 0)
    #expect(again.duplicates.map(\.sequence) == [first])
  }

  @Test func `the ledger adds up and its numbers survive a kill`() throws {
    struct Books: Decodable, Equatable {
      struct Publisher: Decodable, Equatable {
        var publisher: String
        var accepted: Int
        var duplicates: Int
        var refused: [String: Int]
      }
      struct Subscription: Decodable, Equatable {
        var plugin: String
        var matched: Int
        var acked: Int
        var pending: Int
      }
      var addsUp: Bool
      var publishers: [Publisher]
      var subscriptions: [Subscription]

      enum CodingKeys: String, CodingKey {
        case publishers, subscriptions
        case addsUp = "adds_up"
      }

      var wanted: [Publisher] { publishers.filter { $0.publisher == "jp.test/a" } }
    }
    let broker = try RealBroker()
    let client = try broker.join("a")
    try client.publish((0..<10).map { try detection("d\($0)") } + [detection("d0"), "{}"])
    let worker = try broker.join("b")
    try worker.subscribe(["casus.detection.v1"], name: "work")
    try worker.wait { $0.events.count == 10 }
    try worker.send(.ack(Ack(subscription: 1, through: worker.events[5].sequence)))
    func books() throws -> Books {
      try JSONDecoder().decode(Books.self, from: Data(broker.join("op").request("ledger")))
    }
    let publisher = Books.Publisher(
      publisher: "jp.test/a", accepted: 10, duplicates: 1, refused: ["not-cloudevent": 1])
    #expect(try books().wanted == [publisher])
    // Positions and books are kept with a delay; what the file says is what counts after a crash.
    try worker.wait { _ in
      (FileManager.default.contents(atPath: "\(broker.folder)/journal/positions.log"))
        .map { String(decoding: $0, as: UTF8.self) }
        .map { $0.contains("\"ackedCount\":6") && $0.contains("\"duplicates\":1") } ?? false
    }
    try broker.crashAndRestart()
    #expect(try books().wanted == [publisher])
    #expect(try books().addsUp)
    #expect(try books().subscriptions == [.init(plugin: "jp.test/b", matched: 6, acked: 6, pending: 0)])
    let again = try broker.join("b")
    try again.subscribe(["casus.detection.v1"], name: "work")
    try again.wait { $0.events.count == 4 }
    #expect(try books().subscriptions == [.init(plugin: "jp.test/b", matched: 10, acked: 6, pending: 4)])
  }

  @Test func `a slow reader of many events gets them all with little credit`() throws {
    let broker = try RealBroker(settings: "limits: {tail_bytes: 20000}")
    let client = try broker.join("a")
    for batch in 0..<20 { try client.publish((0..<50).map { try detection("d\(batch * 50 + $0)") }) }
    let reader = try broker.join("b")
    try reader.subscribe(["casus.detection.v1"], credit: 7)
    var granted = 7
    while reader.events.count < 1_000 {
      let before = reader.events.count
      try reader.wait { $0.events.count == granted || $0.events.count == 1_000 }
      #expect(reader.events.count <= granted)
      let more = min(97, reader.events.count - before)
      try reader.send(.credit(Credit(subscription: 1, events: more, bytes: 0)))
      granted += more
    }
    #expect(reader.events.map(\.id) == (0..<1_000).map { "d\($0)" })
  }
}
