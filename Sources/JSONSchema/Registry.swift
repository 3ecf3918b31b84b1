internal import IJSON

/// A schema document while schemas are compiled: its bytes parsed, and which of its values are schemas.
final class SchemaDocument {
  struct Location {
    var resource: Int
    var pointer: JSONPointer
  }

  let number: Int
  /// The URI it was found under; empty for a schema that has none.
  let uri: String
  /// Keeps the values alive.
  private let parser: JSONParser
  let root: JSONValue
  /// The schemas, by tape index.
  var locations: [Int: Location] = [:]

  init(_ bytes: [UInt8], uri: String, number: Int, limits: SchemaLimits) throws(SchemaError) {
    self.number = number
    self.uri = uri
    parser = JSONParser(limits: .init(maxBytes: limits.maxBytes, maxDepth: limits.maxDepth, numbers: .binary64))
    do {
      root = try parser.parse(bytes)
    } catch {
      let isLimit = error.code == .size || error.code == .depth
      throw SchemaError(
        code: isLimit ? .limit : .json, document: uri, pointer: error.pointer ?? "",
        message: "\(error.code.rawValue): \(error.message)\(error.offset.map { ", at byte \($0)" } ?? "")")
    }
  }
}

/// A schema resource (Core, section 4.3.5): a schema with an identifier of its own, and the anchors in it.
struct SchemaResource {
  let document: SchemaDocument
  let root: JSONValue
  /// What its references are resolved against.
  let base: String
  var vocabulary: Vocabulary
  /// Why its schemas can't be compiled, when its dialect isn't known here. Told only when one is used.
  var dialectError: SchemaError?
  var anchors: [String: Int] = [:]
  var dynamicAnchors: [String: Int] = [:]
}

/// Every schema resource that a compilation may reach, by URI. Documents are parsed when they are first needed.
final class Registry {
  private let given: [String: [UInt8]]
  let limits: SchemaLimits
  private(set) var documents: [SchemaDocument] = []
  private(set) var resources: [SchemaResource] = []
  private var byURI: [String: Int] = [:]
  private var loaded: Set<String> = []

  init(_ documents: [String: [UInt8]], limits: SchemaLimits) {
    given = Dictionary(
      documents.map { (Self.withoutFragment($0.key), $0.value) }, uniquingKeysWith: { first, _ in first })
    self.limits = limits
  }

  /// Parses a document and finds its resources; the first of them is the document's own.
  @discardableResult
  func load(_ bytes: [UInt8], uri: String) throws(SchemaError) -> Int {
    let document = try SchemaDocument(bytes, uri: uri, number: documents.count, limits: limits)
    documents.append(document)
    let first = resources.count
    try index(document.root, document, resource: nil, JSONPointer())
    if byURI[uri] == nil { byURI[uri] = first }
    return first
  }

  /// The resource of an absolute URI without fragment; nil when nothing that was given has that name.
  func resource(_ uri: String) throws(SchemaError) -> Int? {
    if let known = byURI[uri] { return known }
    if let bytes = given[uri] ?? MetaSchemas.document(uri), loaded.insert(uri).inserted {
      return try load(bytes, uri: uri)
    }
    // A document may hold resources of other names than its own.
    for key in given.keys.sorted() where loaded.insert(key).inserted {
      try load(given[key] ?? [], uri: key)
    }
    return byURI[uri]
  }

  private func index(
    _ value: JSONValue, _ document: SchemaDocument, resource outer: Int?, _ pointer: JSONPointer
  ) throws(SchemaError) {
    guard value.kind == .object else {
      if let outer {
        document.locations[value.index] = .init(resource: outer, pointer: pointer)
      } else {
        document.locations[value.index] = .init(resource: resources.count, pointer: pointer)
        resources.append(SchemaResource(document: document, root: value, base: document.uri, vocabulary: .standard))
      }
      return
    }
    let resource = try enter(value, document, outer, pointer)
    document.locations[value.index] = .init(resource: resource, pointer: pointer)
    try indexAnchor(value, "$anchor", document, resource, pointer)
    try indexAnchor(value, "$dynamicAnchor", document, resource, pointer)
    let vocabulary = resources[resource].vocabulary
    for member in value.members {
      let name = String(decoding: member.name, as: UTF8.self)
      guard let keyword = Keyword.byName[name], vocabulary.contains(keyword.vocabulary) else { continue }
      var inner = pointer
      inner.append(name: member.name)
      switch keyword.form {
      case .schema: try index(member.value, document, resource: resource, inner)
      case .schemaArray:
        for (position, element) in member.value.elements.enumerated() {
          var each = inner
          each.append(index: position)
          try index(element, document, resource: resource, each)
        }
      case .schemaMap, .patternMap:
        for entry in member.value.members {
          var each = inner
          each.append(name: entry.name)
          try index(entry.value, document, resource: resource, each)
        }
      default: break
      }
    }
  }

