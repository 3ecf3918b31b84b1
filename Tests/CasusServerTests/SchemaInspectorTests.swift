import CasusCore
import CasusEvents
import CasusNames
import CasusWire
import Testing

@testable import CasusServer

/// What CloudEvents' JSON format lets a publisher write, as the broker takes it.
@Suite struct SchemaInspection {
  /// Nil when the event is accepted.
  private func refusal(of event: String, type: String = "casus.bus.left.v1") -> WireError? {
    var inspector = SchemaInspector(limits: Limits())
    guard let schema = EventSchemas.all.first(where: { $0.type == type }),
      let edition = try? SchemaEdition(schema.bytes, of: schema.type, origin: "program")
    else { return WireError(.internal) }
    inspector.adopt(edition, for: 0)
    return Array(event.utf8).withUnsafeBytes { bytes in
      do throws(WireError) {
        let facts = try inspector.open(bytes)
        try inspector.validate(type: 0, name: facts.type)
        return nil
      } catch {
        return error
      }
    }
  }

  /// - Parameter more: members to add, each with a comma behind.
  private func event(_ more: String = "", time: String = #""2026-08-14T00:30:00Z""#, published: String = "1") -> String
  {
    #"{"specversion":"1.0","id":"e-1","source":"//jp.nisc/suricata-1","type":"casus.bus.left.v1","#
      + #""time":\#(time),\#(more)"tlp":"GREEN","data":{"plugin":"jp.nisc/suricata-1","agency":"jp.nisc","#
      + #""reason":"bye","published":\#(published),"refused":0,"delivered":3,"acked":4}}"#
  }

  @Test(arguments: [
    "subject", "dataschema", "datacontenttype", "exercise", "correlationid", "causationid", "traceparent",
    "repairssequence", "repairssha256", "anextension",
  ])
  func `an optional attribute that is null is not set`(name: String) {
    #expect(refusal(of: event(#""\#(name)":null,"#)) == nil)
    #expect(refusal(of: event(#""\#(name)":[],"#)) != nil)
  }

  @Test func `all of them may be null at once and the rest is judged as before`() {
    let nulls = #""subject":null,"exercise":null,"x1":null,"repairssequence":null,"repairssha256":null,"#
    #expect(refusal(of: event(nulls)) == nil)
    #expect(refusal(of: event(nulls + #""traceparent":"no","#))?.pointer == "/traceparent")
    #expect(refusal(of: event(nulls, published: "-1"))?.pointer == "/data/published")
    #expect(refusal(of: event(#""subject":null,"subject":"x","#))?.code == .notJSON)
  }

  /// One that is taken when it is brought, and takes many steps by a long event.
  @Test func `an event that takes too many steps is refused with its place`() throws {
    var inspector = SchemaInspector(limits: Limits())
    let checks = Array(repeating: #"{"type":"integer"}"#, count: 20).joined(separator: ",")
    let schema =
      #"{"$ref":"urn:casus:schema:cloudevent","properties":{"data":{"properties":{"a":{"items":{"allOf":[\#(checks)]}}}}}}"#
    inspector.adopt(try SchemaEdition(Array(schema.utf8), of: "jp.nisc.list.v1", origin: "jp.nisc/a"), for: 0)
    func event(_ count: Int) -> [UInt8] {
      let numbers = Array(repeating: "1", count: count).joined(separator: ",")
      return Array(
        (#"{"specversion":"1.0","id":"e-1","source":"//jp.nisc/a","type":"jp.nisc.list.v1","#
          + #""time":"2026-08-14T00:30:00Z","tlp":"GREEN","data":{"a":[\#(numbers)]}}"#).utf8)
    }
    func judge(_ event: [UInt8]) -> WireError? {
      event.withUnsafeBytes { bytes in
        do throws(WireError) {
          let facts = try inspector.open(bytes)
          try inspector.validate(type: 0, name: facts.type)
          return nil
        } catch {
          return error
        }
      }
    }
    #expect(judge(event(100)) == nil)
    #expect((2_100..<3_000).contains(inspector.lastSteps))
    let error = try #require(judge(event(20_000)))
    #expect(error.code == .tooCostly)
    #expect(error.pointer?.hasPrefix("/data/a/") == true)
    #expect(inspector.lastSteps == 8_192 + event(20_000).count)
  }

  /// What is said of it must not be what was known of the one before.
  @Test func `nothing is known of an event that is too large`() throws {
    var inspector = SchemaInspector(limits: Limits())
    let schema = try #require(EventSchemas.all.first { $0.type == "casus.bus.left.v1" })
    inspector.adopt(try SchemaEdition(schema.bytes, of: schema.type, origin: "program"), for: 0)
    try Array(event().utf8).withUnsafeBytes { bytes in
      let facts = try inspector.open(bytes)
      try inspector.validate(type: 0, name: facts.type)
    }
    #expect(inspector.lastID == "e-1" && inspector.lastSteps > 0)
    let large = Array(event(#""subject":"\#(String(repeating: "x", count: 65_536))","#).utf8)
    let error = large.withUnsafeBytes { bytes in
      do throws(WireError) {
        _ = try inspector.open(bytes)
        return nil as WireError?
      } catch {
        return error
      }
    }
    #expect(error?.code == .eventTooLarge)
    #expect(inspector.lastID == nil && inspector.lastSteps == 0)
  }

  /// What the bus says of whoever has a name keeps its own schema.
  @Test(arguments: ["a", "0", "a.-", "a-b.c", "9-", String(repeating: "x", count: 60)])
  func `every name fits into the buses own events`(name: String) throws {
    #expect(Name.isValid(name))
    let draft = Draft(
      BusQuarantined(
        plugin: "\(name)/\(name)", agency: name, subscription: name, sequence: "1", eventType: "casus.effect.v1",
        attempts: 1, message: "EXERCISE"), id: "bus-1", subject: "\(name)/\(name)", time: Timestamp(nanoseconds: 0))
    let event = String(decoding: try draft.encoded(source: "//casus/broker"), as: UTF8.self)
    #expect(refusal(of: event, type: "casus.bus.quarantined.v1") == nil, "\(event)")
  }

  /// One that corrects an event names it by both attributes or by neither.
  @Test func `null is no half of a pair`() {
    let digest = String(repeating: "0", count: 64)
    #expect(refusal(of: event(#""repairssequence":"5","repairssha256":"\#(digest)","#)) == nil)
    #expect(refusal(of: event(#""repairssequence":"5","repairssha256":null,"#))?.code == .schema)
    #expect(refusal(of: event(#""repairssequence":null,"repairssha256":"\#(digest)","#))?.code == .schema)
  }

  @Test func `what is required is missing when it is null`() {
    #expect(refusal(of: event(time: "null"))?.code == .schema)
    #expect(refusal(of: event().replacing("\"e-1\"", with: "null"))?.pointer == "/id")
    #expect(refusal(of: event().replacing("\"GREEN\"", with: "null"))?.pointer == "/tlp")
  }

  @Test(arguments: [
    "application/json", "application/json; charset=utf-8", "Application/JSON;a=\\\"b c\\\"", "text/json",
    "application/vnd.example.v2+json",
  ])
  func `a media type of JSON is taken`(type: String) {
    #expect(refusal(of: event(#""datacontenttype":"\#(type)","#)) == nil)
  }

  @Test(arguments: ["text/plain", "application/xml", "json", "application/jsonp", "application/json;", ""])
  func `another media type is refused`(type: String) {
    #expect(refusal(of: event(#""datacontenttype":"\#(type)","#))?.pointer == "/datacontenttype")
  }

  @Test(arguments: [
    "1", "1.0", "1e0", "1e2", "-0", "100e-2", "9007199254740991", "9007199254740991.0",
  ])
  func `an integer is one by its value`(number: String) { #expect(refusal(of: event(published: number)) == nil) }

  /// The reader takes the last three, as any double; the schema's maximum is below.
  @Test(arguments: ["1.5", "1e-1", "0.1", "-1", "9007199254740992", "18014398509481984", "1.8014398509481984e16"])
  func `another number is refused by the schema`(number: String) {
    #expect(refusal(of: event(published: number))?.pointer == "/data/published")
  }

  @Test(arguments: ["9007199254740993", "-9007199254740993", "18014398509481985", "1e400", "1e-400"])
  func `a number that no double has is refused before any schema`(number: String) {
    #expect(refusal(of: event(published: number))?.code == .notJSON)
  }
}
