internal import IJSON

/// Announces the batch frame behind it, a `DeliverBatchReader`'s.
///
///     {"op":"deliver","sub":1,"count":2,"senders":["jp.nisc/suricata-1"],"through":"104"} + batch
public struct Deliver: Hashable, Sendable {
  public var subscription: Int
  public var count: Int
  /// The senders that the records' index points into.
  public var senders: [String]
  /// Everything up to here has been looked at for this subscription.
  public var through: UInt64

  public init(subscription: Int, count: Int, senders: [String], through: UInt64) {
    self.subscription = subscription
    self.count = count
    self.senders = senders
    self.through = through
  }
}

extension Deliver: WireMessage {
  static let op: StaticString = "deliver"

  func encodeMembers(into writer: inout JSONWriter) {
    writer.member("sub", subscription)
    writer.member("count", count)
    writer.member("senders", senders)
    writer.member("through", sequence: through)
  }

  init(_ reader: ControlReader) throws(WireError) {
    self.init(
      subscription: try reader.subscription(), count: try reader.integer("count", in: counts),
      senders: try reader.strings("senders"), through: try reader.sequence("through"))
  }

  static func sample(using random: inout some RandomNumberGenerator) -> Deliver {
    Deliver(
      subscription: random.number(), count: random.number(), senders: random.texts(), through: random.sequence())
  }
}
