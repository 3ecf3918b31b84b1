/// What an event says about itself beside its `data`: the CloudEvents 1.0 attributes that Casus uses.
public struct Envelope: Hashable, Sendable {
  /// With `source` unique: the dedup key.
  public var id: String
  /// Who says so, `//jp.nisc/suricata-1`.
  public var source: String
  public var type: EventType
  /// When it happened or was found, by the source's own clock; order comes from the journal, never from this.
  public var time: Timestamp?
  /// What it is about: an asset, an incident or a case.
  public var subject: String?
  public var dataschema: String?
  public var tlp: TLP
  /// Part of an exercise: never evidence in a live case.
  public var exercise: Bool
  public var correlationid: String?
  public var causationid: String?
  /// W3C trace context.
  public var traceparent: String?

  public init(
    id: String, source: String, type: EventType, time: Timestamp? = nil, subject: String? = nil,
    dataschema: String? = nil, tlp: TLP, exercise: Bool = false, correlationid: String? = nil,
    causationid: String? = nil, traceparent: String? = nil
  ) {
    self.id = id
    self.source = source
    self.type = type
    self.time = time
    self.subject = subject
    self.dataschema = dataschema
    self.tlp = tlp
    self.exercise = exercise
    self.correlationid = correlationid
    self.causationid = causationid
    self.traceparent = traceparent
  }
}

extension Envelope: Encodable {
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: EnvelopeAttribute.self)
    try encode(to: &container)
  }

  func encode(to container: inout KeyedEncodingContainer<EnvelopeAttribute>) throws {
    try container.encode("1.0", forKey: .specversion)
    try container.encode(id, forKey: .id)
    try container.encode(source, forKey: .source)
    try container.encode(type, forKey: .type)
    try container.encodeIfPresent(time, forKey: .time)
    try container.encodeIfPresent(subject, forKey: .subject)
    try container.encode("application/json", forKey: .datacontenttype)
    try container.encodeIfPresent(dataschema, forKey: .dataschema)
    try container.encode(tlp, forKey: .tlp)
    if exercise { try container.encode(true, forKey: .exercise) }
    try container.encodeIfPresent(correlationid, forKey: .correlationid)
    try container.encodeIfPresent(causationid, forKey: .causationid)
    try container.encodeIfPresent(traceparent, forKey: .traceparent)
  }
}
