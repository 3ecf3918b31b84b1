internal import IJSON

/// A subscription was left.
///
///     {"op":"unsubscribed","sub":1}
public struct Unsubscribed: Hashable, Sendable {
  public var subscription: Int
  public init(subscription: Int) { self.subscription = subscription }
}

extension Unsubscribed: WireMessage {
  static let op: StaticString = "unsubscribed"

  func encodeMembers(into writer: inout JSONWriter) { writer.member("sub", subscription) }

  init(_ reader: ControlReader) throws(WireError) { self.init(subscription: try reader.subscription()) }

  static func sample(using random: inout some RandomNumberGenerator) -> Unsubscribed {
    Unsubscribed(subscription: random.number())
  }
}
