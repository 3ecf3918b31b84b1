internal import IJSON

/// The meta-schemas of 2020-12 (json-schema.org), made from the table of keywords: they allow what the published ones
/// allow, without their titles and comments.
enum MetaSchemas {
  static let root = Vocabulary.base + "schema"

  /// The document of a URI; nil when it isn't one of these.
  static func document(_ uri: String) -> [UInt8]? {
    if uri == root { return rootDocument }
    let prefix = Vocabulary.base + "meta/"
    guard uri.hasPrefix(prefix) else { return nil }
    let name = uri.dropFirst(prefix.count)
    guard let known = Vocabulary.names.first(where: { $0.name == name }) else { return nil }
    return vocabularyDocument(known.vocabulary, known.name)
  }

  private static var rootDocument: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      head(&json, root, Vocabulary.standard)
      json.array("allOf") { json in
        for (vocabulary, name) in Vocabulary.names where Vocabulary.standard.contains(vocabulary) {
          json.object { $0.string("$ref", "meta/\(name)") }
        }
      }
      // Of earlier drafts: kept from other uses, without effect.
      json.object("properties") { json in
        json.name("definitions")
        value(.schemaMap, &json)
        json.object("dependencies") { json in
          json.string("type", "object")
          json.object("additionalProperties") { json in
            json.array("anyOf") { json in
              value(.schema, &json)
              json.object { $0.string("$ref", "meta/validation#/$defs/stringArray") }
            }
          }
        }
        json.object("$recursiveAnchor") { $0.string("$ref", "meta/core#/$defs/anchorString") }
        json.object("$recursiveRef") { $0.string("$ref", "meta/core#/$defs/uriReferenceString") }
      }
    }
    return json.bytes
  }

  private static func vocabularyDocument(_ vocabulary: Vocabulary, _ name: String) -> [UInt8] {
    // Both vocabularies for `format` have its one keyword.
    let source: Vocabulary = vocabulary == .formatAssertion ? .formatAnnotation : vocabulary
    let keywords = Keyword.all.filter { $0.vocabulary == source }
    var json = JSONWriter()
    json.object { json in
      head(&json, Vocabulary.base + "meta/" + name, vocabulary)
      json.object("properties") { json in
        for keyword in keywords {
          json.name(dynamic: keyword.name)
          value(keyword.form, &json)
        }
      }
      definitions(vocabulary, &json)
    }
    return json.bytes
  }

  private static func head(_ json: inout JSONWriter, _ identifier: String, _ vocabularies: Vocabulary) {
    json.string("$schema", root)
    json.string("$id", identifier)
    json.object("$vocabulary") { json in
      for (vocabulary, name) in Vocabulary.names where vocabularies.contains(vocabulary) {
        json.name(dynamic: Vocabulary.base + "vocab/" + name)
        json.bool(true)
      }
    }
    json.string("$dynamicAnchor", "meta")
    json.array("type") { json in
      json.string("object")
      json.string("boolean")
    }
  }

  private static func value(_ form: Keyword.Form, _ json: inout JSONWriter) {
    func definition(_ name: String) -> (inout JSONWriter) -> Void { { $0.string("$ref", "#/$defs/\(name)") } }
    func type(_ name: String) -> (inout JSONWriter) -> Void { { $0.string("type", name) } }
    func map(_ json: inout JSONWriter, _ form: Keyword.Form, patterns: Bool = false) {
      json.object { json in
        json.string("type", "object")
        json.name("additionalProperties")
        value(form, &json)
        if patterns { json.object("propertyNames") { $0.string("format", "regex") } }
      }
    }
    switch form {
    case .schema: json.object { $0.string("$dynamicRef", "#meta") }
    case .schemaArray: json.object(definition("schemaArray"))
    case .schemaMap: map(&json, .schema)
    case .patternMap: map(&json, .schema, patterns: true)
    case .anchor: json.object(definition("anchorString"))
    case .uri: json.object(definition("uriString"))
    case .uriReference: json.object(definition("uriReferenceString"))
    case .identifier:
      json.object { json in
        json.string("$ref", "#/$defs/uriReferenceString")
        json.string("pattern", "^[^#]*#?$")
      }
    case .string: json.object(type("string"))
    case .boolean: json.object(type("boolean"))
    case .anything: json.bool(true)
    case .array: json.object(type("array"))
    case .number: json.object(type("number"))
    case .positiveNumber:
      json.object { json in
        json.string("type", "number")
        json.int("exclusiveMinimum", 0)
      }
    case .count: json.object(definition("nonNegativeInteger"))
    case .countFromZero: json.object(definition("nonNegativeIntegerDefault0"))
    case .stringArray: json.object(definition("stringArray"))
    case .stringArrayMap: map(&json, .stringArray)
    case .type: typeValue(&json)
    case .vocabularyMap:
      json.object { json in
        json.string("type", "object")
        json.object("propertyNames", definition("uriString"))
        json.object("additionalProperties", type("boolean"))
      }
    case .pattern:
      json.object { json in
        json.string("type", "string")
        json.string("format", "regex")
      }
    }
  }

  private static func typeValue(_ json: inout JSONWriter) {
    json.object { json in
      json.array("anyOf") { json in
        json.object { $0.string("$ref", "#/$defs/simpleTypes") }
        json.object { json in
          json.string("type", "array")
          json.object("items") { $0.string("$ref", "#/$defs/simpleTypes") }
          json.int("minItems", 1)
          json.bool("uniqueItems", true)
        }
      }
    }
  }

  private static func definitions(_ vocabulary: Vocabulary, _ json: inout JSONWriter) {
    func text(_ json: inout JSONWriter, _ name: StaticString, _ key: StaticString, _ value: String) {
      json.object(name) { json in
        json.string("type", "string")
        json.string(key, value)
      }
    }
    switch vocabulary {
    case .core:
      json.object("$defs") { json in
        text(&json, "anchorString", "pattern", "^[A-Za-z_][-A-Za-z0-9._]*$")
        text(&json, "uriString", "format", "uri")
        text(&json, "uriReferenceString", "format", "uri-reference")
      }
    case .applicator:
      json.object("$defs") { json in
        json.object("schemaArray") { json in
          json.string("type", "array")
          json.int("minItems", 1)
          json.name("items")
          value(.schema, &json)
        }
      }
    case .validation:
      json.object("$defs") { json in
        json.object("nonNegativeInteger") { json in
          json.string("type", "integer")
          json.int("minimum", 0)
        }
        json.object("nonNegativeIntegerDefault0") { $0.string("$ref", "#/$defs/nonNegativeInteger") }
        json.object("simpleTypes") { json in
          json.array("enum") { json in
            for type in JSONType.names { json.string(type.name) }
          }
        }
        json.object("stringArray") { json in
          json.string("type", "array")
          json.object("items") { $0.string("type", "string") }
          json.bool("uniqueItems", true)
        }
      }
    default: break
    }
  }
}
