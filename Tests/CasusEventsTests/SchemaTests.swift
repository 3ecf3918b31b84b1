import CasusEvents
import Foundation
import IJSON
import JSONSchema
import TestSupport
import Testing

@Suite struct SchemaTests {
  static func event(_ payload: some Payload) throws -> [UInt8] {
    try Draft(
      payload, id: "d-1", subject: "EXERCISE", time: Samples.time, tlp: .amberStrict, exercise: true,
      correlationid: "i-1", causationid: "c-1",
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    ).encoded(source: "//jp.nisc/suricata-1")
  }

  @Test
  func `every type has one schema, and every schema a type`() {
    let types = EventSchemas.all.map(\.type)
    #expect(types.count == Set(types).count)
    #expect(Set(types) == Set(Samples.all.map { type(of: $0).type.rawValue }))
    #expect(
      Set(EventSchemas.shared.keys) == [
        "urn:casus:schema:common", "urn:casus:schema:cloudevent", "urn:casus:schema:position-statement",
        "urn:casus:schema:decision-statement",
      ])
  }

  @Test(arguments: EventSchemas.all.map(\.type))
  func `the schemas in the program are the files`(type: String) throws {
    let file = Checkout.root.appendingPathComponent("Sources/CasusEvents/Schemas/\(type).schema.json")
    let bytes = EventSchemas.all.first { $0.type == type }?.bytes
    #expect(bytes == [UInt8](try Data(contentsOf: file)))
  }

  @Test(.enabled("PyPI's jsonschema is not installed", { Peer.hasJSONSchema }))
  func `another validator accepts what the program writes and refuses every wrong variation of it`() throws {
    let peer = Peer()
    for (type, bytes) in EventSchemas.all { try peer.write("schemas/\(type).json", bytes) }
    for (name, bytes) in EventSchemas.shared {
      try peer.write("schemas/\(name.split(separator: ":").last ?? "").json", bytes)
    }
    var documents: [UInt8] = []
    func add(_ schema: String, _ bytes: [UInt8]) {
      documents += Array(#"{"schema":"\#(schema)","document":"#.utf8) + bytes + Array("}\n".utf8)
    }
    for payload in Samples.all { add(type(of: payload).type.schema, try Self.event(payload)) }
    add("urn:casus:schema:position-statement", try canonicalJSON(Samples.positionStatement))
    add("urn:casus:schema:decision-statement", try canonicalJSON(Samples.decisionStatement))
    try peer.write("documents.jsonl", documents)
    let (status, output) = Checkout.python([Checkout.path("Tests/CasusEventsTests/schemas.py"), peer.folder.path])
    #expect(status == 0, "\(output)")
    let words = output.split(whereSeparator: \.isWhitespace)
    let refused = words.firstIndex(of: "refused").map { Int(words[$0 + 1]) ?? 0 } ?? 0
    #expect(refused > 2000, "only \(refused) wrong variations were tried")
    try judge(try peer.lines("variations.jsonl"), asValid: false)
    print("schemas by PyPI jsonschema: \(output.trimmingCharacters(in: .whitespacesAndNewlines))")
  }

  @Test
  func `the broker's validator takes every schema and every event that the program writes`() throws {
    let lines = try Samples.all.map { payload in
      Array(#"{"schema":"\#(type(of: payload).type.schema)","what":"as written","document":"#.utf8)
        + (try Self.event(payload)) + Array("}".utf8)
    }
    try judge(lines, asValid: true)
  }

  @Test
  func `the vocabulary's own worst cases are far below what a stranger's schema may come to`() throws {
    for (type, bytes) in EventSchemas.all {
      let compiled = try CompiledSchema.compile(
        bytes, documents: EventSchemas.documents, assertFormats: true, limits: .untrusted)
      let worst = try #require(compiled.worstCost)
      #expect(worst < 500, "\(type): \(worst)")
    }
  }

  /// Has the broker's validator judge `{"schema", "what", "document"}` lines.
  private func judge(_ lines: [[UInt8]], asValid: Bool) throws {
    var compiled: [String: CompiledSchema] = [:]
    for (type, bytes) in EventSchemas.all {
      compiled[EventType(type).schema] = try CompiledSchema.compile(bytes, documents: EventSchemas.shared)
    }
    for (name, bytes) in EventSchemas.shared {
      compiled[name] = try CompiledSchema.compile(bytes, documents: EventSchemas.shared)
    }
    let parser = JSONParser()
    for line in lines {
      try line.withUnsafeBytes { bytes in
        let value: JSONValue
        do {
          value = try parser.parse(bytes)
        } catch {
          // Some variations are no I-JSON: a number beyond 2^53.
          #expect(!asValid, "\(error)")
          return
        }
        let name = try #require(value["schema"]?.string)
        let document = try #require(value["document"])
        let failure = try #require(compiled[name]).validate(document)
        let what = "\(name), \(value["what"]?.string ?? ""): \(failure?.message ?? "accepted")"
        #expect((failure == nil) == asValid, "\(what)")
      }
    }
  }
}
