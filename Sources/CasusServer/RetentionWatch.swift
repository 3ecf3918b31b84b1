internal import CasusCore
internal import CasusJournal

/// How much of the journal is kept: the settings under `retention`.
public struct RetentionPolicy: Hashable, Sendable {
  /// Remove the oldest segments while all of them together are larger, in bytes.
  public var maxBytes: UInt64?
  /// Remove segments whose last event is older, in seconds.
  public var maxAge: Int?
  /// Whether events that a durable subscription has not acknowledged are removed too, `grace` after that was announced.
  public var cutsNeeded = false
  /// Seconds between the announcement and the removal.
  public var grace = 86_400

  public init() {}
}

/// Remembers which subscriptions hold segments back, and since when. A plain value: time comes in.
struct RetentionWatch {
  struct Held: Hashable {
    var first: UInt64
    var last: UInt64
    /// Steady time in nanoseconds.
    var since: Int64
  }

  struct Judgement: Equatable {
    /// To be told: who holds what back; nothing of it twice.
    var announced: [SubscriptionOwner: ClosedRange<UInt64>] = [:]
    /// To be taken away now: the grace is over.
    var cut: [SubscriptionOwner: ClosedRange<UInt64>] = [:]
  }

  let policy: RetentionPolicy
  private(set) var held: [SubscriptionOwner: Held] = [:]
  private var isCutting: Set<SubscriptionOwner> = []

  init(_ policy: RetentionPolicy) { self.policy = policy }

  /// - Parameter needs: the first sequence that each holder needs.
  mutating func judge(
    _ segments: [PruneReport.Held], _ needs: [SubscriptionOwner: UInt64], at now: Int64
  ) -> Judgement {
    var judgement = Judgement()
    var found: [SubscriptionOwner: Held] = [:]
    for (owner, first) in needs {
      let name = owner.cursorName
      guard let last = segments.last(where: { $0.neededBy.contains(name) })?.last, first <= last else { continue }
      let since = held[owner]?.since ?? now
      found[owner] = Held(first: first, last: last, since: since)
      if held[owner] == nil { judgement.announced[owner] = first...last }
      if policy.cutsNeeded, now - since >= Int64(policy.grace) * 1_000_000_000, !isCutting.contains(owner) {
        isCutting.insert(owner)
        judgement.cut[owner] = first...last
      }
    }
    held = found
    return judgement
  }

  /// What was to be taken away is gone, or could not be read: the next judgement is a new one.
  mutating func hasCut(_ owner: SubscriptionOwner) {
    isCutting.remove(owner)
    held[owner] = nil
  }
}

extension SubscriptionOwner {
  /// As the positions are named.
  var cursorName: String { "\(identity)#\(name)" }
}
