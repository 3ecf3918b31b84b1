/// The vocabularies of 2020-12 that are known here, as a set.
struct Vocabulary: OptionSet, Hashable {
  let rawValue: UInt8

  static let core = Vocabulary(rawValue: 1)
  static let applicator = Vocabulary(rawValue: 2)
  static let unevaluated = Vocabulary(rawValue: 4)
  static let validation = Vocabulary(rawValue: 8)
  static let metaData = Vocabulary(rawValue: 16)
  static let formatAnnotation = Vocabulary(rawValue: 32)
  static let formatAssertion = Vocabulary(rawValue: 64)
  static let content = Vocabulary(rawValue: 128)

  /// What a schema without `$schema`, or with 2020-12's own, uses.
  static let standard: Vocabulary = [
    .core, .applicator, .unevaluated, .validation, .metaData, .formatAnnotation, .content,
  ]

  static let base = "https://json-schema.org/draft/2020-12/"

  static let names: [(vocabulary: Vocabulary, name: String)] = [
    (.core, "core"), (.applicator, "applicator"), (.unevaluated, "unevaluated"), (.validation, "validation"),
    (.metaData, "meta-data"), (.formatAnnotation, "format-annotation"), (.formatAssertion, "format-assertion"),
    (.content, "content"),
  ]

  init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// The vocabulary of a URI; nil when it isn't one of these.
  init?(uri: String) {
    let prefix = Self.base + "vocab/"
    guard uri.hasPrefix(prefix) else { return nil }
    let name = uri.dropFirst(prefix.count)
    guard let known = Self.names.first(where: { $0.name == name }) else { return nil }
    self = known.vocabulary
  }
}

/// A keyword that this library knows: its vocabulary and what its value must be. The meta-schemas are made from this
/// table, the index of a document's subschemas and the compiler's checks read it.
struct Keyword {
  enum Form: Hashable {
    case schema, schemaArray, schemaMap
    case anchor, uri, uriReference, identifier
    case string, boolean, anything, array
    case number, positiveNumber, count, countFromZero
    case stringArray, stringArrayMap, type, vocabularyMap, pattern, patternMap
  }

  let name: String
  let vocabulary: Vocabulary
  let form: Form

  /// JSON Schema 2020-12, Core sections 8, 10 and 11, and Validation sections 6 to 9.
  static let all: [Keyword] = {
    func make(_ vocabulary: Vocabulary, _ forms: [(String, Form)]) -> [Keyword] {
      forms.map { Keyword(name: $0.0, vocabulary: vocabulary, form: $0.1) }
    }
    return make(
      .core,
      [
        ("$id", .identifier), ("$schema", .uri), ("$ref", .uriReference), ("$anchor", .anchor),
        ("$dynamicRef", .uriReference), ("$dynamicAnchor", .anchor), ("$vocabulary", .vocabularyMap),
        ("$comment", .string), ("$defs", .schemaMap),
      ])
      + make(
        .applicator,
        [
          ("prefixItems", .schemaArray), ("items", .schema), ("contains", .schema), ("additionalProperties", .schema),
          ("properties", .schemaMap), ("patternProperties", .patternMap), ("dependentSchemas", .schemaMap),
          ("propertyNames", .schema), ("if", .schema), ("then", .schema), ("else", .schema), ("allOf", .schemaArray),
          ("anyOf", .schemaArray), ("oneOf", .schemaArray), ("not", .schema),
        ])
      + make(.unevaluated, [("unevaluatedItems", .schema), ("unevaluatedProperties", .schema)])
      + make(
        .validation,
        [
          ("type", .type), ("const", .anything), ("enum", .array), ("multipleOf", .positiveNumber),
          ("maximum", .number), ("exclusiveMaximum", .number), ("minimum", .number), ("exclusiveMinimum", .number),
          ("maxLength", .count), ("minLength", .countFromZero), ("pattern", .pattern), ("maxItems", .count),
          ("minItems", .countFromZero), ("uniqueItems", .boolean), ("maxContains", .count), ("minContains", .count),
          ("maxProperties", .count), ("minProperties", .countFromZero), ("required", .stringArray),
          ("dependentRequired", .stringArrayMap),
        ])
      + make(
        .metaData,
        [
          ("title", .string), ("description", .string), ("default", .anything), ("deprecated", .boolean),
          ("readOnly", .boolean), ("writeOnly", .boolean), ("examples", .array),
        ])
      + make(.formatAnnotation, [("format", .string)])
      + make(
        .content, [("contentEncoding", .string), ("contentMediaType", .string), ("contentSchema", .schema)])
  }()

  static let byName: [String: Keyword] = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
}