  /// The resource that a schema object stands in: a new one when it has an identifier or is a document's root.
  private func enter(
    _ value: JSONValue, _ document: SchemaDocument, _ outer: Int?, _ pointer: JSONPointer
  ) throws(SchemaError) -> Int {
    let identifier = value["$id"]?.string.map(Self.withoutFragment)
    if let outer, identifier == nil || identifier == "" { return outer }
    let parent = outer.map { resources[$0] }
    var base = parent?.base ?? document.uri
    if let identifier, !identifier.isEmpty { base = URIReference.resolve(URIReference(identifier), against: base) }
    var resource = SchemaResource(
      document: document, root: value, base: base, vocabulary: parent?.vocabulary ?? .standard,
      dialectError: parent?.dialectError)
    if let dialect = value["$schema"]?.string {
      do {
        resource.vocabulary = try vocabulary(ofDialect: Self.withoutFragment(dialect), document, pointer)
        resource.dialectError = nil
      } catch {
        resource.dialectError = error
      }
    }
    let number = resources.count
    resources.append(resource)
    if let known = byURI[base], base != document.uri || outer != nil {
      guard resources[known].document !== document else {
        throw SchemaError(
          code: .duplicateIdentifier, document: document.uri, pointer: pointer.text,
          message: "the identifier \(base) names two schemas")
      }
    } else if identifier != nil || outer == nil {
      byURI[base] = number
    }
    return number
  }

  private func indexAnchor(
    _ value: JSONValue, _ keyword: StaticString, _ document: SchemaDocument, _ resource: Int, _ pointer: JSONPointer
  ) throws(SchemaError) {
    guard let name = value[keyword]?.string else { return }
    if let known = resources[resource].anchors[name], known != value.index {
      throw SchemaError(
        code: .duplicateIdentifier, document: document.uri, pointer: pointer.text,
        message: "the anchor \(name) names two schemas")
    }
    resources[resource].anchors[name] = value.index
    if keyword.utf8CodeUnitCount == 14 { resources[resource].dynamicAnchors[name] = value.index }
  }

  /// Core, section 8.1: a dialect is told by the vocabularies of its meta-schema.
  private func vocabulary(
    ofDialect uri: String, _ document: SchemaDocument, _ pointer: JSONPointer
  ) throws(SchemaError) -> Vocabulary {
    if uri == MetaSchemas.root { return .standard }
    func refuse(_ message: String) -> SchemaError {
      SchemaError(code: .dialect, document: document.uri, pointer: pointer.text + "/$schema", message: message)
    }
    guard let bytes = given[uri] else { throw refuse("the dialect \(uri) is not known: only 2020-12 is") }
    let meta = try SchemaDocument(bytes, uri: uri, number: -1, limits: limits)
    guard meta.root["$schema"]?.string.map(Self.withoutFragment) == MetaSchemas.root else {
      throw refuse("the dialect \(uri) is not one of 2020-12")
    }
    guard let map = meta.root["$vocabulary"] else { return .standard }
    var result: Vocabulary = .core
    for member in map.members {
      let name = String(decoding: member.name, as: UTF8.self)
      if let known = Vocabulary(uri: name) {
        result.insert(known)
      } else if member.value.bool == true {
        throw refuse("the dialect \(uri) needs the vocabulary \(name), which is not known")
      }
    }
    return result
  }

  static func withoutFragment(_ uri: String) -> String {
    guard let hash = uri.utf8.firstIndex(of: UInt8(ascii: "#")) else { return uri }
    return String(uri[..<hash])
  }
}
