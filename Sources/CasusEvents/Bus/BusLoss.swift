/// A part of the journal is gone, and a person decided to go on without it: `casus.bus.loss.v1`.
public struct BusLoss: Payload, Hashable {
  public static let type = EventType.busLoss
  /// Who tells what happened to a journal while no broker had it.
  public static let sender = "casus/journal"

  public struct Stretch: Codable, Hashable, Sendable {
    public var first: String
    public var last: String

    public init(_ range: ClosedRange<UInt64>) {
      first = String(range.lowerBound)
      last = String(range.upperBound)
    }

    /// Nil for what is none.
    public var range: ClosedRange<UInt64>? {
      guard let first = UInt64(first), let last = UInt64(last), first <= last else { return nil }
      return first...last
    }
  }

  /// The journal's id.
  public var journal: String
  /// Sequences whose events are gone, or that were never given to one; none of them is given again.
  public var lost: [Stretch]
  /// What was found, a sentence each.
  public var found: [String]
  /// Who decided, and why.
  public var by: String
  public var reason: String?

  public init(journal: String, lost: [ClosedRange<UInt64>], found: [String], by: String, reason: String? = nil) {
    self.journal = journal
    self.lost = lost.prefix(1_000).map(Stretch.init)
    self.found = found.prefix(100).map { String($0.prefix(4_000)) }
    self.by = by
    self.reason = reason
  }
}
