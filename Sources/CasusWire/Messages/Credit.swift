internal import IJSON

/// Allows the broker to deliver this much more.
///
///     {"op":"credit","sub":1,"events":512,"bytes":1048576}
public struct Credit: Hashable, Sendable {
  public var subscription: Int
  public var events: Int
  public var bytes: Int

  public init(subscription: Int, events: Int, bytes: Int) {
    self.subscription = subscription
    self.events = events
    self.bytes = bytes
  }
}

extension Credit: WireMessage {
  static let op: StaticString = "credit"
  static let numberMember: StaticString? = "sub"

  func encodeMembers(into writer: inout JSONWriter) {
    writer.member("sub", subscription)
    writer.member("events", events)
    writer.member("bytes", bytes)
  }

  init(_ reader: ControlReader) throws(WireError) {
    self.init(
      subscription: try reader.subscription(), events: try reader.integer("events", in: counts),
      bytes: try reader.integer("bytes", in: counts))
  }

  static func sample(using random: inout some RandomNumberGenerator) -> Credit {
    Credit(subscription: random.number(), events: random.number(), bytes: random.number())
  }
}
