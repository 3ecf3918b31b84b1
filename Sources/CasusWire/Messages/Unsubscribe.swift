internal import IJSON

/// Leaves a subscription.
///
///     {"op":"unsubscribe","sub":1,"forget":true}
public struct Unsubscribe: Hashable, Sendable {
  public var subscription: Int
  /// A durable subscription is forgotten with its position, not only left.
  public var forget: Bool

  public init(subscription: Int, forget: Bool = false) {
    self.subscription = subscription
    self.forget = forget
  }
}

extension Unsubscribe: WireMessage {
  static let op: StaticString = "unsubscribe"
  static let numberMember: StaticString? = "sub"

  func encodeMembers(into writer: inout JSONWriter) {
    writer.member("sub", subscription)
    writer.flag("forget", forget)
  }

  init(_ reader: ControlReader) throws(WireError) {
    self.init(subscription: try reader.subscription(), forget: try reader.flag("forget"))
  }

  static func sample(using random: inout some RandomNumberGenerator) -> Unsubscribe {
    Unsubscribe(subscription: random.number(), forget: random.flag())
  }
}
