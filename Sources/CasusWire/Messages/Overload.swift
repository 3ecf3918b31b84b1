internal import IJSON

/// A part of `subscribe`: what happens to a subscriber that does not keep up.
///
///     "overload":{"policy":"drop-oldest","events":1000,"bytes":1048576}
public struct Overload: Hashable, Sendable {
  public enum Policy: String, CaseIterable, Sendable {
    /// The journal is the queue: the subscription waits where it is.
    case block
    /// More than the bound is waiting: the oldest ones that were never sent are passed over, counted and told.
    case dropOldest = "drop-oldest"
    /// More than the bound came since the subscription began and waits: the session ends with `too-slow`.
    case disconnect
  }

  public var policy: Policy
  /// Matching events that may wait to be sent. 1 to `mostEvents`.
  public var events: Int
  /// Their bytes together.
  public var bytes: Int

  public init(_ policy: Policy = .block, events: Int = 10_000, bytes: Int = Overload.mostBytes) {
    self.policy = policy
    self.events = events
    self.bytes = bytes
  }

  public static let mostEvents = 100_000
  public static let mostBytes = 0x7fff_ffff

  func encode(into writer: inout JSONWriter) {
    writer.member("policy", policy.rawValue)
    writer.member("events", events)
    writer.member("bytes", bytes)
  }

  init(ifPresent reader: ControlReader?) throws(WireError) {
    guard let reader else {
      self.init()
      return
    }
    self.init(try reader.word("policy"))
    if let number = try reader.optionalInteger("events", in: 1...Self.mostEvents) { events = number }
    if let number = try reader.optionalInteger("bytes", in: 1...Self.mostBytes) { bytes = number }
  }

  static func sample(using random: inout some RandomNumberGenerator) -> Overload {
    guard random.flag() else { return Overload() }
    return Overload(
      random.pick(Policy.allCases), events: random.number(in: 1...mostEvents), bytes: random.number(in: 1...mostBytes))
  }
}
