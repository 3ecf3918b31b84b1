/// A part of the journal is gone, and a person decided to go on without it: `casus.bus.loss.v1`. One decision is told by several, one
/// behind the other, where one has no room for all that is lost.
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

  /// - Parameters:
  ///   - lost: at most `mostLost`, as its schema asks; `all` makes several of more.
  ///   - found: at most `mostFound`, likewise, and at least one.
  public init(journal: String, lost: [ClosedRange<UInt64>], found: [String], by: String, reason: String? = nil) {
    self.journal = journal
    self.lost = lost.map(Stretch.init)
    self.found = found.map { $0.count > Self.mostText ? $0.prefix(Self.mostText - 1) + "…" : $0 }
    self.by = by
    self.reason = reason
  }

  /// What one of them names at most.
  public static let mostLost = 1_000
  public static let mostFound = 100
  private static let mostText = 4_000

  /// As many as it takes to name everything that is lost and everything that was found, in their order: at least one.
  public static func all(
    journal: String, lost: [ClosedRange<UInt64>], found: [String], by: String, reason: String? = nil
  ) -> [BusLoss] {
    let parts = max(1, (lost.count + mostLost - 1) / mostLost, (found.count + mostFound - 1) / mostFound)
    return (0..<parts).map { part in
      let told = Array(found.dropFirst(part * mostFound).prefix(mostFound))
      return BusLoss(
        journal: journal, lost: Array(lost.dropFirst(part * mostLost).prefix(mostLost)),
        found: told.isEmpty ? ["part \(part + 1) of \(parts) of what was lost"] : told, by: by, reason: reason)
    }
  }
}
