import CasusEvents
import CasusWire
import Foundation
import TestSupport
import Testing

/// Schemas that plugins bring: who may, what is taken, and that they stay.
@Suite(.blocking, .timeLimit(.minutes(15))) struct RealSchemaRegistry {
  private static let type = "jp.test.probe.v1"

  /// A schema of a probe's events whose `level` has to keep `level`.
  private func schema(_ level: String = #"{"type":"integer","minimum":0,"maximum":9}"#, more: String = "") -> String {
    """
    {"$schema":"https://json-schema.org/draft/2020-12/schema","$ref":"urn:casus:schema:cloudevent",
     "properties":{"data":{"type":"object","properties":{"level":\(level)\(more)},"required":["level"],
      "additionalProperties":false}}}
    """
  }

  private func probe(_ id: String, level: String = "3", source: String = "//jp.test/a", type: String = Self.type)
    -> String
  {
    """
    {"specversion":"1.0","id":"\(id)","source":"\(source)","type":"\(type)","time":"2026-01-01T00:00:00Z",\
    "datacontenttype":"application/json","tlp":"GREEN","data":{"level":\(level)}}
    """
  }

  private func broker() throws -> RealBroker {
    try RealBroker(["a": .init(publish: ["jp.>", "us.>"]), "b": .init(publish: ["jp.test.>"])])
  }

  private func hello(_ client: RawClient, _ schemas: [(String, String)]) throws {
    try client.send(
      .hello(
        Hello(
          identity: "jp.test/\(client.name)", program: "probe", version: "1",
          schemas: schemas.map { SchemaOffer(type: $0.0, schema: Array($0.1.utf8)) })))
  }

  private func join(_ broker: RealBroker, _ name: String, _ schemas: [(String, String)]) throws -> RawClient {
    let client = try broker.client(name)
    try hello(client, schemas)
    let _: Welcome = try client.answer { if case .welcome(let it) = $0 { it } else { nil } }
    return client
  }

  /// The error that a hello with these schemas gets.
  private func refusal(_ broker: RealBroker, _ schemas: [(String, String)]) throws -> WireError {
    let client = try broker.client("a")
    try hello(client, schemas)
    return try client.error().error
  }

  @Test func `a schema that could take long for a short event is refused with the numbers`() throws {
    let broker = try broker()
    let doubled = (0..<40).map { level in
      let next = ##"{"$ref":"#/$defs/a\##(level + 1)"}"##
      return #""a\#(level)":{"anyOf":[\#(next),\#(next)]}"#
    }
    let hostile =
      ##"{"$ref":"urn:casus:schema:cloudevent","properties":{"data":{"$ref":"#/$defs/a0"}},"##
      + ##""$defs":{\##(doubled.joined(separator: ",")),"a40":{"const":1}}}"##
    let error = try refusal(broker, [(Self.type, hostile)])
    #expect(error.code == .schemaRefused)
    #expect(error.message.contains("e12 steps for each byte; taken are 1000"))
    #expect(error.schemaPointer?.hasPrefix("/$defs/a") == true)
    #expect(try join(broker, "a", [(Self.type, schema())]).publish([probe("1")]).accepted == 1)
  }

  @Test func `events of a brought type are judged by its schema`() throws {
    let broker = try broker()
    #expect(
      try broker.join("b").publish([probe("early", source: "//jp.test/b")]).refused.first?.error.code == .unknownType)
    let client = try join(broker, "a", [(Self.type, schema())])
    #expect(try client.publish([probe("1")]).accepted == 1)
    let refused = try client.publish([probe("2", level: "10")]).refused[0].error
    #expect(refused.code == .schema)
    #expect(refused.pointer == "/data/level")
    #expect(refused.schema == "urn:casus:schema:\(Self.type)")
    #expect(refused.schemaPointer == "/properties/data/properties/level/maximum")
  }

  @Test func `a brought schema survives a crash of the broker`() throws {
    let broker = try broker()
    _ = try join(broker, "a", [(Self.type, schema())])
    try broker.crashAndRestart()
    let other = try broker.join("b")
    #expect(try other.publish([probe("1", source: "//jp.test/b")]).accepted == 1)
    #expect(try other.publish([probe("2", level: "-1", source: "//jp.test/b")]).refused[0].error.code == .schema)
  }

  @Test func `who brought what is an event`() throws {
    let broker = try broker()
    let reader = try broker.join("op")
    try reader.subscribe(["casus.bus.schema.v1"])
    _ = try join(broker, "a", [(Self.type, schema())])
    _ = try join(broker, "a", [(Self.type, schema())])
    _ = try join(broker, "a", [(Self.type, schema(more: #","note":{"type":"string"}"#))])
    try reader.wait { $0.events.count == 2 }
    let told = try reader.events.map { event in
      try JSONDecoder().decode(BusSchemaEvent.self, from: Data(event.bytes)).data
    }
    #expect(told.allSatisfy { $0.plugin == "jp.test/a" && $0.eventType == Self.type })
    #expect(told[0].previousSHA256 == nil)
    #expect(told[0].sha256 == sha256Hex(Array(schema().utf8)))
    #expect(told[1].previousSHA256 == told[0].sha256)
  }

  private struct BusSchemaEvent: Decodable { var data: BusSchema }

  @Test(arguments: [
    // Somebody else's prefix, nobody's, the vocabulary's, one that only begins with the same letters.
    ("us.cisa.probe.v1", WireErrorCode.prefixForeign, "/manifest/schemas/1/type"),
    ("probe.v1", .prefixForeign, "/manifest/schemas/1/type"),
    ("casus.detection.v1", .prefixForeign, "/manifest/schemas/1/type"),
    ("casus.bus.own.v1", .prefixForeign, "/manifest/schemas/1/type"),
    ("jp.testing.probe.v1", .prefixForeign, "/manifest/schemas/1/type"),
    // Not a type with a version.
    ("jp.test.probe", .schemaRefused, "/manifest/schemas/1/type"),
    ("jp.test.v0", .schemaRefused, "/manifest/schemas/1/type"),
    ("jp.test.*.v1", .schemaRefused, "/manifest/schemas/1/type"),
    ("jp.test.Probe.v1", .schemaRefused, "/manifest/schemas/1/type"),
  ]) func `only types of the agencys own prefixes are taken`(type: String, code: WireErrorCode, pointer: String) throws
  {
    let broker = try broker()
    let error = try refusal(broker, [(Self.type, schema()), (type, schema())])
    #expect(error.code == code)
    #expect(error.pointer == pointer)
    // All or none.
    #expect(try broker.join("a").publish([probe("1")]).refused[0].error.code == .unknownType)
  }

  @Test(arguments: [
    (#"{"type":"nonsense"}"#, "/type"),
    (#"{"properties":{"data":{"pattern":"(?=a)"}}}"#, "/properties/data/pattern"),
    (#"{"$ref":"urn:casus:schema:nowhere"}"#, "/$ref"),
    (#"{"$schema":"http://json-schema.org/draft-07/schema#"}"#, "/$schema"),
    (#"{"a":1,"a":2}"#, "/a"),
    ("not JSON", ""),
  ]) func `a schema that cannot be used is refused with its place`(text: String, pointer: String) throws {
    let broker = try broker()
    let error = try refusal(broker, [(Self.type, schema()), ("jp.test.other.v1", text)])
    #expect(error.code == .schemaRefused)
    #expect(error.schemaPointer == pointer, "\(error)")
    #expect(try broker.join("a").publish([probe("1")]).refused[0].error.code == .unknownType)
  }

  @Test func `under one version a schema changes only so that nobody breaks`() throws {
    let broker = try broker()
    let first = try join(broker, "a", [(Self.type, schema())])
    try first.publish([probe("1")])
    let narrower = try refusal(broker, [(Self.type, schema(#"{"type":"integer","minimum":0,"maximum":5}"#))])
    #expect(narrower.code == .schemaIncompatible)
    #expect(narrower.message.contains("maximum"), "\(narrower.message)")
    let wider = try refusal(broker, [(Self.type, schema(#"{"type":["integer","string"],"minimum":0,"maximum":9}"#))])
    #expect(wider.code == .schemaIncompatible)
    // Another version is another type.
    let second = try join(broker, "a", [("jp.test.probe.v2", schema(#"{"type":"string"}"#))])
    #expect(try second.publish([probe("2", level: "\"x\"", type: "jp.test.probe.v2"), probe("3")]).accepted == 2)
    // A member more breaks nobody, and counts from now on.
    let third = try join(broker, "a", [(Self.type, schema(more: #","note":{"type":"string"}"#))])
    let noted = probe("4").replacingOccurrences(of: #""level":3"#, with: #""level":3,"note":5"#)
    #expect(try third.publish([noted]).refused[0].error.pointer == "/data/note")
  }

  @Test func `the envelope is checked though the schema says nothing of it`() throws {
    let broker = try broker()
    let client = try join(broker, "a", [(Self.type, #"{"properties":{"data":{"required":["level"]}}}"#)])
    let foreign = probe("1").replacingOccurrences(of: "application/json", with: "text/plain")
    let error = try client.publish([foreign]).refused[0].error
    #expect(error.code == .schema)
    #expect(error.schema == "urn:casus:schema:cloudevent")
    #expect(try client.publish([probe("2")]).accepted == 1)
  }

  /// The steps that an event of its size may take, and what must not fall in a type of the vocabulary.
  @Test func `an event is checked without a broker as by one`() throws {
    let broker = try broker()
    func file(_ name: String, _ text: String) throws -> String {
      let path = "\(broker.folder)/\(name)"
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      return path
    }
    let checks = Array(repeating: #"{"type":"integer"}"#, count: 20).joined(separator: ",")
    let schema = try file("s.json", #"{"properties":{"data":{"items":{"allOf":[\#(checks)]}}}}"#)
    func judged(_ event: String, by schema: String) throws -> String {
      try broker.casus("schema", "check", schema, "--event", file("event.json", event), "--json").text
    }
    func list(_ count: Int) -> String { #"{"data":[\#(Array(repeating: "1", count: count).joined(separator: ","))]}"# }
    #expect(!(try judged(list(100), by: schema).contains("$cost")))
    #expect(try judged(list(1_000), by: schema).contains("$cost"))
    let envelope = try file("envelope.json", #"{"$ref":"urn:casus:schema:cloudevent"}"#)
    let effect =
      #"{"specversion":"1.0","id":"e","source":"//jp.test/a","type":"casus.effect.v1","time":"2026-08-14T00:30:00Z","#
      + #""tlp":"GREEN","data":{"report":"R","kind":"outage","title":"EXERCISE","operator":"EXERCISE","#
      + #""started":"2026-08-14T00:00:00Z","ended":"2026-08-13T00:00:00Z","reported":"2026-08-14T00:10:00Z","#
      + #""capacity_lost":[],"cause":"unknown","domain":"cyberspace"}}"#
    let falling = try judged(effect, by: envelope)
    #expect(falling.contains("x-rising") && falling.contains("/data/ended"), "\(falling)")
  }

  @Test func `an operator adds a schema for an agency by command`() throws {
    let broker = try broker()
    let path = "\(broker.folder)/\(Self.type).schema.json"
    try schema().write(toFile: path, atomically: true, encoding: .utf8)
    let check = try broker.casus("schema", "check", path, "--json")
    #expect(check.code == 0)
    #expect(check.text.contains(#""valid":true"#), "\(check.text)")
    let add = try broker.casus("schema", "add", path)
    #expect(add.code == 0, "\(add.text)")
    #expect(add.text.contains("is in force now"), "\(add.text)")
    #expect(try broker.casus("schema", "add", path).text.contains("was in force already"))
    let list = try broker.casus("schema", "list")
    #expect(list.text.contains(Self.type) && list.text.contains("jp.test/op"), "\(list.text)")
    #expect(try broker.casus("schema", "show", Self.type).text == schema())
    try schema(#"{"type":"string"}"#).write(toFile: path, atomically: true, encoding: .utf8)
    let difference = try broker.casus("schema", "diff", Self.type, path)
    #expect(difference.code == 1)
    #expect(difference.text.contains("needs a new version"), "\(difference.text)")
    let refused = try broker.casus("schema", "add", path)
    #expect(refused.code == 1)
    #expect(refused.text.contains("schema-incompatible"), "\(refused.text)")
    #expect(try broker.join("a").publish([probe("1")]).accepted == 1)
  }
}
