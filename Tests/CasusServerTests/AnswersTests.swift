import CasusEvents
import CasusWire
import Foundation
import Testing

@testable import CasusCore
@testable import CasusServer

/// What the shell itself answers.
@Suite struct AnswersTests {
  private let fixture: ShellFixture
  private var answers: Answers

  init() throws {
    fixture = try ShellFixture()
    answers = Answers(fixture.schemas, fixture.facts)
  }

  private func reply(_ what: String, _ parameters: [String: String] = [:]) -> BrokerReply {
    answers.reply(to: Request(id: 5, what: what, parameters: parameters), fixture.broker) { $0.segments = 3 }
  }

  private func result(_ reply: BrokerReply) throws -> [String: Any] {
    guard case .reply(let reply) = reply else {
      Issue.record("\(reply) is no result")
      return [:]
    }
    #expect(reply.id == 5)
    return try ShellFixture.object(reply.result)
  }

  private func refusal(_ reply: BrokerReply) -> WireError? {
    guard case .error(let error) = reply else { return nil }
    #expect(error.command == "request" && error.number == 5 && !error.fatal)
    return error.error
  }

  @Test func `the status has what never changes and what is filled in`() throws {
    let status = try result(reply("status"))
    let broker = try #require(status["broker"] as? [String: Any])
    #expect(broker["version"] as? String == "9.9.9" && broker["pid"] as? Int == 7)
    #expect((status["journal"] as? [String: Any])?["segments"] as? Int == 3)
  }

  @Test mutating func `a schema is answered as it is in force`() throws {
    let list = try #require(try result(reply("schemas"))["schemas"] as? [[String: Any]])
    #expect(list.count == EventSchemas.all.count)
    let known = try result(reply("schema", ["type": "casus.effect.v1"]))
    #expect(known["origin"] as? String == "program")
    #expect(
      known["schema"] as? String
        == EventSchemas.all.first { $0.type == "casus.effect.v1" }.map { String(decoding: $0.bytes, as: UTF8.self) })
    answers.adopt(try SchemaEdition(Array("{}".utf8), of: "jp.test.probe.v1", origin: "jp.test/a"))
    #expect(try result(reply("schema", ["type": "jp.test.probe.v1"]))["schema"] as? String == "{}")
    #expect((try result(reply("schemas"))["schemas"] as? [Any])?.count == list.count + 1)
  }

  @Test func `what nobody answers is refused with its place`() {
    let missing = refusal(reply("schema", ["type": "no.such.v1"]))
    #expect(missing?.code == .unknownType && missing?.pointer == "/parameters/type")
    #expect(refusal(reply("schema"))?.code == .unknownType)
    let unknown = refusal(reply(String(repeating: "x", count: 100)))
    #expect(unknown?.code == .unknownRequest && unknown?.pointer == "/what")
    #expect(
      unknown?.message.hasPrefix("'\(String(repeating: "x", count: 40))' is not") == true, "others' words are cut")
  }
}

@Suite struct StatusReplyTests {
  private func status(_ fixture: ShellFixture, _ fill: (inout StatusReply.Facts) -> Void) throws -> [String: Any] {
    var facts = fixture.facts
    fill(&facts)
    return try ShellFixture.object(StatusReply.text(fixture.broker, facts))
  }

  @Test func `every registered plugin is there with its state`() throws {
    let fixture = try ShellFixture()
    fixture.join("a", number: 1)
    let plugins = try #require(try status(fixture) { _ in }["plugins"] as? [[String: Any]])
    #expect(plugins.map { $0["name"] as? String } == ["jp.test/a", "jp.test/op"])
    #expect(plugins.map { $0["state"] as? String } == ["connected", "absent"])
    #expect(plugins[0]["program"] as? String == "p" && plugins[1]["program"] == nil)
    for name in ["published", "refused", "delivered", "acked", "pending", "lag", "cut_off_ms"] {
      #expect(plugins[0][name] as? Int == 0, "\(name)")
    }
  }

  @Test func `what is wrong is there and nothing where nothing i s`() throws {
    let fixture = try ShellFixture()
    let good = try status(fixture) { _ in }
    let goodBroker = try #require(good["broker"] as? [String: Any])
    #expect(goodBroker["registry_faults"] as? [String] == [] && goodBroker["clock_step"] == nil)
    let goodJournal = try #require(good["journal"] as? [String: Any])
    #expect(goodJournal["check"] == nil && (goodJournal["held"] as? [Any])?.isEmpty == true)
    #expect(goodJournal["first"] as? String == "1" && goodJournal["last"] as? String == "0")

    let bad = try status(fixture) { facts in
      facts.registryFaults = ["r/a.yaml:1:1: EXERCISE"]
      facts.cutsNeeded = true
      for name in ["b", "a"] {
        facts.held[SubscriptionOwner(identity: "jp.test/\(name)", name: "main")] = .init(first: 3, last: 4, since: 0)
      }
    }
    #expect((bad["broker"] as? [String: Any])?["registry_faults"] as? [String] == ["r/a.yaml:1:1: EXERCISE"])
    let held = try #require((bad["journal"] as? [String: Any])?["held"] as? [[String: Any]])
    #expect(held.map { $0["plugin"] as? String } == ["jp.test/a", "jp.test/b"], "always in the same order")
    #expect(held[0]["first"] as? String == "3" && held[0]["to_be_cut"] as? Bool == true)
  }

  @Test(arguments: [(false, [], "running"), (true, [], "sound"), (false, ["x"], "damaged"), (true, ["x"], "damaged")])
  func `a check says how far it i s`(isDone: Bool, damage: [String], state: String) throws {
    let found = try status(ShellFixture()) { facts in
      facts.check = BackgroundCheck.Progress(read: 5, bytes: 10, isDone: isDone, damage: damage)
    }
    let check = try #require((found["journal"] as? [String: Any])?["check"] as? [String: Any])
    #expect(check["state"] as? String == state && check["damage"] as? [String] == damage)
    #expect(check["read_bytes"] as? Int == 5 && check["bytes"] as? Int == 10)
  }
}
