internal import DequeModule

/// Whose turn is to come, and how much may still be done in this one: a subscription with much to be sent, or to be taken back,
/// must not keep the others waiting.
struct Turns {
  /// Pending events that are looked at in one turn, for all subscriptions together; about half a millisecond's work.
  static let mostTakenBack = 4_096

  /// Bytes that the subscription was sent whose turn it is.
  private(set) var sentBytes = 0
  /// Those with more to be sent.
  private var hungry: [SubscriptionKey] = []
  /// Those with more to be taken back.
  private var takingBack: Deque<SubscriptionKey> = []
  /// When the turn for that began (steady time), and how many events may still be looked at in it.
  private var began = Int64.min
  private(set) var leftToTakeBack = 0
  /// The shell was asked to give another turn, and has not yet.
  private(set) var isAsked = false

  // MARK: The shell's

  /// Whether the shell is to be asked for another turn; then it counts as asked.
  mutating func ask() -> Bool {
    defer { isAsked = true }
    return !isAsked
  }

  mutating func given() { isAsked = false }

  // MARK: Sending

  mutating func beginSending() { sentBytes = 0 }
  mutating func sent(_ bytes: Int) { sentBytes += bytes }
  mutating func sendMore(_ key: SubscriptionKey) { hungry.append(key) }

  mutating func takeHungry() -> [SubscriptionKey] {
    defer { hungry = [] }
    return hungry
  }

  // MARK: Taking back

  var isTakingBack: Bool { !takingBack.isEmpty }

  /// All calls of one moment share one turn.
  mutating func beginTakingBack(at now: Int64, anew: Bool = false) {
    guard anew || began != now else { return }
    began = now
    leftToTakeBack = Self.mostTakenBack
  }

  mutating func lookedAt(_ count: Int) { leftToTakeBack -= count }
  mutating func takeBackMore(_ key: SubscriptionKey) { takingBack.append(key) }
  var takingBackCount: Int { takingBack.count }

  /// The next one, as long as the turn lasts.
  mutating func nextToTakeBack() -> SubscriptionKey? { leftToTakeBack > 0 ? takingBack.popFirst() : nil }
}
