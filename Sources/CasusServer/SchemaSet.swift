internal import CasusEvents
internal import FoundationEssentials
internal import IJSON
internal import JSONSchema

/// The schemas that a broker starts with: the vocabulary's own and those of a folder.
struct SchemaSet {
  /// By type.
  private(set) var sources: [String: [UInt8]] = [:]
  private(set) var compiled: [(type: String, schema: CompiledSchema)] = []

  init(folder: String?) throws(ServerError) {
    for schema in EventSchemas.all { try add(schema.type, schema.bytes, from: "the program") }
    guard let folder else { return }
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      throw ServerError(.fileMissing, "\(folder): there is no schema folder")
    }
    let suffix = ".schema.json"
    for name in names.sorted() where name.hasSuffix(suffix) && !name.hasPrefix(".") {
      let path = "\(folder)/\(name)"
      guard let bytes = FileManager.default.contents(atPath: path) else {
        throw ServerError(.fileMissing, "\(path): cannot be read")
      }
      let type = String(name.dropLast(suffix.count))
      guard sources[type] == nil else {
        throw ServerError(.configuration, "\(path): \(type) has a schema already")
      }
      try add(type, Array(bytes), from: path)
    }
  }

  /// The types that have a schema, as JSON: `{"types":["casus.damage.v1",…]}`.
  var list: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.array("types") { json in for type in sources.keys.sorted() { json.string(type) } }
    }
    return json.bytes
  }

  private mutating func add(_ type: String, _ bytes: [UInt8], from place: String) throws(ServerError) {
    do throws(SchemaError) {
      let schema = try CompiledSchema.compile(
        bytes, documents: EventSchemas.shared, assertFormats: true)
      compiled.append((type, schema))
      sources[type] = bytes
    } catch {
      throw ServerError(.configuration, "\(place): the schema of \(type) is refused: \(error)")
    }
  }
}
