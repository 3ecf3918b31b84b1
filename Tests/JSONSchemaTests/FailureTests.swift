import IJSON
import JSONSchema
import Testing

@Suite("A failure says where and why")
struct FailureTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var schema: String
    var instance: String
    var at: String
    var by: String
    var keyword: String
    var message: String

    var testDescription: String { "\(schema) on \(instance)" }
  }

  static let cases: [Case] = [
    Case(
      schema: #"{"properties":{"a":{"items":{"type":"integer"}}}}"#, instance: #"{"x":0,"a":[1,"2"]}"#, at: "/a/1",
      by: "/properties/a/items/type", keyword: "type", message: "is a string, not an integer"),
    Case(
      schema: #"{"type":["string","null","array"]}"#, instance: "1.5", at: "", by: "/type", keyword: "type",
      message: "is a number, not an array, null or a string"),
    Case(
      schema: #"{"required":["b","a","c"]}"#, instance: #"{"b":1}"#, at: "", by: "/required", keyword: "required",
      message: #"lacks the members "a", "c""#),
    Case(
      schema: #"{"required":["b","a"]}"#, instance: #"{"b":1}"#, at: "", by: "/required", keyword: "required",
      message: #"lacks the member "a""#),
    Case(
      schema: #"{"properties":{"k/~":{"additionalProperties":false}}}"#, instance: #"{"k/~":{"x":1}}"#, at: "/k~1~0/x",
      by: "/properties/k~1~0/additionalProperties", keyword: "additionalProperties", message: "is not allowed"),
    Case(
      schema: #"{"enum":["a","b"]}"#, instance: "\"c\"", at: "", by: "/enum", keyword: "enum",
      message: #"is "c", not one of "a", "b""#),
    Case(
      schema: #"{"const":1}"#, instance: "2", at: "", by: "/const", keyword: "const", message: "is 2, not 1"),
    Case(
      schema: ##"{"$ref":"#/$defs/p","$defs":{"p":{"maximum":1}}}"##, instance: "1.5", at: "", by: "/$defs/p/maximum",
      keyword: "maximum", message: "is 1.5, above the maximum 1"),
    Case(
      schema: #"{"minLength":1}"#, instance: "\"\"", at: "", by: "/minLength", keyword: "minLength",
      message: "has fewer than 1 character"),
    Case(
      schema: #"{"anyOf":[{"type":"string"},{"type":"null"}]}"#, instance: "1", at: "", by: "/anyOf", keyword: "anyOf",
      message: "keeps none of the 2 schemas of which it must keep one"),
    Case(
      schema: #"{"propertyNames":{"pattern":"^[a-z]+$"}}"#, instance: #"{"a":{},"B":{}}"#, at: "/B",
      by: "/propertyNames/pattern", keyword: "pattern", message: #"is "B", which the pattern doesn't match"#),
    Case(
      schema: #"{"not":{"const":1}}"#, instance: "1", at: "", by: "/not", keyword: "not",
      message: "keeps a schema that it must not keep"),
    Case(
      schema: #"{"properties":{"a":false}}"#, instance: #"{"a":1}"#, at: "/a", by: "/properties/a",
      keyword: "properties", message: "is not allowed"),
    Case(
      schema: #"{"pattern":"^x"}"#, instance: "\"\(String(repeating: "long ", count: 20))\"", at: "", by: "/pattern",
      keyword: "pattern",
      message: #"is "long long long long long long long long …", which the pattern doesn't match"#),
    Case(
      schema: #"{"allOf":[true,{"uniqueItems":true}]}"#, instance: "[1,1]", at: "", by: "/allOf/1/uniqueItems",
      keyword: "uniqueItems", message: "has two equal elements"),
  ]

  @Test(arguments: cases)
  func `report`(each: Case) throws {
    let found = try #require(try failure(each.schema, each.instance))
    #expect(found.instancePointer == each.at)
    #expect(found.schemaPointer == each.by)
    #expect(found.keyword == each.keyword)
    #expect(found.message == each.message)
  }

  @Test
  func `from the value that was validated, also when that is part of a document`() throws {
    let schema = try CompiledSchema.compile(Array(#"{"properties":{"n":{"type":"integer"}}}"#.utf8))
    let parser = JSONParser()
    let document = try parser.parse(Array(#"{"data":{"n":"x"},"n":"y"}"#.utf8))
    let data = try #require(document["data"])
    #expect(schema.validate(data)?.instancePointer == "/n")
  }

  @Test
  func `the same from every thread at once`() async throws {
    let schema = try CompiledSchema.compile(
      Array(#"{"properties":{"a":{"pattern":"^\\p{L}+$","maxLength":5}},"unevaluatedProperties":false}"#.utf8))
    await withTaskGroup(of: Bool.self) { group in
      for task in 0..<8 {
        group.addTask {
          let parser = JSONParser()
          return (0..<500).allSatisfy { round in
            let isGood = (task + round) % 2 == 0
            let text = isGood ? #"{"a":"é"}"# : #"{"a":"1"}"#
            guard let value = try? parser.parse(Array(text.utf8)) else { return false }
            return (schema.validate(value) == nil) == isGood
          }
        }
      }
      for await isRight in group { #expect(isRight) }
    }
  }
}
