import CasusCases
import CasusEvents
import CasusLedger
import IJSON
import JSONSchema
import Testing

/// What people and the recorder write must be what the broker lets in.
@Suite struct ContractTests {
  static let schemas: [String: CompiledSchema] = {
    var compiled: [String: CompiledSchema] = [:]
    for (type, bytes) in EventSchemas.all {
      compiled[EventType(type).schema] = try? CompiledSchema.compile(bytes, documents: EventSchemas.shared)
    }
    for (name, bytes) in EventSchemas.shared {
      compiled[name] = try? CompiledSchema.compile(bytes, documents: EventSchemas.shared)
    }
    return compiled
  }()

  func failure(_ bytes: [UInt8], _ schema: String) throws -> String? {
    let schema = try #require(Self.schemas[schema])
    let parser = JSONParser()
    return try bytes.withUnsafeBytes { schema.validate(try parser.parse($0)) }
      .map { "\($0.instancePointer): \($0.message)" }
  }

  @Test
  func `cases, positions, decisions and what the recorder says of them keep their schemas`() throws {
    var journal = try QuorumTests.opened()
    try journal.publish(Decision(signing: journal.decision(.noAction), party: "JP", with: [journal.stranger]))
    try journal.sign(journal.decision(), jp: [journal.jp1, journal.jp2], us: [journal.us1])
    for event in journal.events {
      #expect(try failure(event.bytes, event.envelope.type.schema) == nil, "\(event.envelope.type)")
    }
    let outputs = try RecorderTests.run(journal)
    #expect(outputs.count == 5)
    for output in outputs {
      let bytes = try output.draft.encoded(source: "//" + RecorderTests.identity)
      #expect(try failure(bytes, output.draft.type.schema) == nil, "\(output.draft.type)")
    }
  }

  @Test
  func `what is signed keeps the schema of its statement`() throws {
    let journal = try QuorumTests.opened()
    #expect(try failure(canonicalJSON(journal.position("JP")), "urn:casus:schema:position-statement") == nil)
    #expect(try failure(canonicalJSON(journal.decision()), "urn:casus:schema:decision-statement") == nil)
  }

  @Test
  func `a statement on as much evidence as a snapshot holds fits into an event of 64 KiB`() throws {
    var journal = try QuorumTests.opened()
    for index in 0..<300 {
      try journal.append(BusLeft(plugin: "a/b", agency: "a", reason: "bye"), id: "x\(index)", by: "a/b")
    }
    var statement = try journal.decision()
    statement.reasons = (0..<5).map { _ in String(repeating: "EXERCISE ", count: 100) }
    statement.snapshot = try EvidenceSnapshot(of: journal.events.suffix(256), in: SnapshotTests.tree(journal.events))
    let decision = try Decision(signing: statement, party: "JP", with: [journal.jp1, journal.jp2])
    let bytes = try decision.draft(at: journal.now, exercise: true).encoded(source: "//jp.mofa/desk")
    #expect(bytes.count <= 65_536, "\(bytes.count)")
    #expect(try failure(bytes, EventType.decision.schema) == nil)
  }
}
