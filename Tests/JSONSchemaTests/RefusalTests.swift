import JSONSchema
import Testing

@Suite("A schema is refused, with its place, when")
struct RefusalTests {
  @Test(arguments: [
    (#"{"type":"strin"}"#, "/type"), (#"{"type":[]}"#, "/type"), (#"{"type":7}"#, "/type"), (#"{"enum":1}"#, "/enum"),
    (#"{"minimum":"1"}"#, "/minimum"), (#"{"multipleOf":0}"#, "/multipleOf"), (#"{"multipleOf":-1}"#, "/multipleOf"),
    (#"{"minLength":-1}"#, "/minLength"), (#"{"maxItems":1.5}"#, "/maxItems"), (#"{"maxLength":null}"#, "/maxLength"),
    (#"{"pattern":1}"#, "/pattern"), (#"{"format":[]}"#, "/format"), (#"{"uniqueItems":1}"#, "/uniqueItems"),
    (#"{"required":"a"}"#, "/required"), (#"{"required":[1]}"#, "/required"),
    (#"{"required":["a","a"]}"#, "/required"),
    (#"{"properties":[]}"#, "/properties"), (#"{"properties":{"a":1}}"#, "/properties/a"),
    (#"{"items":[{}]}"#, "/items"),
    (#"{"items":1}"#, "/items"), (#"{"allOf":[]}"#, "/allOf"), (#"{"anyOf":{}}"#, "/anyOf"),
    (#"{"oneOf":[7]}"#, "/oneOf/0"),
    (#"{"not":null}"#, "/not"), (#"{"if":"x"}"#, "/if"), (#"{"$ref":1}"#, "/$ref"), (#"{"$id":"a#b"}"#, "/$id"),
    (#"{"$anchor":"1"}"#, "/$anchor"), (#"{"$anchor":"a b"}"#, "/$anchor"), (#"{"$defs":[]}"#, "/$defs"),
    (#"{"dependentRequired":{"a":"b"}}"#, "/dependentRequired"),
    (#"{"dependentSchemas":{"a":[]}}"#, "/dependentSchemas/a"),
    (#"{"patternProperties":{"a":0}}"#, "/patternProperties/a"), (#"{"contains":[]}"#, "/contains"),
    (#"{"minContains":-1}"#, "/minContains"), (#"{"unevaluatedProperties":5}"#, "/unevaluatedProperties"), ("[]", ""),
    ("\"a\"", ""),
    (#"{"properties":{"a":{"properties":{"b/c":{"type":"x"}}}}}"#, "/properties/a/properties/b~1c/type"),
  ])
  func `a keyword's value is not what the specification allows`(schema: String, pointer: String) {
    let error = refusal(schema)
    #expect(error?.code == .keyword)
    #expect(error?.pointer == pointer)
  }

  @Test(arguments: ["", "{", #"{"type":"string","type":"null"}"#, #"{"const":"\ud800"}"#, "\u{FEFF}{}"])
  func `it is not I-JSON`(schema: String) {
    #expect(refusal(schema)?.code == .json)
  }

  @Test(arguments: [
    #"{"$defs":{"a":{"$id":"urn:x"},"b":{"$id":"urn:x"}}}"#,
    #"{"$defs":{"a":{"$anchor":"x"},"b":{"$dynamicAnchor":"x"}}}"#,
  ])
  func `an identifier or an anchor stands there twice`(schema: String) {
    #expect(refusal(schema)?.code == .duplicateIdentifier)
  }

  @Test(arguments: [
    "http://json-schema.org/draft-07/schema#", "https://json-schema.org/draft/2019-09/schema", "urn:mine", "",
  ])
  func `its dialect is another`(uri: String) {
    let error = refusal(#"{"$schema":"\#(uri)","type":"string"}"#)
    #expect(error?.code == .dialect)
    #expect(error?.pointer == "/$schema")
  }

  @Test
  func `its dialect needs a vocabulary that is not known`() {
    let documents = [
      "urn:d":
        #"{"$schema":"https://json-schema.org/draft/2020-12/schema","$vocabulary":{"https://json-schema.org/draft/2020-12/vocab/core":true,"urn:v":true}}"#,
      "urn:o":
        #"{"$schema":"https://json-schema.org/draft/2020-12/schema","$vocabulary":{"https://json-schema.org/draft/2020-12/vocab/core":true,"urn:v":false}}"#,
    ]
    #expect(refusal(#"{"$schema":"urn:d"}"#, documents: documents)?.code == .dialect)
    #expect(refusal(#"{"$schema":"urn:o"}"#, documents: documents) == nil)
  }

  @Test
  func `but a document that is only given and never used may be of any dialect`() {
    let documents = ["urn:old": #"{"$schema":"http://json-schema.org/draft-04/schema#","type":"nonsense"}"#]
    #expect(refusal(##"{"$ref":"#/$defs/a","$defs":{"a":true}}"##, documents: documents) == nil)
    #expect(refusal(#"{"$ref":"urn:old"}"#, documents: documents)?.code == .dialect)
  }

  @Test
  func `it is larger than the limits`() {
    var limits = SchemaLimits()
    limits.maxBytes = 100
    #expect(refusal(#"{"title":"\#(String(repeating: "x", count: 100))"}"#, limits: limits)?.code == .limit)
    limits = SchemaLimits()
    limits.maxSchemas = 10
    let members = (0..<20).map { #""\#($0)":{}"# }.joined(separator: ",")
    #expect(refusal(#"{"properties":{\#(members)}}"#, limits: limits)?.code == .limit)
    let deep = String(repeating: #"{"not":"#, count: 200) + "true" + String(repeating: "}", count: 200)
    #expect(refusal(deep)?.code == .limit)
    limits = SchemaLimits()
    limits.maxPatterns = 3
    let patterns = (0..<5).map { #"{"pattern":"a\#($0)"}"# }.joined(separator: ",")
    #expect(refusal(#"{"allOf":[\#(patterns)]}"#, limits: limits)?.code == .limit)
  }

  @Test
  func `but not when it has keywords of its own, which are annotations`() {
    #expect(refusal(#"{"x-owner":"jp.nisc","nullable":true,"definitions":{"a":7},"dependencies":3}"#) == nil)
  }
}
