import CAllocations
import IJSON
import JSONSchema
import Testing

@Suite("No schema and no instance makes a validation long or large")
struct CostTests {
  /// Pairs that would take long without a limit.
  enum Hostile: String, CaseIterable {
    case doublingReferences, nestedContains, largeEnumeration, manyUniqueItems, largePattern, manyDependents
    case multiples, collidingTexts, collidingNames, dynamicScopes

    private func repeated(_ text: String, _ count: Int) -> String {
      Array(repeating: text, count: count).joined(separator: ",")
    }

    private func numbered(_ count: Int, _ text: (Int) -> String) -> String {
      (0..<count).map(text).joined(separator: ",")
    }

    var schema: String {
      switch self {
      case .doublingReferences:
        let levels = numbered(39) { level in
          let inner = ##"{"$ref":"#/$defs/a\##(level)"}"##
          return #""a\#(level + 1)":{"anyOf":[\#(inner),\#(inner)]}"#
        }
        return ##"{"$defs":{"a0":{"minimum":9},\##(levels)},"$ref":"#/$defs/a39"}"##
      case .nestedContains: return #"{"contains":{"contains":{"contains":{"const":1}}},"minContains":100000}"#
      case .largeEnumeration: return #"{"items":{"enum":[\#(numbered(3000) { "[\($0)]" })]}}"#
      case .manyUniqueItems: return #"{"allOf":[\#(repeated(#"{"uniqueItems":true}"#, 200))]}"#
      case .largePattern: return #"{"pattern":"\\p{L}{1,9}\\p{N}"}"#
      case .manyDependents:
        return #"{"dependentRequired":{\#(numbered(900) { #""m\#($0)":["m9998"]"# })}}"#
      case .multiples: return #"{"items":{"multipleOf":0.0001}}"#
      // Alike in length, beginning and end: the same place in a table of names.
      case .collidingTexts: return #"{"items":{"enum":[\#(numbered(3000) { "\"aaaaaaaa\(10_000 + $0)aaaaaaaa\"" })]}}"#
      case .collidingNames:
        return #"{"items":{"properties":{\#(numbered(3000) { "\"aaaaaaaa\(10_000 + $0)aaaaaaaa\":true" })}}}"#
      case .dynamicScopes:
        let resources = numbered(200) { number in
          ##""p\##(number)":{"$id":"urn:p\##(number)","$dynamicAnchor":"x","$ref":"urn:p\##(number + 1)"}"##
        }
        return ##"{"$id":"urn:r","$ref":"urn:p0","$defs":{\##(resources),"p200":"##
          + ##"{"$id":"urn:p200","$dynamicAnchor":"x","items":{"$dynamicRef":"#x"}}}}"##
      }
    }

    var instance: String {
      switch self {
      case .doublingReferences: return "1"
      case .nestedContains:
        let inner = "[" + repeated("0", 130) + "]"
        return "[" + repeated("[" + repeated(inner, 130) + "]", 130) + "]"
      case .largeEnumeration: return "[" + repeated("[2999]", 3000) + "]"
      case .manyUniqueItems: return "[" + numbered(30_000) { "\($0)" } + "]"
      case .largePattern: return "\"" + String(repeating: "x", count: 900_000) + "\""
      case .multiples: return "[" + repeated("0.1234", 100_000) + "]"
      case .collidingTexts: return "[" + repeated("\"aaaaaaaa12999aaaaaaaa\"", 3000) + "]"
      case .collidingNames: return "[" + repeated("{\"aaaaaaaa12999aaaaaaaa\":0}", 3000) + "]"
      case .dynamicScopes: return "[" + repeated("[]", 60) + "]"
      case .manyDependents: return "{" + numbered(10_000) { #""m\#($0)":0"# } + "}"
      }
    }
  }

  @Test(.timeLimit(.minutes(15)), arguments: Hostile.allCases)
  func `a hostile pair ends by the limit of steps`(pair: Hostile) throws {
    #expect(try failure(pair.schema, pair.instance)?.keyword == "$cost")
  }

  @Test(arguments: [
    ##"{"not":{"not":{"$ref":"#/$defs/x"}}}"##, ##"{"not":{"$ref":"#/$defs/x"}}"##,
    ##"{"if":{"$ref":"#/$defs/x"},"else":true}"##,
    ##"{"anyOf":[{"$ref":"#/$defs/x"},true]}"##, ##"{"oneOf":[true,{"$ref":"#/$defs/x"}]}"##,
    ##"{"contains":{"$ref":"#/$defs/x"},"minContains":0,"maxContains":1000}"##,
  ])
  func `a stopped validation fails even where failing is what the schema asks for`(schema: String) throws {
    var limits = SchemaLimits()
    limits.maxCost = 50
    let definition = #","$defs":{"x":{"items":{"items":{"type":"string"}}}}}"#
    let instance = "[" + Array(repeating: "[\"a\"]", count: 30).joined(separator: ",") + "]"
    let found = try failure(String(schema.dropLast()) + definition, instance, limits: limits)
    #expect(found?.keyword == "$cost")
  }

  @Test
  func `an instance deeper than the limit of recursion fails, and costs no more stack`() throws {
    let schema = ##"{"properties":{"a":{"$ref":"#"}},"items":{"$ref":"#"}}"##
    let deep = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
    #expect(try failure(schema, deep)?.keyword == "$recursion")
    let allowed = String(repeating: "[", count: 500) + String(repeating: "]", count: 500)
    #expect(try failure(schema, allowed) == nil)
  }

  @Test
  func `a long chain of references compiles and validates`() throws {
    let links = (1..<3000).map { ##""d\##($0)":{"$ref":"#/$defs/d\##($0 - 1)"}"## }.joined(separator: ",")
    let schema = ##"{"$ref":"#/$defs/d2999","$defs":{"d0":{"type":"null"},\##(links)}}"##
    #expect(try failure(schema, "null") == nil)
    #expect(try failure(schema, "1")?.schemaPointer == "/$defs/d0/type")
  }

  @Test(.enabled(if: callocations_work() != 0, "a sanitizer has its own allocator"))
  func `a valid event costs no allocation`() throws {
    let schema = try CompiledSchema.compile(
      Array(
        """
        {"type":"object","$ref":"#/$defs/envelope","required":["id","data"],"unevaluatedProperties":false,
         "properties":{"data":{"type":"object","properties":{
           "p":{"type":"number","minimum":0,"maximum":1,"multipleOf":0.0001},"tags":{"items":{"enum":["a","b"]},"uniqueItems":true},
           "n":{"oneOf":[{"type":"null"},{"type":"integer","exclusiveMinimum":0}]},"o":{"const":{"x":[1]}}},
           "additionalProperties":false}},
         "$defs":{"envelope":{"properties":{"id":{"type":"string","pattern":"^[a-z0-9-]+$","maxLength":64},
           "time":{"format":"date-time"},"source":{"format":"uri-reference"}}}}}
        """.utf8), assertFormats: true)
    let parser = JSONParser()
    let event = Array(
      #"{"id":"a-1","time":"2026-03-14T02:11:09.5Z","source":"//jp.nisc/a","data":{"p":0.4321,"tags":["a","b"],"n":5,"o":{"x":[1.0]}}}"#
        .utf8)
    let value = try parser.parse(event)
    #expect(schema.validate(value) == nil)
    let before = callocations_count()
    for _ in 0..<100 { _ = schema.validate(value) }
    let after = callocations_count()
    #expect(after - before == 0)
  }
}
