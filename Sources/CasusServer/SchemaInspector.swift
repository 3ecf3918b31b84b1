internal import CasusCore
internal import CasusEvents
internal import CasusWire
internal import IJSON
internal import JSONSchema

/// Judges events by the strict reader and their type's schema; one parse an event, on the reader's tape.
struct SchemaInspector: EventInspector {
  private let parser: JSONParser
  private let eventBytes: Int
  /// For an event with attributes that are null, written again without them.
  private let second: JSONParser
  /// By the broker's number of the type.
  private var schemas: [SchemaEdition?] = []
  /// For events whose own schema leaves the envelope to others.
  private let envelope: CompiledSchema
  private(set) var document: JSONValue?
  /// The data of the same event.
  private(set) var data: JSONValue?
  var references: [ReferenceFacts] = []
  /// Bytes of the event opened last.
  private var bytes = 0
  private(set) var lastSteps = 0

  init(limits: Limits) {
    eventBytes = limits.eventBytes
    parser = JSONParser(limits: JSONLimits(maxBytes: limits.eventBytes, maxDepth: 32))
    // A number may be longer when it is written again; how long the event is has been judged by then.
    second = JSONParser(limits: JSONLimits(maxBytes: limits.eventBytes * 8, maxDepth: 32, numbers: .binary64))
    guard let bytes = EventSchemas.shared[SchemaEdition.envelopeName],
      let schema = try? CompiledSchema.compile(bytes, documents: EventSchemas.shared, assertFormats: true)
    else { preconditionFailure("the envelope's schema was built into this program but cannot be compiled") }
    envelope = schema
  }

  mutating func adopt(_ schema: SchemaEdition, for type: UInt16) {
    while schemas.count <= Int(type) { schemas.append(nil) }
    schemas[Int(type)] = schema
  }

  /// Where the id of the event opened last stands in the parser's buffers.
  private var id: UnsafeBufferPointer<UInt8>?

  /// A copy, made only when somebody asks: of a refused event.
  var lastID: String? { id.map { String(decoding: $0, as: UTF8.self) } }

  mutating func open(_ event: UnsafeRawBufferPointer) throws(WireError) -> EventFacts {
    document = nil
    data = nil
    id = nil
    references.removeAll(keepingCapacity: true)
    lastSteps = 0
    bytes = event.count
    guard bytes <= eventBytes else {
      throw WireError(.eventTooLarge, "the event has \(bytes) bytes; taken are \(eventBytes)")
    }
    let parsed: JSONValue
    do throws(JSONError) {
      parsed = try parser.parse(event)
    } catch {
      let place = error.offset.map { " at byte \($0)" } ?? ""
      throw WireError(.notJSON, "\(error.message)\(place)", pointer: error.pointer)
    }
    guard parsed.kind == .object else { throw WireError(.notCloudEvent, "an event is an object", pointer: "") }
    let all = EnvelopeMembers(parsed)
    let root = all.hasNulls ? try withoutNulls(parsed) : parsed
    let members = all.hasNulls ? EnvelopeMembers(root) : all
    func member(_ attribute: EnvelopeAttribute) -> JSONValue? { members.value(attribute, in: root) }
    id = member(.id)?.utf8
    guard let version = member(.specversion), version.isString("1.0") else {
      throw WireError(.notCloudEvent, "specversion must be \"1.0\"", pointer: "/specversion")
    }
    let id = try text(member(.id), "/id")
    let source = try text(member(.source), "/source")
    let type = try text(member(.type), "/type")
    var time: Timestamp?
    if let value = member(.time) {
      time = value.utf8.flatMap { Timestamp(rfc3339: $0) }
      guard time != nil else { throw WireError(.notCloudEvent, "time must be an RFC 3339 time", pointer: "/time") }
    }
    var exercise = false
    if let value = member(.exercise) {
      guard let flag = value.bool else {
        throw WireError(.notCloudEvent, "exercise must be true or false", pointer: "/exercise")
      }
      exercise = flag
    }
    guard let tlp = member(.tlp)?.utf8.flatMap({ TLP($0) }) else {
      throw WireError(
        .notCloudEvent, "tlp must be RED, AMBER+STRICT, AMBER, GREEN or CLEAR", pointer: "/tlp")
    }
    document = root
    data = member(.data)
    return EventFacts(id: id, source: source, type: type, time: time, exercise: exercise, tlp: tlp)
  }

  /// The event as if the attributes that are null were not there: CloudEvents' JSON format takes null for "not set", whatever
  /// a schema says of the attribute.
  private func withoutNulls(_ event: JSONValue) throws(WireError) -> JSONValue {
    var writer = JSONWriter()
    writer.object { writer in
      event.forEachMember { name, value in
        guard !value.isNull else { return }
        writer.name(dynamic: String(decoding: name, as: UTF8.self))
        writer.value(value)
      }
    }
    do throws(JSONError) {
      return try second.parse(writer.bytes)
    } catch {
      throw WireError(.notJSON, error.message, pointer: error.pointer)
    }
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
    var steps = 0
    if schema.lacksEnvelope {
      let failure = envelope.validate(document, bytes: bytes, steps: &steps)
      lastSteps = steps
      if let failure { throw refusal(failure, SchemaEdition.envelopeName) }
    }
    let failure = schema.compiled.validate(document, bytes: bytes, steps: &steps)
    lastSteps += steps
    if let failure { throw refusal(failure, "urn:casus:schema:\(String(decoding: name, as: UTF8.self))") }
    if !schema.rising.isEmpty, let fault = schema.rising.fault(in: document) {
      throw WireError(
        .schema, fault.message, pointer: fault.pointer,
        schema: "urn:casus:schema:\(String(decoding: name, as: UTF8.self))", schemaPointer: fault.schemaPointer)
    }
  }

  private func refusal(_ failure: ValidationFailure, _ schema: String) -> WireError {
    WireError(
      failure.keyword == "$cost" ? .tooCostly : .schema, failure.message, pointer: failure.instancePointer,
      schema: schema, schemaPointer: failure.schemaPointer)
  }
}
