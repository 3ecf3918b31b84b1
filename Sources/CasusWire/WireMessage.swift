internal import IJSON

/// What a control frame can say, one type for each `op`. A message's file holds all of it: the type, its text drawn, how it
/// is written and read, and a random sample, so that a member cannot be in one of these and not in the others.
protocol WireMessage: Hashable, Sendable {
  static var op: StaticString { get }
  /// The member with the sender's own number, which a refusal names; nil where there is none.
  static var numberMember: StaticString? { get }

  /// Writes what follows `op`. Allocates nothing but what the writer needs to grow.
  func encodeMembers(into writer: inout JSONWriter)
  /// Errors: `malformed-control`, with the pointer of the member.
  init(_ reader: ControlReader) throws(WireError)
  /// One of the values that it may have, for tests: likely ones, the bounds, and texts that have to be escaped.
  static func sample(using random: inout some RandomNumberGenerator) -> Self
}

extension WireMessage {
  static var numberMember: StaticString? { nil }

  /// Writes the control frame, a document of its own; the writer must be empty.
  func encode(into writer: inout JSONWriter) {
    writer.object { writer in
      writer.name("op")
      Self.op.withUTF8Buffer { writer.string(utf8: $0) }
      encodeMembers(into: &writer)
    }
  }
}

/// The numbers of the protocol: 0 to 2147483647, which every language's integer holds.
let counts = 0...0x7fff_ffff
