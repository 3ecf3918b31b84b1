internal import IJSON

/// The answer to `ping`.
///
///     {"op":"pong","last":"500"}
public struct Pong: Hashable, Sendable {
  /// The journal's last sequence.
  public var last: UInt64
  public init(last: UInt64) { self.last = last }
}

extension Pong: WireMessage {
  static let op: StaticString = "pong"

  func encodeMembers(into writer: inout JSONWriter) { writer.member("last", sequence: last) }

  init(_ reader: ControlReader) throws(WireError) { self.init(last: try reader.sequence("last")) }

  static func sample(using random: inout some RandomNumberGenerator) -> Pong { Pong(last: random.sequence()) }
}
