internal import CasusEvents
internal import CasusNames
internal import IJSON
internal import JSONSchema
internal import SystemFiles

/// A type's schema as it is in force.
struct SchemaEdition: Sendable {
  let type: String
  /// `program`, `folder`, or the plugin that brought it.
  var origin: String
  var bytes: [UInt8]
  let digest: SHA256Digest
  let compiled: CompiledSchema
  /// Whether it leaves the envelope to others: then the broker checks that by its own schema.
  let lacksEnvelope: Bool
  /// What its members say beside each other, for types of the vocabulary.
  let rising: RisingMembers

  /// The program's own vocabulary and the operator's folder are trusted, what plugins bring is not.
  init(_ bytes: [UInt8], of type: String, origin: String) throws(SchemaError) {
    self.type = type
    self.bytes = bytes
    self.origin = origin
    digest = bytes.withUnsafeBytes { SHA256Digest(of: $0) }
    let limits = ["program", "folder"].contains(origin) ? SchemaLimits() : .untrusted
    compiled = try CompiledSchema.compile(
      bytes, documents: EventSchemas.documents, assertFormats: true, limits: limits)
    let parser = JSONParser(limits: JSONLimits(maxBytes: max(bytes.count, 1), maxDepth: 128))
    let reference = bytes.withUnsafeBytes { (try? parser.parse($0))?["$ref"]?.string }
    lacksEnvelope = reference != Self.envelopeName
    rising = RisingMembers(schema: "urn:casus:schema:\(type)")
  }

  /// As the request `schema` answers; the schema as a string, so that its bytes keep their digest.
  var text: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.string("type", type)
      json.string("sha256", digest.hex)
      json.string("origin", origin)
      json.string("schema", String(decoding: bytes, as: UTF8.self))
    }
    return json.bytes
  }

  /// What another edition would break for those who keep to this one.
  func broken(by newer: [UInt8]) throws(SchemaError) -> [SchemaChange] {
    try SchemaDiff.changes(
      from: bytes, to: newer, oldDocuments: EventSchemas.documents, newDocuments: EventSchemas.documents
    ).filter { $0.breaksReaders || $0.breaksWriters }
  }

  /// As the log keeps it.
  var kept: [UInt8] { Array("\(origin)\n".utf8) + bytes }

  static let envelopeName = "urn:casus:schema:cloudevent"
}

/// The schemas in force: the program's vocabulary, those of a folder, and what plugins brought. A plain value.
struct SchemaSet: Sendable {
  /// By type.
  private(set) var editions: [String: SchemaEdition] = [:]

  /// - Parameter kept: what plugins brought in earlier lives of the broker, by type: origin, line feed, schema.
  init(folder: String?, kept: [String: [UInt8]] = [:]) throws(ServerError) {
    for schema in EventSchemas.all { try add(schema.type, schema.bytes, origin: "program", from: "the program") }
    for (type, value) in kept.sorted(by: { $0.key < $1.key }) {
      let (origin, bytes) = Self.split(value)
      try add(type, bytes, origin: origin, from: "the schema that \(origin) brought")
    }
    guard let folder else { return }
    guard let names = try? Files.names(in: folder) else {
      throw ServerError(.noInput, "\(folder): there is no schema folder")
    }
    let suffix = ".schema.json"
    for name in names where name.hasSuffix(suffix) && !name.hasPrefix(".") {
      let path = "\(folder)/\(name)"
      let bytes: [UInt8]
      do throws(SystemError) { bytes = try Files.readPlain(path) } catch {
        throw ServerError(.noInput, error.description)
      }
      let type = String(name.dropLast(suffix.count))
      if let older = editions[type] { try compare(older, bytes, type, path) }
      try add(type, bytes, origin: "folder", from: path)
    }
  }

  mutating func adopt(_ edition: SchemaEdition) { editions[edition.type] = edition }

  private static func split(_ value: [UInt8]) -> (origin: String, bytes: [UInt8]) {
    guard let end = value.firstIndex(of: 0x0A) else { return ("", value) }
    return (String(decoding: value[..<end], as: UTF8.self), Array(value[(end + 1)...]))
  }

  /// The types that have a schema, as JSON: `{"types":["casus.damage.v1",…],"schemas":[{"type":…,"sha256":…},…]}`.
  var list: [UInt8] {
    var json = JSONWriter()
    let types = editions.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    json.object { json in
      json.array("types") { json in for (type, _) in types { json.string(type) } }
      json.array("schemas") { json in
        for (type, edition) in types {
          json.object { json in
            json.string("type", type)
            json.string("sha256", edition.digest.hex)
            json.string("origin", edition.origin)
            json.int("bytes", edition.bytes.count)
          }
        }
      }
    }
    return json.bytes
  }

  /// A folder's schema takes the place of one that a plugin brought only when nobody breaks by it.
  private func compare(
    _ older: SchemaEdition, _ bytes: [UInt8], _ type: String, _ path: String
  ) throws(ServerError) {
    guard older.origin != "program" else {
      throw ServerError(.configuration, "\(path): \(type) belongs to the program's own vocabulary")
    }
    do throws(SchemaError) {
      guard let change = try older.broken(by: bytes).first else { return }
      throw SchemaError(code: .keyword, document: "", pointer: "", message: change.description)
    } catch {
      throw ServerError(
        .configuration,
        "\(path): \(type) has a schema that \(older.origin) brought, and this one does not go with it: \(error.message)"
      )
    }
  }

  private mutating func add(
    _ type: String, _ bytes: [UInt8], origin: String, from place: String
  ) throws(ServerError) {
    do throws(SchemaError) {
      editions[type] = try SchemaEdition(bytes, of: type, origin: origin)
    } catch {
      throw ServerError(.configuration, "\(place): the schema of \(type) is refused: \(error)")
    }
  }
}
