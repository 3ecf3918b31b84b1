import JSONSchema
import Testing

@Suite("Each keyword judges what it is for and nothing else")
struct KeywordTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var schema: String
    var valid: [String]
    var invalid: [String]

    var testDescription: String { schema }
  }

  static let cases: [Case] = [
    Case(schema: "true", valid: ["1", "{}", "null"], invalid: []),
    Case(schema: "false", valid: [], invalid: ["1", "{}", "null"]),
    Case(schema: "{}", valid: ["1", "[]"], invalid: []),
    Case(
      schema: #"{"type":"integer"}"#, valid: ["1", "1.0", "-3e2", "0.0"], invalid: ["1.5", "\"1\"", "true", "null"]),
    Case(schema: #"{"type":"number"}"#, valid: ["1", "1.5"], invalid: ["\"1\""]),
    Case(schema: #"{"type":["null","string"]}"#, valid: ["null", "\"\""], invalid: ["0", "[]"]),
    Case(
      schema: #"{"const":{"a":[1,{"b":null}],"c":2}}"#, valid: [#"{"c":2.0,"a":[1.0,{"b":null}]}"#],
      invalid: [#"{"a":[1,{"b":null}]}"#, #"{"a":[{"b":null},1],"c":2}"#, #"{"a":[1,{"b":false}],"c":2}"#]),
    Case(schema: #"{"const":0}"#, valid: ["0", "-0", "0.0", "0e5"], invalid: ["false", "null", "\"\"", "[]"]),
    Case(schema: #"{"enum":["a","b"]}"#, valid: ["\"a\"", "\"b\"", "\"\\u0061\""], invalid: ["\"c\"", "\"\"", "0"]),
    Case(
      schema: #"{"enum":[1,"1",null,[1]]}"#, valid: ["1.0", "\"1\"", "null", "[1]"], invalid: ["[]", "true", "{}"]),
    Case(schema: #"{"minimum":1.5}"#, valid: ["1.5", "2", "\"a\""], invalid: ["1", "1.49", "-3"]),
    Case(schema: #"{"exclusiveMaximum":3}"#, valid: ["2.999", "-5"], invalid: ["3", "3.0", "4"]),
    Case(schema: #"{"minimum":9007199254740993}"#, valid: ["9007199254740993"], invalid: ["9007199254740992.0"]),
    Case(schema: #"{"maximum":18446744073709551615}"#, valid: ["18446744073709551615"], invalid: ["1.9e19"]),
    Case(schema: #"{"multipleOf":0.01}"#, valid: ["0.07", "1.1", "0", "-4.35", "1e300"], invalid: ["0.075", "1e-9"]),
    Case(schema: #"{"multipleOf":3}"#, valid: ["9", "9.0", "3e15"], invalid: ["10", "9.5", "1e22"]),
    Case(
      schema: #"{"minLength":2,"maxLength":3}"#, valid: ["\"ab\"", "\"日本\"", "\"😀😀😀\""],
      invalid: ["\"a\"", "\"😀\"", "\"abcd\""]),
    Case(schema: #"{"pattern":"^a+$"}"#, valid: ["\"aaa\"", "1"], invalid: ["\"ab\"", "\"\""]),
    Case(schema: #"{"pattern":"b"}"#, valid: ["\"abc\""], invalid: ["\"ac\""]),
    Case(
      schema: #"{"items":{"type":"string"},"minItems":1,"maxItems":2}"#, valid: ["[\"a\"]", "[\"a\",\"b\"]", "{}"],
      invalid: ["[]", "[1]", "[\"a\",\"b\",\"c\"]"]),
    Case(
      schema: #"{"prefixItems":[{"type":"integer"},{"type":"string"}],"items":{"type":"null"}}"#,
      valid: ["[]", "[1]", "[1,\"a\"]", "[1,\"a\",null,null]"], invalid: ["[\"a\"]", "[1,2]", "[1,\"a\",1]"]),
    Case(
      schema: #"{"contains":{"type":"integer"},"minContains":2,"maxContains":3}"#, valid: ["[1,2]", "[1,\"a\",2,3]"],
      invalid: ["[]", "[1]", "[1,2,3,4]"]),
    Case(schema: #"{"contains":{"const":1},"minContains":0}"#, valid: ["[]", "[2]"], invalid: []),
    Case(
      schema: #"{"uniqueItems":true}"#, valid: ["[1,2]", "[1,true]", "[[1],[2]]", "[{\"a\":1},{\"a\":2}]"],
      invalid: ["[1,1.0]", "[{\"a\":1,\"b\":2},{\"b\":2,\"a\":1}]", "[[1],[1]]", "[null,null]"]),
    Case(
      schema: #"{"properties":{"a":{"type":"integer"},"b":false},"required":["a"]}"#,
      valid: [#"{"a":1}"#, #"{"a":1,"c":2}"#, "[]"],
      invalid: ["{}", #"{"a":"1"}"#, #"{"a":1,"b":0}"#, #"{"b":0}"#]),
    Case(
      schema: #"{"properties":{"a":{}},"patternProperties":{"^x-":{"type":"string"}},"additionalProperties":false}"#,
      valid: ["{}", #"{"a":1,"x-1":"","x-2":""}"#], invalid: [#"{"x-1":1}"#, #"{"b":1}"#]),
    Case(
      schema: #"{"propertyNames":{"maxLength":2},"minProperties":1,"maxProperties":2}"#, valid: [#"{"a":1}"#],
      invalid: ["{}", #"{"abc":1}"#, #"{"a":1,"b":1,"c":1}"#]),
    Case(
      schema: #"{"propertyNames":{"pattern":"^[a-z]+$"},"properties":{"a":{},"b":true},"required":["c"]}"#,
      valid: [#"{"c":1}"#, #"{"a":1,"b":1,"c":1,"d":1}"#], invalid: [#"{"c":1,"D":1}"#, #"{"a":1}"#]),
    Case(
      schema: #"{"propertyNames":{"pattern":"^[a-z]+$"},"properties":{"a":{},"\"\\\n":true,"\u00e9B":{}}}"#,
      valid: ["{}", #"{"a":1}"#], invalid: [#"{"\u00e9B":1}"#, #"{"\"\\\n":1}"#, #"{"a":1,"A":1}"#]),
    Case(
      schema: #"{"dependentRequired":{"a":["b","c"]}}"#, valid: ["{}", #"{"b":1}"#, #"{"a":1,"b":1,"c":1}"#],
      invalid: [#"{"a":1}"#, #"{"a":1,"b":1}"#]),
    Case(
      schema: #"{"dependentSchemas":{"a":{"required":["b"]}}}"#, valid: ["{}", #"{"a":1,"b":1}"#],
      invalid: [#"{"a":1}"#]),
    Case(schema: #"{"allOf":[{"minimum":1},{"maximum":2}]}"#, valid: ["1", "2"], invalid: ["0", "3"]),
    Case(schema: #"{"anyOf":[{"maximum":1},{"minimum":3}]}"#, valid: ["1", "3"], invalid: ["2"]),
    Case(schema: #"{"oneOf":[{"maximum":2},{"minimum":2}]}"#, valid: ["1", "3"], invalid: ["2"]),
    Case(schema: #"{"not":{"type":"null"}}"#, valid: ["1"], invalid: ["null"]),
    Case(
      schema: #"{"if":{"required":["a"]},"then":{"required":["b"]},"else":{"required":["c"]}}"#,
      valid: [#"{"a":1,"b":1}"#, #"{"c":1}"#], invalid: [#"{"a":1}"#, "{}"]),
    Case(
      schema: #"{"allOf":[{"properties":{"a":true}}],"properties":{"b":true},"unevaluatedProperties":false}"#,
      valid: ["{}", #"{"a":1,"b":1}"#], invalid: [#"{"c":1}"#]),
    Case(
      schema:
        #"{"anyOf":[{"properties":{"a":{"const":1}},"required":["a"]},{"properties":{"b":true}}],"unevaluatedProperties":false}"#,
      valid: [#"{"a":1}"#, #"{"a":1,"b":2}"#, #"{"b":2}"#], invalid: [#"{"a":2}"#, #"{"a":1,"c":1}"#]),
    Case(
      schema: #"{"prefixItems":[true],"contains":{"type":"string"},"unevaluatedItems":{"type":"integer"}}"#,
      valid: ["[null,\"a\",1]", "[null,1,\"a\"]"], invalid: ["[null,\"a\",null]"]),
    Case(schema: #"{"unknown":5,"x-note":{"type":7},"title":"t","default":1}"#, valid: ["1"], invalid: []),
    Case(schema: #"{"format":"ipv4"}"#, valid: ["\"nonsense\""], invalid: []),
    Case(schema: #"{"then":false,"else":false,"minContains":9}"#, valid: ["1", "[]"], invalid: []),
  ]

  @Test(arguments: cases)
  func `judges`(each: Case) throws {
    let schema = try CompiledSchema.compile(Array(each.schema.utf8))
    for instance in each.valid {
      let failure = try schema.failure(of: instance)
      #expect(failure == nil, "\(instance) was refused")
    }
    for instance in each.invalid { #expect(try schema.failure(of: instance) != nil, "\(instance) was accepted") }
  }

  @Test(arguments: [2, 31, 32, 33, 34, 1000])
  func `elements are unique or not in arrays of any length`(count: Int) throws {
    let schema = try CompiledSchema.compile(Array(#"{"uniqueItems":true}"#.utf8))
    let elements = (0..<count).map { $0 % 3 == 0 ? "\($0)" : $0 % 3 == 1 ? "\"\($0)\"" : "{\"k\":[\($0)],\"l\":0}" }
    #expect(try schema.failure(of: "[" + elements.joined(separator: ",") + "]") == nil)
    for repeated in ["0.0", "\"1\"", "{\"l\":0.0,\"k\":[2.0]}"] where count > 2 || repeated != "{\"l\":0.0,\"k\":[2.0]}"
    {
      let failure = try schema.failure(of: "[" + (elements + [repeated]).joined(separator: ",") + "]")
      #expect(failure?.keyword == "uniqueItems")
    }
  }

  @Test(arguments: [1, 63, 64, 65, 129, 5000])
  func `marks of evaluated members hold for objects of any size`(count: Int) throws {
    let schema = try CompiledSchema.compile(
      Array(
        #"{"anyOf":[{"patternProperties":{"^a":true}},{"patternProperties":{"^b":true}}],"unevaluatedProperties":false}"#
          .utf8))
    let members = (0..<count).map { "\"\($0 % 2 == 0 ? "a" : "b")\($0)\":0" }
    #expect(try schema.failure(of: "{" + members.joined(separator: ",") + "}") == nil)
    let failure = try schema.failure(of: "{" + (members + ["\"c\":0"]).joined(separator: ",") + "}")
    #expect(failure?.instancePointer == "/c")
    #expect(failure?.keyword == "unevaluatedProperties")
  }
}
