internal import IJSON

/// A subscription stands.
///
///     {"op":"subscribed","sub":1,"next":"102","acked":"101","last":"500"}
public struct Subscribed: Hashable, Sendable {
  public var subscription: Int
  /// The first sequence that will be looked at.
  public var next: UInt64
  /// Durable: everything up to here is acknowledged.
  public var acked: UInt64?
  /// The journal's last sequence at this moment.
  public var last: UInt64

  public init(subscription: Int, next: UInt64, acked: UInt64?, last: UInt64) {
    self.subscription = subscription
    self.next = next
    self.acked = acked
    self.last = last
  }
}

extension Subscribed: WireMessage {
  static let op: StaticString = "subscribed"

  func encodeMembers(into writer: inout JSONWriter) {
    writer.member("sub", subscription)
    writer.member("next", sequence: next)
    writer.member("acked", ifPresent: acked)
    writer.member("last", sequence: last)
  }

  init(_ reader: ControlReader) throws(WireError) {
    self.init(
      subscription: try reader.subscription(), next: try reader.sequence("next"),
      acked: try reader.optionalSequence("acked"), last: try reader.sequence("last"))
  }

  static func sample(using random: inout some RandomNumberGenerator) -> Subscribed {
    Subscribed(
      subscription: random.number(), next: random.sequence(), acked: random.optional { $0.sequence() },
      last: random.sequence())
  }
}
