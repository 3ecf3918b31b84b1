import JSONSchema
import Testing

@Suite("References lead to what they name")
struct ReferenceTests {
  @Test
  func `to the schema itself, to its definitions, and by anchor`() throws {
    let schema = """
      {"properties":{"child":{"$ref":"#"},"n":{"$ref":"#/$defs/n"},"s":{"$ref":"#text"}},"additionalProperties":false,
       "$defs":{"n":{"type":"integer"},"t":{"$anchor":"text","type":"string"}}}
      """
    #expect(try failure(schema, #"{"child":{"child":{"n":1,"s":""}}}"#) == nil)
    #expect(try failure(schema, #"{"child":{"child":{"n":"1"}}}"#)?.instancePointer == "/child/child/n")
    #expect(try failure(schema, #"{"child":{"x":1}}"#)?.keyword == "additionalProperties")
  }

  @Test
  func `through escapes in pointers`() throws {
    let schema = ##"{"$ref":"#/$defs/a~1b~0c%25%22","$defs":{"a/b~c%\"":{"type":"null"}}}"##
    #expect(try failure(schema, "null") == nil)
    #expect(try failure(schema, "1")?.schemaPointer == "/$defs/a~1b~0c%\"/type")
  }

  @Test
  func `to other documents, by their own name and by the one they are known under`() throws {
    let documents = [
      "urn:casus:schema:common": #"{"$id":"urn:casus:schema:common","$defs":{"p":{"minimum":0,"maximum":1}}}"#,
      "http://example.test/a.json":
        #"{"$id":"http://example.test/renamed.json","type":"string","$defs":{"x":{"$ref":"b.json"}}}"#,
      "http://example.test/b.json": #"{"type":"null"}"#,
    ]
    #expect(
      try failure(#"{"$ref":"urn:casus:schema:common#/$defs/p"}"#, "2", documents: documents)?.keyword == "maximum")
    #expect(
      try failure(#"{"$ref":"urn:casus:schema:common#/$defs/p"}"#, "2", documents: documents)?.schemaPointer
        == "urn:casus:schema:common#/$defs/p/maximum")
    #expect(try failure(#"{"$ref":"http://example.test/a.json"}"#, "1", documents: documents) != nil)
    #expect(try failure(#"{"$ref":"http://example.test/renamed.json"}"#, "\"\"", documents: documents) == nil)
    #expect(try failure(#"{"$ref":"http://example.test/renamed.json#/$defs/x"}"#, "null", documents: documents) == nil)
    #expect(try failure(#"{"$id":"http://example.test/c.json","$ref":"b.json"}"#, "1", documents: documents) != nil)
  }

  @Test(
    arguments: [
      (#"{"type":"object"}"#, true), ("true", true), (#"{"type":"objekt"}"#, false), (#"{"minLength":-1}"#, false),
      (#"{"minLength":2.0}"#, true), (#"{"properties":{"a":{"items":{"enum":{}}}}}"#, false), ("[]", false),
      ("7", false),
      (#"{"required":["a","a"]}"#, false), (##"{"$id":"#x"}"##, false), (#"{"allOf":[]}"#, false), (#"{"x":1}"#, true),
      (#"{"$defs":{"a":{"not":3}}}"#, false), (#"{"multipleOf":0}"#, false), (#"{"$anchor":"1a"}"#, false),
      (#"{"dependentRequired":{"a":["b"]}}"#, true), (#"{"dependentRequired":{"a":"b"}}"#, false),
      (#"{"$vocabulary":{"urn:a":1}}"#, false), (#"{"type":["string","string"]}"#, false),
      (#"{"deprecated":1}"#, false),
      (#"{"dependencies":{"a":["b"],"c":{"type":"null"}}}"#, true), (#"{"definitions":{"a":0}}"#, false),
    ] as [(String, Bool)])
  func `to the meta-schemas, which know what a schema is`(schema: String, isValid: Bool) throws {
    let found = try failure(#"{"$ref":"https://json-schema.org/draft/2020-12/schema"}"#, schema)
    #expect((found == nil) == isValid)
  }

  @Test
  func `to what the outermost scope says, when they are dynamic`() throws {
    let documents = [
      "urn:tree": """
      {"$id":"urn:tree","$dynamicAnchor":"node","type":"object",
       "properties":{"children":{"type":"array","items":{"$dynamicRef":"#node"}}}}
      """
    ]
    let strict = #"{"$id":"urn:strict","$dynamicAnchor":"node","$ref":"urn:tree","unevaluatedProperties":false}"#
    let misspelt = #"{"children":[{"chilren":[]}]}"#
    #expect(try failure(#"{"$ref":"urn:tree"}"#, misspelt, documents: documents) == nil)
    let found = try failure(strict, misspelt, documents: documents)
    #expect(found?.instancePointer == "/children/0/chilren")
    #expect(found?.keyword == "unevaluatedProperties")
  }

  @Test(arguments: [
    (##"{"$ref":"#/$defs/a"}"##, "/$ref"), (#"{"items":{"$ref":"urn:nothing"}}"#, "/items/$ref"),
    (##"{"properties":{"a":{"$dynamicRef":"#b"}}}"##, "/properties/a/$dynamicRef"),
    (##"{"$ref":"#/$defs/~2"}"##, "/$ref"),
    (##"{"$ref":"#/allOf/01","allOf":[true,true]}"##, "/$ref"), (#"{"$ref":"other.json"}"#, "/$ref"),
  ])
  func `and are refused when they lead nowhere`(schema: String, pointer: String) {
    let error = refusal(schema)
    #expect(error?.code == .reference)
    #expect(error?.pointer == pointer)
  }

  @Test(arguments: [
    ##"{"$ref":"#"}"##, ##"{"allOf":[{"$ref":"#"}]}"##,
    ##"{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"not":{"$ref":"#/$defs/a"}}}}"##,
    ##"{"if":true,"then":{"anyOf":[{"$ref":"#"}]}}"##, ##"{"dependentSchemas":{"a":{"$ref":"#"}}}"##,
    ##"{"properties":{"a":{"$ref":"#/properties/a"}}}"##,
  ])
  func `and are refused when they go in a circle on one value`(schema: String) {
    #expect(refusal(schema)?.code == .endlessReference)
  }

  @Test
  func `and a circle that only the dynamic scope closes ends by the limit`() throws {
    let documents = [
      "urn:inner": ##"{"$id":"urn:inner","$dynamicAnchor":"x","anyOf":[{"$dynamicRef":"#x"}]}"##
    ]
    let found = try failure(
      #"{"$id":"urn:outer","$dynamicAnchor":"x","$ref":"urn:inner"}"#, "1", documents: documents)
    #expect(found?.keyword == "$recursion")
  }

  @Test(arguments: [
    ("http://a/b/c/d", "g", "http://a/b/c/g"), ("http://a/b/c/d", "../g", "http://a/b/g"),
    ("http://a/b/c/d", "../../../g", "http://a/g"), ("http://a/b/c/d", "/g", "http://a/g"),
    ("http://a/b/c/d", "//x/y", "http://x/y"), ("http://a/b/c/d", "?q", "http://a/b/c/d?q"),
    ("http://a/b/c/d", "./g/.", "http://a/b/c/g/"), ("http://a", "g", "http://a/g"),
    ("http://a/b/", "g", "http://a/b/g"),
    ("urn:x:y", "urn:z:w", "urn:z:w"), ("file:///f/a.json", "b.json", "file:///f/b.json"),
  ])
  func `relative references are resolved as RFC 3986 says`(base: String, reference: String, target: String) throws {
    let schema = #"{"$id":"\#(base)","$ref":"\#(reference)"}"#
    #expect(try failure(schema, "1", documents: [target: "false"]) != nil)
    #expect(try failure(schema, "1", documents: [target: "true"]) == nil)
  }
}
