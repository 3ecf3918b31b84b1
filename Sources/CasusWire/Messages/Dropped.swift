internal import IJSON

/// Matching events that this subscription will not be sent: its overload policy passed over them.
///
///     {"op":"dropped","sub":1,"first":"120","last":"240","count":100}
public struct Dropped: Hashable, Sendable {
  public var subscription: Int
  /// The first and the last of them; in between there may be others that did not match, or were sent.
  public var first: UInt64
  public var last: UInt64
  /// How many since the last such message; 0 when the journal has lost the whole stretch and nobody can say.
  public var count: Int
  public init(subscription: Int, first: UInt64, last: UInt64, count: Int) {
    self.subscription = subscription
    self.first = first
    self.last = last
    self.count = count
  }
}

extension Dropped: WireMessage {
  static let op: StaticString = "dropped"

  func encodeMembers(into writer: inout JSONWriter) {
    writer.member("sub", subscription)
    writer.member("first", sequence: first)
    writer.member("last", sequence: last)
    writer.member("count", count)
  }

  init(_ reader: ControlReader) throws(WireError) {
    self.init(
      subscription: try reader.subscription(), first: try reader.sequence("first"), last: try reader.sequence("last"),
      count: try reader.integer("count", in: counts))
  }

  static func sample(using random: inout some RandomNumberGenerator) -> Dropped {
    Dropped(
      subscription: random.number(), first: random.sequence(), last: random.sequence(), count: random.number())
  }
}
