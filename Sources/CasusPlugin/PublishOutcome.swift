internal import CasusWire

/// What became of a published event.
public enum PublishOutcome: Hashable, Sendable {
  /// The broker keeps it, at `sequence`. `duplicate`: it had it before, byte for byte. `durability` says how it is kept:
  /// `disk`, `replicated` or `memory`.
  case accepted(sequence: UInt64, duplicate: Bool, durability: String)
  /// The broker will never take these bytes from this plugin.
  case refused(Refusal)
}

/// Why the broker refused an event: a code of the wire's error table, and the place.
public struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
  /// `303`; codes never change their meaning.
  public var code: Int
  /// `schema`
  public var name: String
  /// JSON Pointer (RFC 6901) into the event.
  public var pointer: String?
  /// The schema that was broken, by its `$id`.
  public var schema: String?
  /// For people.
  public var message: String

  public init(code: Int, name: String, pointer: String? = nil, schema: String? = nil, message: String) {
    self.code = code
    self.name = name
    self.pointer = pointer
    self.schema = schema
    self.message = message
  }

  init(_ error: WireError) {
    self.init(
      code: error.code.rawValue, name: error.code.name, pointer: error.pointer, schema: error.schema,
      message: error.message)
  }

  public var description: String {
    let place = pointer.map { " at \($0.isEmpty ? "the whole event" : $0)" } ?? ""
    return "\(code) \(name)\(place): \(message)"
  }
}
