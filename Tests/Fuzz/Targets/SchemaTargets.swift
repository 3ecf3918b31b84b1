import Glibc
import IJSON

@testable import JSONSchema

extension FuzzTarget {
  /// A schema and an instance: nothing that compiles takes long to validate, says two things of one instance, or points
  /// to where nothing is. The limit of steps is a tenth of the broker's, for the sanitizers' sake.
  static let schema = FuzzTarget(
    name: "schema", dictionary: "schema", maxBytes: 4096,
    check: { bytes in
      let parts = bytes.parts(2)
      var limits = SchemaLimits()
      limits.maxCost = 100_000
      let compiled = bounded("compiling \(parts[0].count) bytes") {
        try? CompiledSchema.compile(parts[0], assertFormats: true, limits: limits)
      }
      guard let compiled else { return }
      let parser = JSONParser()
      guard let value = try? parser.parse(parts[1]) else { return }
      let failure = bounded("validating") { compiled.validate(value) }
      require(failure == compiled.validate(value), "two verdicts on one instance")
      guard let failure else { return }
      require(!failure.keyword.isEmpty && !failure.message.isEmpty, "a failure without a reason")
      require(exists(failure.instancePointer, in: value), "a pointer to nothing: \(failure.instancePointer)")
    },
    seeds: { _ in
      [
        joined(#"{"type":"object","properties":{"a":{"type":"integer","minimum":1}},"required":["a"]}"#, #"{"a":2}"#),
        joined(##"{"$defs":{"n":{"items":{"$ref":"#/$defs/n"}}},"$ref":"#/$defs/n"}"##, "[[[]]]"),
        joined(#"{"anyOf":[{"const":1},{"enum":["a",[1],{"b":2}]}],"not":{"type":"null"}}"#, #"{"b":2}"#),
        joined(#"{"patternProperties":{"^a+$":{"pattern":"b|c"}},"unevaluatedProperties":false}"#, #"{"aa":"b"}"#),
        joined(#"{"uniqueItems":true,"contains":{"multipleOf":0.01},"maxContains":9}"#, "[1,2.5,0.25]"),
        joined(
          ##"{"$id":"urn:a","$dynamicAnchor":"x","items":{"$dynamicRef":"#x"},"unevaluatedItems":false}"##, "[[1]]"),
        joined(#"{"format":"date-time","minLength":3,"maxLength":40}"#, #""2026-08-14T00:30:00Z""#),
        joined(#"{"if":{"required":["a"]},"then":{"dependentRequired":{"a":["b"]}},"else":false}"#, #"{"a":1,"b":1}"#),
        joined(#"{"prefixItems":[{"exclusiveMinimum":0},{"maximum":1e9}],"items":{"format":"uuid"}}"#, "[1,2,3]"),
      ]
    })

  /// Two versions and an instance: a schema does not differ from itself; and what is told to break no writer breaks none,
  /// where no object is involved (a new member of an open object breaks nobody, by rule).
  static let schemaChange = FuzzTarget(
    name: "schema-change", dictionary: "schema", maxBytes: 4096,
    check: { bytes in
      let parts = bytes.parts(3)
      var limits = SchemaLimits()
      limits.maxCost = 100_000
      guard let old = try? CompiledSchema.compile(parts[0], limits: limits) else { return }
      if let changes = try? bounded(
        "comparing", { try SchemaDiff.changes(from: parts[0], to: parts[0], limits: limits) })
      {
        require(changes.isEmpty, "a schema differs from itself: \(changes)")
      }
      guard let new = try? CompiledSchema.compile(parts[1], limits: limits) else { return }
      guard
        let changes = try? bounded(
          "comparing", { try SchemaDiff.changes(from: parts[0], to: parts[1], limits: limits) })
      else { return }
      let parser = JSONParser()
      guard !parts[2].contains(UInt8(ascii: "{")), let value = try? parser.parse(parts[2]),
        !changes.contains(where: \.breaksWriters), old.validate(value) == nil
      else { return }
      if let failure = new.validate(value) {
        require(failure.keyword.hasPrefix("$"), "no change breaks a writer, and yet: \(failure)")
      }
    },
    seeds: { _ in
      [
        joined(#"{"type":"integer","maximum":5}"#, #"{"type":"number","maximum":9}"#, "4"),
        joined(#"{"enum":[1,"a"]}"#, #"{"enum":[1,"a",null]}"#, "1"),
        joined(#"{"items":{"type":"string","maxLength":4}}"#, #"{"items":{"type":"string","maxLength":5}}"#, #"["a"]"#),
        joined(##"{"$defs":{"a":{"minimum":2}},"$ref":"#/$defs/a"}"##, #"{"minimum":1}"#, "2"),
        joined(#"{"anyOf":[{"const":1}]}"#, #"{"anyOf":[{"const":1},true]}"#, "1"),
      ]
    })

  /// A pattern and a text: where the small automaton takes the pattern, RE2 says the same of the text.
  static let pattern = FuzzTarget(
    name: "pattern", dictionary: "pattern", maxBytes: 512,
    check: { bytes in
      let parts = bytes.parts(2)
      guard let text = String(validating: parts[0], as: UTF8.self), String(validating: parts[1], as: UTF8.self) != nil
      else { return }
      var work = 200_000
      var none = 0
      guard let small = try? Pattern(text, maxMemory: 1 << 20, work: &work) else { return }
      defer { small.destroy() }
      guard let large = try? Pattern(text, maxMemory: 1 << 20, work: &none) else { return }
      defer { large.destroy() }
      parts[1].withUnsafeBufferPointer { subject in
        require(small.matches(subject) == large.matches(subject), "two engines, two verdicts")
      }
    },
    seeds: { _ in
      [
        joined("^[a-z0-9-]+(\\.[a-z0-9-]+)*$", "a.b-c"), joined("^(a|b){2,3}c?$", "abc"), joined("\\bfoo\\B", "food"),
        joined("[^\\d\\s]\\u00e9", "xé"), joined("\\p{L}+$", "ñandú"), joined("(?:x*)|^$", ""),
        joined("^\\S*[\\w]$", "a"),
      ]
    })

  /// Runs it and traps when it takes more than a second of the processor, twice: under sanitizers, so hundreds of times
  /// what it should take.
  private static func bounded<T, E: Error>(_ what: @autoclosure () -> String, _ body: () throws(E) -> T) throws(E) -> T
  {
    let start = clock()
    let result = try body()
    guard clock() - start > ticks else { return result }
    let again = clock()
    _ = try body()
    require(clock() - again <= ticks, "\(what()) took more than a second")
    return result
  }

  /// Whether a JSON Pointer leads to a value of the instance, or to a member's name there.
  private static func exists(_ pointer: String, in root: JSONValue) -> Bool {
    var value = root
    for token in pointer.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).dropFirst() {
      var name: [UInt8] = []
      var rest = token[...]
      while let byte = rest.popFirst() {
        let isEscape = byte == UInt8(ascii: "~")
        name.append(isEscape ? (rest.popFirst() == UInt8(ascii: "1") ? UInt8(ascii: "/") : byte) : byte)
      }
      let next: JSONValue?
      if value.kind == .array {
        let index = Int(String(decoding: name, as: UTF8.self)) ?? -1
        next = index >= 0 ? value.elements.dropFirst(index).first { _ in true } : nil
      } else {
        next = value[name]
      }
      guard let next else { return false }
      value = next
    }
    return true
  }
}

/// Of `clock`, in a second.
private let ticks = 1_000_000
