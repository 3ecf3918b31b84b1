import CasusEvents
import CasusWire
import Foundation
import Glibc
import TestSupport
import Testing
import ZeroMQ

@Suite(.blocking, .timeLimit(.minutes(15))) struct RealPublishing {
  @Test func `every kind of bad event has its own code and the good ones beside it are kept`() throws {
    let broker = try RealBroker()
    let client = try broker.join("a")
    let good = try detection("good")
    let events = [
      good, "{\"a\":1,\"a\":2}", "[]", "{\"specversion\":\"1.0\"}", try detection("foreign", source: "//jp.test/b"),
      good.replacingOccurrences(of: "casus.detection.v1", with: "casus.nothing.v1"),
      good.replacingOccurrences(of: "casus.detection.v1", with: "casus.damage.v1"),
      good.replacingOccurrences(of: "\"severity_id\":1", with: "\"severity_id\":7"),
      try detection("marked", exercise: true), try detection("also good"),
    ]
    let published = try client.publish(events)
    #expect(published.accepted == 2)
    #expect(published.durability == "disk")
    #expect(
      published.refused.map(\.error.code) == [
        .notJSON, .notCloudEvent, .notCloudEvent, .sourceForeign, .unknownType, .typeNotPermitted, .schema,
        .roleRequired,
      ])
    let schema = published.refused[6].error
    #expect(schema.pointer == "/data/severity_id")
    #expect(schema.schema == "urn:casus:schema:casus.detection.v1")
    #expect(schema.schemaPointer?.isEmpty == false)
    let reader = try broker.join("op")
    try reader.subscribe(["casus.detection.v1"])
    try reader.wait { $0.events.count >= 2 }
    #expect(reader.events.map(\.id) == ["good", "also good"])
    #expect(reader.events.map(\.sequence) == [published.first, published.first + 1])
    #expect(reader.events[0].bytes == Array(good.utf8))
    #expect(reader.events[0].sender == "jp.test/a")
  }

  @Test func `a repeat is a duplicate and a reused id is refused also after a crash`() throws {
    let broker = try RealBroker()
    let first = try broker.join("a").publish([detection("x")]).first
    try broker.crashAndRestart()
    let client = try broker.join("a")
    let again = try client.publish([detection("x"), detection("x", tlp: "GREEN")])
    #expect(again.accepted == 0)
    #expect(again.duplicates == [.init(index: 0, sequence: first)])
    #expect(again.refused.map(\.error.code) == [.idReused])
  }

  @Test func `an oversized event is refused and an oversized batch too`() throws {
    let broker = try RealBroker()
    let client = try broker.join("a")
    let large = try detection("large").replacingOccurrences(
      of: "EXERCISE finding", with: String(repeating: "x", count: 70_000))
    #expect(try client.publish([large]).refused.map(\.error.code) == [.eventTooLarge])
    try client.sendBatch(Array(repeating: large, count: 4))
    #expect(try client.error().error.code == .batchTooLarge)
    #expect(try client.publish([detection("still here")]).accepted == 1)
  }

  @Test func `malformed messages are told and harm nobody`() throws {
    let broker = try RealBroker()
    let honest = try broker.join("b")
    let client = try broker.join("a")
    let rubbish: [([[UInt8]], WireErrorCode)] = [
      ([Array("rubbish".utf8)], .malformedControl),
      ([[]], .malformedControl),
      ([Array("{}".utf8)], .malformedControl),
      ([Array("{\"op\":\"welcome\"}".utf8)], .unknownCommand),
      ([Array("{\"op\":\"ping\"}".utf8), []], .malformedFrames),
      ([Array("{\"op\":\"ping\"}".utf8), [], []], .malformedFrames),
      ([Array("{\"op\":\"publish\",\"batch\":1,\"count\":1}".utf8)], .malformedBatch),
      ([Array("{\"op\":\"publish\",\"batch\":1,\"count\":1}".utf8), [1, 2]], .malformedBatch),
      ([Array("{\"op\":\"publish\",\"batch\":1,\"count\":1}".utf8), [0xff, 0xff, 0xff, 0x7f, 0]], .malformedBatch),
      ([Array("{\"op\":\"ack\",\"sub\":9}".utf8)], .unknownSubscription),
      ([Array(String(repeating: "[", count: 50_000).utf8)], .malformedControl),
    ]
    for (frames, code) in rubbish {
      try client.send(frames)
      #expect(try client.error().error.code == code, "\(frames[0].prefix(40))")
    }
    #expect(try client.publish([detection("after")]).accepted == 1)
    #expect(try honest.publish([detection("honest", source: "//jp.test/b")]).accepted == 1)
  }

  @Test func `a broker that was not started for replays takes none`() throws {
    let broker = try RealBroker()
    let person = try broker.join("op")
    try person.sendBatch([detection("x")], replay: true)
    let refused = try person.error()
    #expect(refused.error.code == .replayNotAccepted && refused.error.pointer == "/replay")
  }

  @Test func `what rests on marked events carries the mark or is refused`() throws {
    let broker = try RealBroker(settings: "accept_replay: true")
    let person = try broker.join("op")
    #expect(try person.publish([detection("x"), detection("drill", exercise: true)], replay: true).accepted == 2)
    let plugin = try broker.join("b")
    func naming(_ member: String, _ id: String = "x", escaped: Bool = false) throws -> String {
      let name = escaped ? "sh\\u0061256" : "sha256"
      let reference = #"{"source":"//jp.test/a","id":"\#(id)","\#(name)":"\#(String(repeating: "0", count: 64))"}"#
      return try detection("y-\(member)-\(id)-\(escaped)", source: "//jp.test/b").replacingOccurrences(
        of: #""spoofed":"#, with: #""\#(member)":\#(member == "refs" ? "[\(reference)]" : reference),"spoofed":"#)
    }
    let answer = try plugin.publish([
      naming("refs", "drill"), naming("refs", "drill", escaped: true), naming("supersedes"), naming("refs"),
    ])
    #expect(answer.refused.map(\.error.code) == [.unmarked, .unmarked, .foreignRevision])
    #expect(answer.refused.map(\.error.pointer) == ["/data/refs/0", "/data/refs/0", "/data/supersedes"])
    try person.subscribe(["casus.detection.v1"])
    try person.wait { $0.events.count == 3 }
    #expect(person.events.map(\.flags.marks.names) == [["replayed"], ["replayed", "exercise"], ["descends"]])
  }

  @Test func `replays need their role and are marked`() throws {
    let broker = try RealBroker(settings: "accept_replay: true")
    let plugin = try broker.join("a")
    try plugin.sendBatch([detection("x")], replay: true)
    #expect(try plugin.error().error.code == .roleRequired)
    let person = try broker.join("op")
    #expect(try person.publish([detection("x", exercise: true)], replay: true).accepted == 1)
    try person.subscribe(["casus.detection.v1"])
    try person.wait { !$0.events.isEmpty }
    #expect(person.events[0].flags.names == ["replayed", "exercise"])
    #expect(person.events[0].flags.marking == .amber)
    #expect(person.events[0].sender == "jp.test/op")
  }

  @Test func `the numbers of status add up`() throws {
    let broker = try RealBroker()
    let client = try broker.join("a")
    let reader = try broker.join("b")
    try reader.subscribe([">"], name: "all")
    for number in 0..<20 { try client.publish([detection("d\(number)"), "rubbish"]) }
    try client.publish([detection("d1")])
    let person = try broker.join("op")
    try reader.wait { $0.events.contains { $0.id == "d19" } }
    try reader.send(.ack(Ack(subscription: 1, through: reader.events[9].sequence)))
    try reader.send(.ping(Ping()))
    let _: Pong = try reader.answer { if case .pong(let it) = $0 { it } else { nil } }
    let status = try person.status()
    let plugins = try #require(status["plugins"] as? [[String: Any]])
    func number(_ plugin: [String: Any], _ name: String) -> Int { plugin[name] as? Int ?? -1 }
    let journal = try #require(status["journal"] as? [String: Any])
    let own = (status["broker"] as? [String: Any])?["published"] as? Int ?? -1
    #expect(String(plugins.reduce(own) { $0 + number($1, "published") }) == journal["last"] as? String)
    for plugin in plugins {
      #expect(number(plugin, "delivered") == number(plugin, "acked") + number(plugin, "pending"))
    }
    let a = try #require(plugins.first { $0["name"] as? String == "jp.test/a" })
    #expect(number(a, "published") == 20)
    #expect(number(a, "refused") == 20)
    #expect(number(a, "duplicates") == 1)
    let b = try #require(plugins.first { $0["name"] as? String == "jp.test/b" })
    #expect(number(b, "acked") == 10)
  }
}
