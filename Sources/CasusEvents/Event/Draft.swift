package import IJSON

/// An event before its source is known; the SDK adds the source (and an id where there is none) and sends it.
public struct Draft: Sendable {
  public var type: EventType
  /// Nil: the SDK makes a UUIDv7. Sensors and analyzers give stable ids (``derivedID(_:_:)``), so that a restart
  /// repeats the same event and the broker answers "duplicate".
  public var id: String?
  public var subject: String?
  public var time: Timestamp?
  public var tlp: TLP
  public var exercise: Bool
  /// It rests on replayed events: the broker's stamp says `descends`. Not in its bytes, so that what is derived from a replay is
  /// the same as what was derived at first. The SDK sets it where a draft follows from such an event or names one.
  public var descends = false
  public var correlationid: String?
  public var causationid: String?
  public var traceparent: String?
  public let data: any Payload

  public init<P: Payload>(
    _ data: P, id: String? = nil, subject: String? = nil, time: Timestamp? = nil, tlp: TLP = .amber,
    exercise: Bool = false, correlationid: String? = nil, causationid: String? = nil, traceparent: String? = nil
  ) {
    type = P.type
    self.id = id
    self.subject = subject
    self.time = time
    self.tlp = tlp
    self.exercise = exercise
    self.correlationid = correlationid
    self.causationid = causationid
    self.traceparent = traceparent
    self.data = data
  }

  /// The event's bytes: a CloudEvents 1.0 event in structured JSON mode. Equal drafts give equal bytes: members are
  /// sorted by name, `/` isn't escaped, numbers have their shortest form.
  ///
  /// Throws `EventError` (`id` when there is none, `encoding` when a number cannot stand in JSON).
  public func encoded(source: String) throws -> [UInt8] {
    var json = JSONWriter(capacity: 1024)
    try write(to: &json, source: source)
    return json.finish()
  }

  /// The same, behind what the writer has.
  package func write(to json: inout JSONWriter, source: String) throws {
    guard let id else { throw EventError(.id, "a draft of \(type) without an id") }
    let envelope = Envelope(
      id: id, source: source, type: type, time: time, subject: subject, dataschema: type.schema, tlp: tlp,
      exercise: exercise, correlationid: correlationid, causationid: causationid, traceparent: traceparent)
    do {
      try json.encode(Whole(envelope: envelope, data: data))
    } catch {
      throw EventError(.encoding, "\(error)")
    }
  }
}

private struct Whole: Encodable {
  let envelope: Envelope
  let data: any Payload

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: EnvelopeAttribute.self)
    try envelope.encode(to: &container)
    try container.encode(data, forKey: .data)
  }
}

/// A value as JSON that is the same for equal values: members sorted by the bytes of their names, `/` not escaped, numbers in
/// their shortest form, no white space.
///
/// Not RFC 8785: what is signed or hashed are always bytes as they were written once, never a value written anew.
public func canonicalJSON(_ value: some Encodable) throws(EventError) -> [UInt8] {
  var json = JSONWriter(capacity: 1024)
  do {
    try json.encode(value)
  } catch {
    throw EventError(.encoding, "\(error)")
  }
  return json.bytes
}

/// Reads JSON as a type, as `data(as:)` does. Strict (no member twice, no number that readers disagree about), up to 64 MiB.
///
/// Throws `EventError` (`data`) with the JSON Pointer of what is missing or of the wrong kind; an error that the type itself
/// throws is handed on as it is.
public func readJSON<T: Decodable>(_ type: T.Type, _ bytes: [UInt8]) throws -> T {
  do {
    return try JSONDocument(bytes, limits: JSONLimits(maxBytes: 64 << 20, maxDepth: 64, numbers: .binary64)).decode(
      type)
  } catch let error as JSONError {
    throw EventError(.data, "\(error)")
  }
}
