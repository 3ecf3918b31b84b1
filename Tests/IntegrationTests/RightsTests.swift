import Foundation
import TestSupport
import Testing

/// What a right that is wanting looks like for whoever types a command.
@Suite(.blocking, .timeLimit(.minutes(15))) struct RightsTests {
  @Test func `a right that is wanting ends every command with 77`() throws {
    let broker = try RealBroker(["guest": .init(publish: [], subscribe: ["casus.effect.v1"])])
    #expect(try broker.casus("status", as: "guest").code == 77, "role-required")
    let tail = try broker.casus("tail", "--type", "casus.bus.>", "--once", as: "guest")
    #expect(tail.code == 77, "subscription-not-permitted: \(tail.text)")
    try "{}".write(toFile: "\(broker.folder)/other.probe.v1.schema.json", atomically: true, encoding: .utf8)
    let schema = try broker.casus("schema", "add", "other.probe.v1.schema.json", as: "guest")
    #expect(schema.code == 77, "prefix-foreign: \(schema.text)")
    let event = try detection("e1", source: "//jp.test/guest")
    try event.write(toFile: "\(broker.folder)/events.jsonl", atomically: true, encoding: .utf8)
    let publish = try broker.casus("publish", "events.jsonl", as: "guest")
    #expect(publish.code == 77, "type-not-permitted: \(publish.text)")
  }
}
