internal import CasusWire

/// What a subscription has lost by its overload policy or with a part of the journal, and what was said of it and of its lag. A
/// plain value; times are steady.
struct Losses {
  /// Events beyond which it is told that a durable subscription lags.
  private static let muchLag: UInt64 = 10_000

  /// Since the broker started.
  private(set) var total: UInt64 = 0
  /// What its members are not told yet.
  private(set) var untold: Dropped?
  /// What nobody else is told yet.
  private var unannounced = 0
  private var nextAnnouncement = Int64.min
  private var isLagAnnounced = false

  mutating func count(_ count: Int, first: UInt64, last: UInt64) {
    var dropped = untold ?? Dropped(subscription: 0, first: first, last: last, count: 0)
    dropped.first = min(dropped.first, first)
    dropped.last = max(dropped.last, last)
    dropped.count = min(dropped.count + count, 0x7fff_ffff)
    untold = dropped
    unannounced += count
    total += UInt64(count)
  }

  /// From before the broker started: everyone else was told then.
  mutating func restore(_ count: Int, first: UInt64, last: UInt64) {
    guard count > 0, first > 0, first <= last else { return }
    untold = Dropped(subscription: 0, first: first, last: last, count: min(count, 0x7fff_ffff))
  }

  mutating func takeUntold() -> Dropped? {
    defer { untold = nil }
    return untold
  }

  /// Whether everyone is to be told of it: once when it is far behind, and at most once a second when it loses events.
  mutating func isToTell(lag: UInt64, isWaiting: Bool, isDurable: Bool, at now: Int64) -> Bool {
    if lag == 0, !isWaiting { isLagAnnounced = false }
    if lag > Self.muchLag, isDurable, !isLagAnnounced {
      isLagAnnounced = true
      return true
    }
    return unannounced > 0 && now >= nextAnnouncement
  }

  mutating func told(at now: Int64) {
    unannounced = 0
    nextAnnouncement = now + 1_000_000_000
  }

  /// Another session takes the subscription up: it knows nothing of what was said to others.
  var resumed: Losses {
    var losses = Losses()
    losses.total = total
    losses.untold = untold
    return losses
  }
}
