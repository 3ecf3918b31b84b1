/// A schema that a plugin brings with `hello` or `schema-add`: a type and the JSON text that its events have to keep.
public struct SchemaOffer: Hashable, Sendable {
  /// `jp.nisc.probe.v1`.
  public var type: String
  /// JSON Schema 2020-12, as UTF-8 text; travels as a string, so that its bytes and their digest stay.
  public var schema: [UInt8]

  public init(type: String, schema: [UInt8]) {
    self.type = type
    self.schema = schema
  }
}
