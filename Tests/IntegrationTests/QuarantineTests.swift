import CasusEvents
import CasusWire
import Foundation
import TestSupport
import Testing

/// What a person does about events that a subscriber could not process.
@Suite(.blocking, .timeLimit(.minutes(15))) struct RealQuarantine {
  @Test func `show gives the very bytes`() throws {
    let (broker, _, sequence, bytes) = try RealBroker.quarantining()
    let shown = try broker.casus("quarantine", "show", String(sequence), "--json")
    let entry = try JSONSerialization.jsonObject(with: Data(shown.text.utf8)) as? [String: Any]
    #expect(entry?["event"] as? String == bytes)
    #expect(entry?["sha256"] as? String == sha256Hex(Array(bytes.utf8)))
    #expect(entry?["reason"] as? String == "no such asset")
    let none = try broker.casus("quarantine", "show", "999999")
    #expect(none.code == 1)
    #expect(none.text.contains("not-quarantined"), "\(none.text)")
  }

  @Test func `a repaired event names the original and takes its place`() throws {
    let (broker, subscriber, sequence, bytes) = try RealBroker.quarantining()
    let path = "\(broker.folder)/corrected.json"
    try bytes.replacingOccurrences(of: "EXERCISE finding", with: "EXERCISE finding, corrected")
      .write(toFile: path, atomically: true, encoding: .utf8)
    let repaired = try broker.casus("quarantine", "repair", String(sequence), path)
    #expect(repaired.code == 0, "\(repaired.text)")
    try subscriber.wait { $0.events.count == 2 }
    let event = try #require(
      try JSONSerialization.jsonObject(with: Data(subscriber.events[1].bytes)) as? [String: Any])
    #expect(event["source"] as? String == "//jp.test/op")
    #expect(event["repairssequence"] as? String == String(sequence))
    #expect(event["repairssha256"] as? String == sha256Hex(Array(bytes.utf8)))
    #expect(try broker.casus("quarantine", "list").text == "0 in quarantine\n")
    // The original stays where it was.
    let reader = try broker.join("a")
    try reader.subscribe(["casus.detection.v1"])
    try reader.wait { $0.events.count == 2 }
    #expect(String(decoding: reader.events[0].bytes, as: UTF8.self) == bytes)
  }

  @Test func `no repair loosens a marking or changes the type`() throws {
    let (broker, _, sequence, bytes) = try RealBroker.quarantining()
    let path = "\(broker.folder)/corrected.json"
    for (wrong, word) in [
      (bytes.replacingOccurrences(of: "\"AMBER\"", with: "\"GREEN\""), "loosens"),
      (bytes.replacingOccurrences(of: "casus.detection.v1", with: "casus.effect.v1"), "casus.effect.v1"),
    ] {
      try wrong.write(toFile: path, atomically: true, encoding: .utf8)
      let refused = try broker.casus("quarantine", "repair", String(sequence), path)
      #expect(refused.code == 1)
      #expect(refused.text.contains(word), "\(refused.text)")
    }
    #expect(try broker.casus("quarantine", "list").text.contains("1 in quarantine"))
  }
}

extension RealBroker {
  /// A broker with one event in quarantine for jp.test/b; its sequence.
  static func quarantining() throws -> (broker: RealBroker, subscriber: RawClient, sequence: UInt64, bytes: String) {
    let broker = try RealBroker()
    let subscriber = try broker.join("b")
    try subscriber.send(
      .subscribe(
        Subscribe(
          subscription: 1, types: ["casus.detection.v1"], name: "main", start: .earliest, creditEvents: 100,
          creditBytes: 1 << 20, maxAttempts: 1)))
    let _: Subscribed = try subscriber.answer { if case .subscribed(let it) = $0 { it } else { nil } }
    let bytes = try detection("bad")
    let sequence = try broker.join("a").publish([bytes]).first
    try subscriber.wait { $0.events.count == 1 }
    try subscriber.send(.nack(Nack(subscription: 1, sequences: [sequence], reason: "no such asset")))
    let teller = try broker.join("op")
    try teller.subscribe(["casus.bus.quarantined.v1"])
    try teller.wait { $0.events.count == 1 }
    return (broker, subscriber, sequence, bytes)
  }
}
