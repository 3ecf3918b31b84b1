import CasusCore
import CasusEvents
import CasusWire
import Foundation
import Testing

@testable import CasusServer

/// Numbers that cannot be meant are refused at their place; members that must not fall are compared.
@Suite struct ImpossibleNumbers {
  private func refusal(_ type: String, _ data: String) -> WireError? {
    var inspector = SchemaInspector(limits: Limits())
    guard let schema = EventSchemas.all.first(where: { $0.type == type }),
      let edition = try? SchemaEdition(schema.bytes, of: schema.type, origin: "program")
    else { return WireError(.internal) }
    inspector.adopt(edition, for: 0)
    let event =
      #"{"specversion":"1.0","id":"e","source":"//jp.meti/o","type":"\#(type)","time":"2026-08-14T00:30:00Z","tlp":"GREEN","#
      + #""data":\#(data)}"#
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

  private func effect(_ more: String) -> String {
    #"{"report":"R","kind":"outage","title":"EXERCISE","operator":"EXERCISE","started":"2026-08-14T00:00:00Z","#
      + #""reported":"2026-08-14T00:10:00Z","capacity_lost":[],"cause":"unknown","domain":"cyberspace"\#(more)}"#
  }

  static let impossible: [(member: String, pointer: String)] = [
    (#""users_affected":{"value":-186000}"#, "/data/users_affected/value"),
    (#""users_affected":{"value":0,"low":-1}"#, "/data/users_affected/low"),
    (#""users_affected":{"value":10000000001}"#, "/data/users_affected/value"),
    (#""casualties":{"deaths":{"value":-1e15}}"#, "/data/casualties/deaths/value"),
    (#""casualties":{"injured":{"value":-1}}"#, "/data/casualties/injured/value"),
    (#""records_affected":{"value":-1}"#, "/data/records_affected/value"),
    (#""money":{"amount":{"value":-1},"currency":"USD"}"#, "/data/money/amount/value"),
    (#""physical_damage":{"extent":"local","repair_days":{"value":-1}}"#, "/data/physical_damage/repair_days/value"),
    (#""users_affected":{"value":5,"low":6}"#, "/data/users_affected/value"),
    (#""users_affected":{"value":5,"high":4.5}"#, "/data/users_affected/high"),
    (#""users_affected":{"value":5,"low":5,"high":4}"#, "/data/users_affected/high"),
    (#""casualties":{"deaths":{"value":2,"high":1}}"#, "/data/casualties/deaths/high"),
    (#""money":{"amount":{"value":2,"low":3},"currency":"USD"}"#, "/data/money/amount/value"),
    (#""ended":"2026-08-13T23:59:59Z""#, "/data/ended"),
    (#""ended":"2026-08-14T08:59:59.999999999+09:00""#, "/data/ended"),
    (#""expected_restoration":"2026-08-13T23:00:00Z""#, "/data/expected_restoration"),
  ]

  @Test(arguments: impossible.indices)
  func `what cannot be meant is refused at its place`(index: Int) {
    let (member, pointer) = Self.impossible[index]
    let refused = refusal("casus.effect.v1", effect("," + member))
    #expect(refused?.code == .schema)
    #expect(refused?.pointer == pointer)
    #expect(refused?.schema == "urn:casus:schema:casus.effect.v1")
  }

  @Test func `the second of several is found too`() {
    let capacity = #"{"amount":{"value":1},"unit":"MW"}"#
    let falling = #"{"amount":{"value":1,"low":2},"unit":"MW"}"#
    let data = effect("").replacingOccurrences(of: "[]", with: "[\(capacity),\(falling)]")
    let refused = refusal("casus.effect.v1", data)
    #expect(refused?.pointer == "/data/capacity_lost/1/amount/value")
    #expect(refused?.message == "value must not be less than low")
    #expect(refused?.schemaPointer == "/x-rising")
  }

  @Test(arguments: [
    "", #","users_affected":{"value":5,"low":5,"high":5}"#, #","users_affected":{"value":5,"high":6}"#,
    #","ended":"2026-08-14T00:00:00Z""#,
    #","ended":"2026-08-14T09:00:00+09:00","expected_restoration":"2026-08-14T00:00:00Z""#,
  ])
  func `what can be meant is taken`(more: String) { #expect(refusal("casus.effect.v1", effect(more)) == nil) }

  @Test func `each rule of the vocabulary is read from its schema`() {
    let named = EventSchemas.documents.filter { document in
      String(decoding: document.value, as: UTF8.self).contains("\"x-rising\"")
    }.keys
    #expect(named.count >= 5)
    for name in named where name != "urn:casus:schema:common" {
      #expect(!RisingMembers(schema: name).isEmpty, "\(name)")
    }
    // Through references into another document, in what is signed.
    #expect(!RisingMembers(schema: "urn:casus:schema:position-statement").isEmpty)
    #expect(RisingMembers(schema: "urn:casus:schema:casus.bus.left.v1").isEmpty)
    #expect(RisingMembers(schema: "urn:nobody").isEmpty)
  }
}
