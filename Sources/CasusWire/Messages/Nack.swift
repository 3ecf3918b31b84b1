internal import IJSON

/// Durable subscriptions only: these could not be processed; send them again.
///
///     {"op":"nack","sub":1,"sequences":["124"],"delay_ms":1000,"reason":"no such asset"}
public struct Nack: Hashable, Sendable {
  public var subscription: Int
  public var sequences: [UInt64]
  /// Milliseconds to wait before sending again; nil: what the subscription's back-off says.
  public var delay: Int?
  public var reason: String

  public init(subscription: Int, sequences: [UInt64], delay: Int? = nil, reason: String = "") {
    self.subscription = subscription
    self.sequences = sequences
    self.delay = delay
    self.reason = reason
  }
}

extension Nack: WireMessage {
  static let op: StaticString = "nack"
  static let numberMember: StaticString? = "sub"

  func encodeMembers(into writer: inout JSONWriter) {
    writer.member("sub", subscription)
    writer.member("sequences", sequences: sequences)
    writer.member("delay_ms", ifPresent: delay)
    writer.member("reason", reason)
  }

  init(_ reader: ControlReader) throws(WireError) {
    self.init(
      subscription: try reader.subscription(), sequences: try reader.sequences("sequences"),
      delay: try reader.optionalInteger("delay_ms", in: 0...Subscribe.mostWait),
      reason: try reader.optionalString("reason") ?? "")
  }

  static func sample(using random: inout some RandomNumberGenerator) -> Nack {
    Nack(
      subscription: random.number(), sequences: random.sequences(),
      delay: random.optional { $0.number(in: 0...Subscribe.mostWait) },
      reason: random.text())
  }
}
