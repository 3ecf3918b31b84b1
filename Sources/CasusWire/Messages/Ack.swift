internal import IJSON

/// Durable subscriptions only: these are done with.
///
///     {"op":"ack","sub":1,"through":"123","also":["130","131"]}
public struct Ack: Hashable, Sendable {
  public var subscription: Int
  /// Every event up to and including this sequence that this session was delivered for the first time and holds: not what
  /// was refused with `nack`, and not what came again.
  public var through: UInt64?
  /// Single ones, also of those that came again.
  public var also: [UInt64]

  public init(subscription: Int, through: UInt64? = nil, also: [UInt64] = []) {
    self.subscription = subscription
    self.through = through
    self.also = also
  }
}

extension Ack: WireMessage {
  static let op: StaticString = "ack"
  static let numberMember: StaticString? = "sub"

  func encodeMembers(into writer: inout JSONWriter) {
    writer.member("sub", subscription)
    writer.member("through", ifPresent: through)
    if !also.isEmpty { writer.member("also", sequences: also) }
  }

  init(_ reader: ControlReader) throws(WireError) {
    self.init(
      subscription: try reader.subscription(), through: try reader.optionalSequence("through"),
      also: try reader.sequences("also"))
  }

  static func sample(using random: inout some RandomNumberGenerator) -> Ack {
    Ack(subscription: random.number(), through: random.optional { $0.sequence() }, also: random.sequences())
  }
}
