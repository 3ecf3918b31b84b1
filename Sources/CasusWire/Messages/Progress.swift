internal import IJSON

/// The journal holds nothing more for this subscription up to here.
///
///     {"op":"progress","sub":1,"through":"500"}
public struct Progress: Hashable, Sendable {
  public var subscription: Int
  public var through: UInt64
  public init(subscription: Int, through: UInt64) {
    self.subscription = subscription
    self.through = through
  }
}

extension Progress: WireMessage {
  static let op: StaticString = "progress"

  func encodeMembers(into writer: inout JSONWriter) {
    writer.member("sub", subscription)
    writer.member("through", sequence: through)
  }

  init(_ reader: ControlReader) throws(WireError) {
    self.init(subscription: try reader.subscription(), through: try reader.sequence("through"))
  }

  static func sample(using random: inout some RandomNumberGenerator) -> Progress {
    Progress(subscription: random.number(), through: random.sequence())
  }
}
