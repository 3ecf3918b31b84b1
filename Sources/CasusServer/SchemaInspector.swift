internal import CasusCore
internal import CasusEvents
internal import CasusWire
internal import IJSON
internal import JSONSchema

/// Judges events by the strict reader and their type's schema; one parse an event, on the reader's tape.
struct SchemaInspector: EventInspector {
  private let parser: JSONParser
  /// By the broker's number of the type.
  private var schemas: [SchemaEdition?] = []
  /// For events whose own schema leaves the envelope to others.
  private let envelope: CompiledSchema?
  private var document: JSONValue?
  private(set) var lastID: String?

  init(limits: WireLimits) {
    parser = JSONParser(limits: JSONLimits(maxBytes: limits.eventBytes, maxDepth: 32))
    envelope = EventSchemas.shared[SchemaEdition.envelopeName].flatMap {
      try? CompiledSchema.compile($0, documents: EventSchemas.shared, assertFormats: true)
    }
  }

  mutating func register(_ schema: SchemaEdition, for type: UInt16) {
    while schemas.count <= Int(type) { schemas.append(nil) }
    schemas[Int(type)] = schema
  }

  mutating func open(_ event: UnsafeRawBufferPointer) throws(WireError) -> EventFacts {
    document = nil
    lastID = nil
    let root: JSONValue
    do throws(JSONError) {
      root = try parser.parse(event)
    } catch {
      let place = error.offset.map { " at byte \($0)" } ?? ""
      throw WireError(.notJSON, "\(error.message)\(place)", pointer: error.pointer)
    }
    guard root.kind == .object else { throw WireError(.notCloudEvent, "an event is an object", pointer: "") }
    lastID = root["id"]?.string
    guard let version = root["specversion"], version.isString("1.0") else {
      throw WireError(.notCloudEvent, "specversion must be \"1.0\"", pointer: "/specversion")
    }
    let id = try text(root["id"], "/id")
    let source = try text(root["source"], "/source")
    let type = try text(root["type"], "/type")
    var time: Timestamp?
    if let value = root["time"] {
      time = value.string.flatMap { Timestamp(rfc3339: $0) }
      guard time != nil else { throw WireError(.notCloudEvent, "time must be an RFC 3339 time", pointer: "/time") }
    }
    var exercise = false
    if let value = root["exercise"] {
      guard let flag = value.bool else {
        throw WireError(.notCloudEvent, "exercise must be true or false", pointer: "/exercise")
      }
      exercise = flag
    }
    guard let tlp = root["tlp"]?.string.flatMap(TLP.init) else {
      throw WireError(
        .notCloudEvent, "tlp must be RED, AMBER+STRICT, AMBER, GREEN or CLEAR", pointer: "/tlp")
    }
    document = root
    return EventFacts(id: id, source: source, type: type, time: time, exercise: exercise, tlp: tlp)
  }

  private func text(_ value: JSONValue?, _ pointer: String) throws(WireError) -> UnsafeBufferPointer<UInt8> {
    guard let utf8 = value?.utf8, !utf8.isEmpty else {
      throw WireError(.notCloudEvent, "a non-empty string is required", pointer: pointer)
    }
    guard utf8.count <= 512 else {
      throw WireError(.notCloudEvent, "longer than 512 bytes", pointer: pointer)
    }
    return utf8
  }

  mutating func validate(type: UInt16, name: UnsafeBufferPointer<UInt8>) throws(WireError) {
    guard Int(type) < schemas.count, let schema = schemas[Int(type)], let document else {
      throw WireError(
        .unknownType, "no schema for '\(String(decoding: name.prefix(100), as: UTF8.self))'", pointer: "/type")
    }
    if schema.lacksEnvelope, let failure = envelope?.validate(document) {
      throw refusal(failure, SchemaEdition.envelopeName)
    }
    guard let failure = schema.compiled.validate(document) else { return }
    throw refusal(failure, "urn:casus:schema:\(String(decoding: name, as: UTF8.self))")
  }

  private func refusal(_ failure: ValidationFailure, _ schema: String) -> WireError {
    WireError(
      .schema, failure.message, pointer: failure.instancePointer, schema: schema, schemaPointer: failure.schemaPointer)
  }
}
