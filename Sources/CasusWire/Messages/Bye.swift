internal import IJSON

/// Ends the session, from either side.
///
///     {"op":"bye","reason":"done"}
public struct Bye: Hashable, Sendable {
  public var reason: String
  public init(reason: String = "") { self.reason = reason }
}

extension Bye: WireMessage {
  static let op: StaticString = "bye"

  func encodeMembers(into writer: inout JSONWriter) { writer.member("reason", reason) }

  init(_ reader: ControlReader) throws(WireError) {
    self.init(reason: try reader.optionalString("reason") ?? "")
  }

  static func sample(using random: inout some RandomNumberGenerator) -> Bye { Bye(reason: random.text()) }
}
