import Glibc
import IJSON
import JSONSchema

/// Schemas and instances that make a validation as long as they can: an instance of an event's largest size, 64 KiB, and
/// one of 1 MiB.
enum Hostile {
  static func run() throws {
    for pair in pairs {
      let (name, schema) = (pair.name, pair.schema)
      let compiled: CompiledSchema
      do { compiled = try CompiledSchema.compile(Array(schema.utf8), assertFormats: true) } catch {
        print(name, "refused", "\(error.code.rawValue)")
        continue
      }
      for size in [65_536, 1 << 20] {
        let parser = JSONParser(limits: .init(maxDepth: 100_000, numbers: .binary64))
        let value = try parser.parse(Array(pair.instance(size - 64).utf8))
        var steps = 0
        var least = Double.infinity
        for _ in 0..<5 {
          let start = clock()
          let failure = compiled.validate(value, bytes: size, steps: &steps)
          least = min(least, Double(clock() - start) / 1000)
          if let failure, !failure.keyword.hasPrefix("$"), steps < 100 {
            print(name, "ends early:", failure.description)
          }
        }
        print("\(name.replacing(" ", with: "_")) \(size >> 10) \(steps) \(least)")
      }
    }
  }

  private static func list(_ count: Int, _ text: (Int) -> String) -> String {
    (0..<count).map(text).joined(separator: ",")
  }

  private static func array(_ element: String) -> (Int) -> String {
    { "[" + list($0 / (element.utf8.count + 1)) { _ in element } + "]" }
  }

  private static func many(_ schema: String, _ count: Int = 400) -> String {
    #"{"allOf":[\#(list(count) { _ in schema })]}"#
  }

  private struct Pair {
    var name: String
    var schema: String
    /// An instance of about so many bytes.
    var instance: (Int) -> String
  }

  private static func object(_ size: Int) -> String { "{" + list(size / 11) { "\"m\($0)\":0" } + "}" }

  private static func text(_ size: Int) -> String { "\"" + String(repeating: "x", count: size) + "\"" }

  private static func rows(_ row: String) -> (Int) -> String { array("[" + row + "]") }

  private static var pairs: [Pair] { elements + texts + members + references }

  private static var elements: [Pair] {
    let objects = list(30) { #"{"b":0,"c":0,"d":0,"a":\#($0)}"# }
    let cells = list(40) { _ in "[0,0,0,0,0,0,0,0]" }
    let arrays = list(3000) { "[\($0)]" }
    let bounds = #"{"items":{"minimum":-1e300,"maximum":1e300,"exclusiveMinimum":-1e301,"exclusiveMaximum":1e301}}"#
    return [
      Pair(name: "unique integers", schema: many(#"{"uniqueItems":true}"#)) { "[" + list($0 / 7) { "\($0)" } + "]" },
      Pair(name: "unique objects", schema: many(#"{"uniqueItems":true}"#)) { size in
        "[" + list(size / 18) { #"{"a":[\#($0)]}"# } + "]"
      },
      Pair(name: "few unique objects", schema: many(#"{"items":{"uniqueItems":true}}"#), instance: rows(objects)),
      Pair(name: "enumeration of arrays", schema: #"{"items":{"enum":[\#(arrays)]}}"#, instance: array("[2999]")),
      Pair(name: "multiples", schema: many(#"{"items":{"multipleOf":0.0001}}"#), instance: array("0.1234")),
      Pair(name: "bounds", schema: many(bounds), instance: array("12345678.5")),
      Pair(
        name: "contains in contains",
        schema: #"{"contains":{"contains":{"contains":{"const":1}}},"minContains":100000}"#, instance: rows(cells)),
    ]
  }

  private static var texts: [Pair] {
    let colliding = list(6000) { "\"aaaaaaaa\(10_000 + $0)aaaaaaaa\"" }
    return [
      Pair(
        name: "enumeration of texts that collide", schema: #"{"items":{"enum":[\#(colliding)]}}"#,
        instance: array("\"aaaaaaaa15999aaaaaaaa\"")),
      Pair(name: "pattern by RE2", schema: many(#"{"pattern":"\\p{L}{1,9}\\p{N}|x$"}"#), instance: text),
      Pair(name: "pattern by automaton", schema: many(#"{"pattern":"^([a-z]|[a-y][0-9])*$"}"#), instance: text),
      Pair(name: "format of a long text", schema: many(#"{"format":"uri"}"#)) { size in
        "\"http://" + String(repeating: "x", count: size) + "\""
      },
      Pair(
        name: "format of short texts", schema: many(#"{"items":{"format":"date-time"}}"#),
        instance: array("\"2026-08-14T00:30:00Z\"")),
      Pair(name: "lengths", schema: many(#"{"maxLength":10000,"minLength":9000}"#)) { _ in
        "\"" + String(repeating: "é", count: 9500) + "\""
      },
    ]
  }

  private static var members: [Pair] {
    let colliding = list(4000) { "\"aaaaaaaa\(10_000 + $0)aaaaaaaa\":true" }
    let patterns = list(300) { "\"a\($0)$\":true" }
    let unicode = list(300) { "\"\\\\p{L}\($0)$\":true" }
    let dependents = list(3000) { "\"m\($0)\":[\"m5000\"]" }
    let choice = #"{"anyOf":[{"required":["x"]},{"properties":{"a":true}},true],"unevaluatedProperties":true}"#
    return [
      Pair(
        name: "properties that collide", schema: many(#"{"items":{"properties":{\#(colliding)}}}"#, 2),
        instance: array("{\"aaaaaaaa13999aaaaaaaa\":0}")),
      Pair(
        name: "patterns over names", schema: #"{"items":{"patternProperties":{\#(patterns)}}}"#,
        instance: array("{\"a299\":0}")),
      Pair(
        name: "patterns by RE2 over names", schema: #"{"items":{"patternProperties":{\#(unicode)}}}"#,
        instance: array("{\"a299\":0}")),
      Pair(name: "unevaluated members", schema: many(choice), instance: object),
      Pair(name: "dependent members", schema: #"{"dependentRequired":{\#(dependents)}}"#, instance: object),
      Pair(
        name: "pattern of names", schema: many(#"{"items":{"propertyNames":{"pattern":"^[a-z0-9]{1,20}$"}}}"#),
        instance: array("{\"abc\":0}")),
    ]
  }

  private static var references: [Pair] {
    let doubling = list(30) { level in
      let inner = ##"{"$ref":"#/$defs/a\##(level)"}"##
      return #""a\#(level + 1)":{"not":{"anyOf":[{"not":\#(inner)},{"not":\#(inner)}]}}"#
    }
    let resources = list(200) { number in
      ##""p\##(number)":{"$id":"urn:p\##(number)","$dynamicAnchor":"x","$ref":"urn:p\##(number + 1)"}"##
    }
    return [
      Pair(
        name: "references that double",
        schema: ##"{"$defs":{"a0":{"minimum":0},\##(doubling)},"items":{"$ref":"#/$defs/a30"}}"##, instance: array("1")),
      Pair(
        name: "dynamic references",
        schema: ##"{"$id":"urn:r","items":{"$ref":"urn:p0"},"$defs":{\##(resources),"p200":"##
          + ##"{"$id":"urn:p200","$dynamicAnchor":"x","items":{"$dynamicRef":"#x"}}}}"##,
        instance: array("[[[]]]")),
    ]
  }
}
