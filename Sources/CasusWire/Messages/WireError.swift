internal import IJSON

/// Why the broker refused something: a code of the table, the place, and words for people. A part of `error`, and of each
/// element of `refused` in `published`.
///
///     "code":303,"name":"schema","retriable":true,"pointer":"/data/severity_id","schema":"urn:casus:schema:casus.effect.v1",
///     "schema_pointer":"/properties/data/…","message":"…"
public struct WireError: Error, Hashable, Sendable {
  public var code: WireErrorCode
  /// What exactly was wrong, for people; nothing may recognise an error by it.
  public var message: String
  /// JSON Pointer (RFC 6901) into the event or the control frame.
  public var pointer: String?
  /// The schema that was broken, by `$id`.
  public var schema: String?
  /// JSON Pointer into that schema.
  public var schemaPointer: String?
  /// Whether the same bytes may be accepted later: what the table says of the code, or the broker beside a code that may be
  /// of a later version.
  public private(set) var isRetriable: Bool

  public init(
    _ code: WireErrorCode, _ message: String? = nil, pointer: String? = nil, schema: String? = nil,
    schemaPointer: String? = nil
  ) {
    self.code = code
    self.message = message ?? code.summary
    self.pointer = pointer
    self.schema = schema
    self.schemaPointer = schemaPointer
    isRetriable = code.isRetriable
  }
}

extension WireError {
  func encodeMembers(into writer: inout JSONWriter) {
    writer.member("code", code.rawValue)
    writer.member("name", code.name)
    writer.flag("retriable", isRetriable)
    writer.member("pointer", ifPresent: pointer)
    writer.member("schema", ifPresent: schema)
    writer.member("schema_pointer", ifPresent: schemaPointer)
    writer.member("message", message)
  }

  /// A code that this version does not know reads as `internal`, with its number in the message.
  init(_ reader: ControlReader) throws(WireError) {
    let number = try reader.integer("code", in: counts)
    let message = try reader.string("message")
    let code = WireErrorCode(rawValue: number)
    self.init(
      code ?? .internal, code == nil ? "code \(number): \(message)" : message,
      pointer: try reader.optionalString("pointer"), schema: try reader.optionalString("schema"),
      schemaPointer: try reader.optionalString("schema_pointer"))
    isRetriable = try reader.flag("retriable")
  }

  static func sample(using random: inout some RandomNumberGenerator) -> WireError {
    WireError(
      random.pick(WireErrorCode.allCases), random.text(), pointer: random.optional { $0.text() },
      schema: random.optional { $0.text() }, schemaPointer: random.optional { $0.text() })
  }
}
