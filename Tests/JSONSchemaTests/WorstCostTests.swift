import Foundation
import IJSON
import TestSupport
import Testing

@testable import JSONSchema

@Suite("The worst case of a schema is known before its first document")
struct WorstCostTests {
  private static func repeated(_ text: String, _ count: Int) -> String {
    Array(repeating: text, count: count).joined(separator: ",")
  }

  private static func numbered(_ count: Int, _ text: (Int) -> String) -> String {
    (0..<count).map(text).joined(separator: ",")
  }

  /// Schemas that make much of little, and the document that does it.
  struct Hostile: CustomTestStringConvertible {
    var name: String
    var schema: String
    var document: String
    var testDescription: String { name }
  }

  private static let doubled = numbered(40) { level in
    let inner = ##"{"$ref":"#/$defs/a\##(level + 1)"}"##
    return #""a\#(level)":{"anyOf":[\#(inner),\#(inner)]}"#
  }

  private static let ones = repeated(#"{"contains":{"const":1}}"#, 40)

  static let refused: [Hostile] = [
    Hostile(
      name: "alternatives in alternatives",
      schema: ##"{"properties":{"d":{"$ref":"#/$defs/a0"}},"$defs":{\##(doubled),"a40":{"const":1}}}"##,
      document: #"{"d":{}}"#),
    Hostile(
      name: "alternatives at each level of the document",
      schema: ##"{"oneOf":[{"items":{"$ref":"#"}},{"items":{"$ref":"#"}},{"const":1}]}"##,
      document: String(repeating: "[", count: 30) + "2" + String(repeating: "]", count: 30)),
    Hostile(
      name: "conditions at each level",
      schema: ##"{"if":{"properties":{"a":{"$ref":"#"}}},"then":{"properties":{"a":{"$ref":"#"}}},"##
        + ##""else":{"const":1}}"##,
      document: String(repeating: #"{"a":"#, count: 30) + "2" + String(repeating: "}", count: 30)),
    Hostile(
      name: "patterns for names, each with the whole schema",
      schema: ##"{"patternProperties":{"a":{"$ref":"#"},"^a":{"$ref":"#"}},"not":{"const":2}}"##,
      document: String(repeating: #"{"a":"#, count: 30) + "1" + String(repeating: "}", count: 30)),
    Hostile(
      name: "what depends on a member, each with the whole schema",
      schema: ##"{"dependentSchemas":{"a":{"properties":{"a":{"$ref":"#"}}}},"properties":{"a":{"$ref":"#"}},"##
        + ##""not":{"const":1}}"##,
      document: String(repeating: #"{"a":"#, count: 30) + "2" + String(repeating: "}", count: 30)),
    Hostile(
      name: "unique items again and again",
      schema: #"{"allOf":[\#(repeated(#"{"uniqueItems":true}"#, 200))]}"#,
      document: "[" + numbered(9_000) { "\($0)" } + "]"),
    Hostile(
      name: "an enumeration of arrays", schema: #"{"items":{"enum":[\#(numbered(3_000) { "[\($0)]" })]}}"#,
      document: "[" + repeated("[2999]", 3_000) + "]"),
    Hostile(
      name: "patterns that need RE2",
      schema: #"{"allOf":[\#(numbered(40) { #"{"pattern":"\\p{L}{1,9}\\p{N}\#($0)"}"# })]}"#,
      document: "\"" + String(repeating: "x", count: 60_000) + "\""),
    Hostile(
      name: "members on which all others depend",
      schema: #"{"dependentRequired":{\#(numbered(4_500) { #""m\#($0)":["m4499"]"# })}}"#,
      document: "{" + numbered(4_500) { #""m\#($0)":0"# } + "}"),
    Hostile(
      name: "names that collide",
      schema: #"{"items":{"properties":{\#(numbered(2_000) { "\"aaaaaaaa\(10_000 + $0)aaaaaaaa\":true" })}}}"#,
      document: "[" + repeated("{\"aaaaaaaa11999aaaaaaaa\":0}", 2_000) + "]"),
    Hostile(
      name: "contains in contains in contains",
      schema: #"{"allOf":[\#(repeated(#"{"minContains":3000,"contains":{"allOf":[\#(ones)]}}"#, 40))]}"#,
      document: "[" + repeated("[0,0,0,0,0,0,0,1]", 3_000) + "]"),
  ]

  /// Too little to be refused when it is brought: what one schema can say of it is bounded by its own size.
  static let stopped: [Hostile] = [
    Hostile(
      name: "a constant whose members stand in another order",
      schema: #"{"allOf":[\#(repeated(#"{"items":{"const":{\#(numbered(1_000) { "\"n\($0)\":0" })}}}"#, 4))]}"#,
      document: "[{" + numbered(1_000) { "\"n\(999 - $0)\":0" } + "}]")
  ]

  @Test(arguments: refused)
  func `what makes much of little is refused when it is brought, with the numbers`(_ hostile: Hostile) throws {
    let error = try #require(refusal(hostile.schema, limits: .untrusted))
    #expect(error.code == .cost || error.code == .limit)
    if error.code == .cost { #expect(error.message.contains("steps for each byte; taken are 1000")) }
  }

  /// A list of 900 schemas that 900 members may be, anew at each level of a document.
  @Test
  func `what would take too long to work out is refused without working it out`() throws {
    let elements = Self.repeated("{}", 899) + ##",{"$ref":"#"}"##
    let members = Self.numbered(900) { ##""m\##($0)":{"$ref":"#/$defs/l","maxItems":1000}"## }
    let schema = ##"{"properties":{\##(members)},"$defs":{"l":{"prefixItems":[\##(elements)]}}}"##
    let error = try #require(refusal(schema, limits: .untrusted))
    #expect(error.code == .cost && error.message.contains("too intricate"), "\(error)")
  }

  @Test(arguments: refused + stopped)
  func `and where nobody judges it, a small document ends by the limit of steps`(_ hostile: Hostile) throws {
    var limits = SchemaLimits()
    limits.baseCost = SchemaLimits.untrusted.baseCost
    limits.costPerByte = SchemaLimits.untrusted.costPerByte
    let compiled = try CompiledSchema.compile(Array(hostile.schema.utf8), limits: limits)
    var steps = 0
    let document = Array(hostile.document.utf8)
    let failure = try JSONDocument(document, limits: .init(maxDepth: 128)).read {
      compiled.validate($0, bytes: document.count, steps: &steps)
    }
    #expect(failure?.keyword == "$cost")
    #expect(steps <= limits.baseCost + document.count)
  }

  /// PROTOCOL.md tells the authors of plugins what their schemas may be.
  @Test
  func `the limits of brought schemas are those that the protocol's page says`() throws {
    let page = try String(contentsOf: Checkout.root.appending(path: "docs/PROTOCOL.md"), encoding: .utf8)
      .replacing("\n", with: " ").replacing(",", with: "")
    let (brought, trusted) = (SchemaLimits.untrusted, SchemaLimits())
    let worst = try Int(#require(brought.maxWorstCost))
    for words in [
      "more than \(worst) is refused",
      "at most \(brought.maxBytes) bytes \(brought.maxSchemas) subschemas and \(brought.maxPatterns) patterns",
      "may take \(brought.baseCost) steps and one for each of its bytes never more than \(brought.maxCost);",
      "\(trusted.baseCost) and four for each byte never more than \(trusted.maxCost).",
    ] { #expect(page.contains(words), "docs/PROTOCOL.md does not say: \(words)") }
    #expect(brought.costPerByte == 1 && trusted.costPerByte == 4)
  }

  private static func kind(_ number: Int) -> String {
    #"{"properties":{"kind":{"const":"k\#(number)"},"body":{"type":"object","#
      + #""properties":{"n":{"type":"integer","minimum":\#(number)}}}},"required":["kind","body"]}"#
  }

  /// Schemas as people write them.
  static let honest: [Hostile] = [
    Hostile(
      name: "a tree of two kinds of nodes",
      schema: ##"{"oneOf":[{"type":"object","properties":{"left":{"$ref":"#"},"right":{"$ref":"#"}},"##
        + ##""required":["left"]},{"type":"object","properties":{"kids":{"items":{"$ref":"#"}}},"##
        + ##""required":["kids"]},{"type":"integer"}]}"##,
      document: #"{"left":{"kids":[1,2,{"left":1,"right":{"kids":[]}}]},"right":3}"#),
    Hostile(
      name: "any JSON",
      schema: ##"{"anyOf":[{"type":["null","boolean","number","string"]},{"type":"array","items":{"$ref":"#"}},"##
        + ##"{"type":"object","additionalProperties":{"$ref":"#"}}]}"##,
      document: "[" + repeated(#"{"a":[1,2,3],"b":{"c":"d"}}"#, 500) + "]"),
    Hostile(
      name: "a reading with a unit",
      schema: #"{"type":"object","required":["at","value"],"properties":{"at":{"type":"string","format":"date-time"},"#
        + #""value":{"type":"number","minimum":0},"unit":{"enum":["kV","Hz","A"]},"tags":{"type":"array","#
        + #""maxItems":16,"uniqueItems":true,"items":{"pattern":"^[a-z0-9-]{1,40}$"}}},"additionalProperties":false}"#,
      document: #"{"at":"2026-08-14T00:30:00Z","value":132.4,"unit":"kV","tags":["north","feeder-7","a","b","c"]}"#),
    Hostile(
      name: "an enumeration of codes",
      schema: #"{"items":{"enum":[\#(numbered(250) { "\"\($0)\"" }),null]}}"#,
      document: "[" + repeated("\"249\"", 20) + "]"),
    Hostile(
      name: "twenty kinds of messages",
      schema: #"{"oneOf":[\#(numbered(20) { kind($0) })]}"#,
      document: #"{"kind":"k19","body":{"n":20,"more":[1,2,3,4,5,6,7,8,9]}}"#),
    Hostile(name: "a long list", schema: #"{"items":{"type":"integer"}}"#, document: "[" + repeated("1", 30_000) + "]"),
  ]

  @Test(arguments: honest)
  func `what people write is taken, and takes no more steps than was worked out`(_ honest: Hostile) throws {
    let compiled = try CompiledSchema.compile(Array(honest.schema.utf8), assertFormats: true, limits: .untrusted)
    let worst = try #require(compiled.worstCost)
    var steps = 0
    let document = Array(honest.document.utf8)
    let failure = try JSONDocument(document).read { compiled.validate($0, bytes: document.count, steps: &steps) }
    #expect(failure == nil)
    #expect(Double(steps) <= worst * Double(document.count + 1))
  }

  @Test(arguments: refused + stopped)
  func `no document takes more steps than was worked out`(_ hostile: Hostile) throws {
    var limits = SchemaLimits()
    limits.maxWorstCost = .infinity
    guard let compiled = try? CompiledSchema.compile(Array(hostile.schema.utf8), limits: limits) else { return }
    let worst = try #require(compiled.worstCost)
    var steps = 0
    let document = Array(hostile.document.utf8)
    _ = try JSONDocument(document, limits: .init(maxDepth: 128)).read {
      compiled.validate($0, bytes: document.count, steps: &steps)
    }
    #expect(Double(steps) <= worst * Double(document.count + 1))
  }
}
