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
  /// What one durable subscription may hold back beyond the limits, in bytes and in seconds since it was recorded: the rest goes,
  /// whatever `cutsNeeded` says.
  public var heldBytes: UInt64 = 8 << 30
  public var heldAge = 2_592_000
  /// Seconds for which something is held back for a plugin that the registry does not know any more.
  public var gone = 3_600

  public init() {}
}

/// Remembers which subscriptions hold segments back, and since when. A plain value: time comes in.
struct RetentionWatch {
  struct Held: Hashable {
    var first: UInt64
    var last: UInt64
    /// Steady time in nanoseconds.
    var since: Int64
    /// Of the segments that it holds.
    var bytes: UInt64 = 0
  }

  struct Judgement: Equatable {
    /// To be told: who holds what back; nothing of it twice.
    var announced: [SubscriptionOwner: ClosedRange<UInt64>] = [:]
    /// To be taken away now: the grace is over, or it is more than one subscription may hold.
    var cut: [SubscriptionOwner: ClosedRange<UInt64>] = [:]
    /// To be forgotten: whose they were is gone for too long.
    var forgotten: [SubscriptionOwner] = []
  }

  let policy: RetentionPolicy
  private(set) var held: [SubscriptionOwner: Held] = [:]
  private var isCutting: Set<SubscriptionOwner> = []
  /// Subscriptions of plugins that the registry does not know, and since when.
  private var goneSince: [SubscriptionOwner: Int64] = [:]
  /// A look at the journal is not over.
  private var isLooking = false
  /// What subscriptions needed at the look before.
  private var earlierNeeds: [SubscriptionOwner: UInt64] = [:]
  private var isAgeUncertain = false
  /// Events taken away from a subscription in a removal that is not over.
  private var dropped: [SubscriptionOwner: Int] = [:]

  init(_ policy: RetentionPolicy) { self.policy = policy }

  /// A look begins, unless the one before is not over. Returns what subscriptions need as it was a look ago: positions of that age
  /// are on disk, so that a broker that is killed now still finds there what it said it had removed.
  mutating func begin(_ current: [SubscriptionOwner: UInt64]) -> [SubscriptionOwner: UInt64]? {
    guard !isLooking else { return nil }
    isLooking = true
    defer { earlierNeeds = current }
    return current.merging(earlierNeeds.filter { current[$0.key] != nil }) { min($0, $1) }
  }

  mutating func ended() { isLooking = false }

  /// Whether it is new that nothing is removed for its age.
  mutating func becomesUncertain(_ isUncertain: Bool) -> Bool {
    defer { isAgeUncertain = isUncertain }
    return isUncertain && !isAgeUncertain
  }

  mutating func drop(_ count: Int, of owner: SubscriptionOwner) { dropped[owner, default: 0] += count }

  /// - Parameters:
  ///   - needs: the first sequence that each holder needs.
  ///   - gone: those whose plugin, or whose group, the registry does not know.
  ///   - now: steady time.
  ///   - wall: when it is, for what is too old; nil while the journal's times are not to be trusted.
  mutating func judge(
    _ segments: [PruneReport.Held], _ needs: [SubscriptionOwner: UInt64], gone: Set<SubscriptionOwner> = [],
    at now: Int64, wall: UInt64? = nil
  ) -> Judgement {
    var judgement = Judgement()
    goneSince = goneSince.filter { gone.contains($0.key) }
    for owner in gone.sorted(by: { $0.cursorName < $1.cursorName }) {
      let since = goneSince[owner] ?? now
      goneSince[owner] = since
      if now - since >= Int64(Retention.nanoseconds(policy.gone)) { judgement.forgotten.append(owner) }
    }
    var found: [SubscriptionOwner: Held] = [:]
    var heldBy: [String: [PruneReport.Held]] = [:]
    for segment in segments { for name in segment.neededBy { heldBy[name, default: []].append(segment) } }
    for (owner, first) in needs {
      guard let own = heldBy[owner.cursorName], let last = own.last?.last, first <= last else { continue }
      let since = held[owner]?.since ?? now
      found[owner] = Held(first: first, last: last, since: since, bytes: own.reduce(0) { $0 + $1.bytes })
      if held[owner] == nil { judgement.announced[owner] = first...last }
      guard !isCutting.contains(owner) else { continue }
      let isOver = policy.cutsNeeded && now - since >= Int64(Retention.nanoseconds(policy.grace))
      guard let end = isOver ? last : tooMuch(own, wall), first <= end else { continue }
      isCutting.insert(owner)
      judgement.cut[owner] = first...end
    }
    held = found
    return judgement
  }

  /// The last event of what is more than one subscription may hold; nil when it holds less.
  private func tooMuch(_ segments: [PruneReport.Held], _ wall: UInt64?) -> UInt64? {
    var held = segments.reduce(0) { $0 + $1.bytes }
    var end: UInt64?
    let age = Retention.nanoseconds(policy.heldAge)
    for segment in segments {
      let isTooOld = wall.map { $0 > age && segment.end < $0 - age } ?? false
      guard isTooOld || held > policy.heldBytes else { break }
      end = segment.last
      held -= segment.bytes
    }
    return end
  }

  /// What was to be taken away is gone, or could not be read: the next judgement is a new one. Returns how many events it were.
  mutating func hasCut(_ owner: SubscriptionOwner) -> Int {
    isCutting.remove(owner)
    held[owner] = nil
    return dropped.removeValue(forKey: owner) ?? 0
  }
}

extension SubscriptionOwner {
  /// As the positions are named.
  var cursorName: String { "\(identity)#\(name)" }
}
