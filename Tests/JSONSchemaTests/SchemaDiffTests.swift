import JSONSchema
import Testing

@Suite("Of two versions of a schema it is known whom the change breaks")
struct SchemaDiffTests {
  private func changes(_ old: String, _ new: String) throws -> [SchemaChange] {
    try SchemaDiff.changes(from: Array(old.utf8), to: Array(new.utf8))
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var old: String
    var new: String
    /// Pointers of the changes that break writers, and readers.
    var writers: [String] = []
    var readers: [String] = []

    var testDescription: String { "\(old) → \(new)" }
  }

  static let cases: [Case] = [
    Case(old: "{}", new: "{}"),
    Case(old: #"{"title":"a","type":"string"}"#, new: #"{"type":"string","description":"b","x":1}"#),
    Case(old: ##"{"$ref":"#/$defs/a","$defs":{"a":{"type":"null"}}}"##, new: #"{"type":"null"}"#),
    // types and values
    Case(old: #"{"type":"string"}"#, new: #"{"type":["string","null"]}"#, readers: ["/type"]),
    Case(old: #"{"type":"number"}"#, new: #"{"type":"integer"}"#, writers: ["/type"]),
    Case(old: #"{"type":"integer"}"#, new: #"{"type":"string"}"#, writers: ["/type"], readers: ["/type"]),
    Case(old: "{}", new: #"{"type":"string"}"#, writers: ["/type"]),
    Case(old: #"{"enum":["a","b"]}"#, new: #"{"enum":["b","a"]}"#),
    Case(old: #"{"enum":["a","b"]}"#, new: #"{"enum":["a"]}"#, writers: ["/enum"]),
    Case(old: #"{"enum":["a"]}"#, new: #"{"enum":["a","b"]}"#, readers: ["/enum"]),
    Case(old: #"{"const":1}"#, new: #"{"const":1.0}"#),
    Case(old: #"{"const":1}"#, new: #"{"const":2}"#, writers: ["/const"], readers: ["/const"]),
    Case(old: #"{"type":"string"}"#, new: #"{"type":"string","enum":["a"]}"#, writers: ["/enum"]),
    Case(old: #"{"type":"string"}"#, new: #"{"enum":["a"]}"#, writers: ["/enum"]),
    // bounds
    Case(old: #"{"maximum":5}"#, new: #"{"maximum":4}"#, writers: ["/maximum"]),
    Case(old: #"{"maximum":5}"#, new: #"{"maximum":6}"#, readers: ["/maximum"]),
    Case(old: #"{"maximum":5}"#, new: #"{"exclusiveMaximum":5}"#, writers: ["/exclusiveMaximum"]),
    Case(old: #"{"minimum":0}"#, new: "{}", readers: ["/minimum"]),
    Case(old: #"{"minimum":0}"#, new: #"{"minimum":0.0}"#),
    Case(old: "{}", new: #"{"minLength":0}"#),
    Case(old: "{}", new: #"{"maxLength":10}"#, writers: ["/maxLength"]),
    Case(old: #"{"minItems":1}"#, new: #"{"minItems":2}"#, writers: ["/minItems"]),
    Case(old: #"{"multipleOf":2}"#, new: #"{"multipleOf":4}"#, writers: ["/multipleOf"]),
    Case(old: #"{"multipleOf":0.1}"#, new: #"{"multipleOf":0.01}"#, readers: ["/multipleOf"]),
    Case(old: #"{"pattern":"a"}"#, new: #"{"pattern":"b"}"#, writers: ["/pattern"], readers: ["/pattern"]),
    Case(old: #"{"format":"uuid"}"#, new: "{}", readers: ["/format"]),
    Case(old: #"{"uniqueItems":false}"#, new: #"{"uniqueItems":true}"#, writers: ["/uniqueItems"]),
    // members
    Case(old: #"{"required":["a"]}"#, new: #"{"required":["a","b"]}"#, writers: ["/required"]),
    Case(old: #"{"required":["a"]}"#, new: "{}", readers: ["/required"]),
    Case(
      old: #"{"properties":{"a":true},"additionalProperties":false}"#,
      new: #"{"properties":{"a":true,"b":{"type":"string"}},"additionalProperties":false}"#),
    Case(
      old: #"{"properties":{"a":true,"b":true},"additionalProperties":false}"#,
      new: #"{"properties":{"a":true},"additionalProperties":false}"#, writers: ["/properties"]),
    Case(
      old: #"{"properties":{"a":true}}"#, new: #"{"properties":{"a":true,"b":{"type":"string"}}}"#,
      writers: ["/properties/b/type"]),
    Case(
      old: #"{"properties":{"a":{"type":"string"}}}"#, new: #"{"properties":{}}"#,
      readers: ["/additionalProperties/type"]),
    Case(old: #"{"additionalProperties":false}"#, new: "{}"),
    Case(old: "{}", new: #"{"additionalProperties":false}"#, writers: ["/additionalProperties"]),
    Case(
      old: #"{"patternProperties":{"^x":{"type":"string"}},"additionalProperties":false}"#,
      new:
        #"{"properties":{"x1":{"type":"string","maxLength":3}},"patternProperties":{"^x":{"type":"string"}},"additionalProperties":false}"#,
      writers: ["/properties/x1/maxLength"]),
    Case(
      old: #"{"dependentRequired":{"a":["b"]}}"#, new: #"{"dependentRequired":{"a":["b","c"]}}"#,
      writers: ["/dependentRequired"]),
    // below
    Case(
      old: #"{"properties":{"d":{"items":{"properties":{"n":{"maximum":5}}}}}}"#,
      new: #"{"properties":{"d":{"items":{"properties":{"n":{"maximum":3}}}}}}"#,
      writers: ["/properties/d/items/properties/n/maximum"]),
    Case(
      old: ##"{"properties":{"c":{"$ref":"#"},"n":{"type":"null"}}}"##,
      new: ##"{"properties":{"c":{"$ref":"#"},"n":{"type":"string"}}}"##, writers: ["/properties/n/type"],
      readers: ["/properties/n/type"]),
    Case(
      old: #"{"prefixItems":[true]}"#, new: #"{"prefixItems":[true,{"type":"null"}]}"#, writers: ["/prefixItems/1/type"]
    ),
    // alternatives and conditions
    Case(
      old: #"{"anyOf":[{"type":"null"}]}"#, new: #"{"anyOf":[{"type":"null"},{"type":"string"}]}"#, readers: ["/anyOf"]),
    Case(old: #"{"allOf":[true]}"#, new: #"{"allOf":[true,{"minimum":1}]}"#, writers: ["/allOf"]),
    Case(
      old: #"{"oneOf":[{"minimum":1}]}"#, new: #"{"oneOf":[{"minimum":2}]}"#, writers: ["/oneOf/0/minimum"],
      readers: ["/oneOf/0/minimum"]),
    Case(old: #"{"not":{"minimum":5}}"#, new: #"{"not":{"minimum":6}}"#, readers: ["/not/minimum"]),
    Case(old: #"{"not":{"not":{"minimum":5}}}"#, new: #"{"not":{"not":{"minimum":6}}}"#, writers: ["/not/not/minimum"]),
    Case(old: "{}", new: #"{"if":true,"then":{"minimum":1}}"#, writers: ["/if"]),
    Case(
      old: #"{"if":{"minimum":1},"then":{"maximum":5}}"#, new: #"{"if":{"minimum":2},"then":{"maximum":6}}"#,
      writers: ["/if/minimum"], readers: ["/if/minimum", "/then/maximum"]),
    Case(old: "true", new: "false", writers: [""]),
    Case(old: "false", new: "true", readers: [""]),
  ]

  @Test(arguments: cases)
  func `judges`(each: Case) throws {
    let found = try changes(each.old, each.new)
    #expect(found.filter(\.breaksWriters).map(\.pointer).sorted() == each.writers.sorted())
    #expect(found.filter(\.breaksReaders).map(\.pointer).sorted() == each.readers.sorted())
    #expect(SchemaDiff.isCompatible(found) == (each.writers.isEmpty && each.readers.isEmpty))
  }

  @Test
  func `and the change is named`() throws {
    let found = try changes(
      #"{"properties":{"level":{"type":"integer","maximum":5}},"required":[]}"#,
      #"{"properties":{"level":{"type":"integer","maximum":3}},"required":["level"]}"#)
    #expect(
      found.map(\.description) == [
        #"/required: the member "level" became required (breaks writers)"#,
        "/properties/level/maximum: maximum went from 5 to 3 (breaks writers)",
      ])
  }

  @Test
  func `also when it is in a document that the schema refers to`() throws {
    let schema = Array(#"{"properties":{"p":{"$ref":"urn:common#/$defs/p"}}}"#.utf8)
    let found = try SchemaDiff.changes(
      from: schema, to: schema,
      oldDocuments: ["urn:common": Array(#"{"$id":"urn:common","$defs":{"p":{"maximum":1}}}"#.utf8)],
      newDocuments: ["urn:common": Array(#"{"$id":"urn:common","$defs":{"p":{"maximum":2}}}"#.utf8)])
    #expect(found.map(\.pointer) == ["urn:common#/$defs/p/maximum"])
    #expect(found.map(\.breaksReaders) == [true])
  }

  @Test
  func `and a schema that doesn't compile is refused`() {
    #expect(throws: SchemaError.self) { try changes("{}", #"{"type":"x"}"#) }
  }
}
