import CasusWire
import DequeModule

/// What a durable subscription's reader was handed, what it is done with, and what is left to tell the broker. A plain value.
///
/// The broker may take `through` to mean every event up to there, also one that was refused and waits to be sent again. So
/// nothing is acknowledged past a refused event by `through`: what lies behind it waits until the refused one came again or
/// its time is over (it is in quarantine then), and goes out one by one. An analyzer that restarts meanwhile gets it
/// again, in order. Events that come out of their order (redelivered ones, one that an operator took out of quarantine) are
/// always acknowledged one by one. In a group all are: what this member does not have, others may.
struct AckTracker {
  enum Mark: Equatable {
    case working
    case done
    /// Acknowledged to the broker by itself.
    case told
    /// Not processed; by then it should have come again.
    case refused(until: ContinuousClock.Instant)
  }

  private struct Item {
    var sequence: UInt64
    var mark: Mark
    /// To be acknowledged by itself.
    var isSingle: Bool
  }

  /// At most as many single ones as a control frame holds with ease.
  static let mostSingles = 1024

  /// Rising by sequence; what is settled at the front is gone.
  private var items: Deque<Item> = []
  /// Everything handed up to here is settled.
  private(set) var through: UInt64
  /// Where this process began: what is older and comes all the same was taken out of quarantine by an operator.
  private let base: UInt64
  /// Refused ones that never came again, so that one from quarantine is handed once more.
  private var quarantined: Deque<UInt64> = []
  private var told: UInt64
  private var singles: [UInt64] = []
  /// The subscription is a group's.
  private let isShared: Bool

  /// - Parameter acked: the position that the broker names when the subscription begins.
  init(acked: UInt64, isShared: Bool = false) {
    self.isShared = isShared
    base = acked
    through = acked
    told = acked
  }

  var isEmpty: Bool { items.isEmpty }

  /// Whether something came again that the broker has to be told of again.
  var hasNews: Bool { !singles.isEmpty }

  /// Whether a delivered event is to be handed to the reader; not when it has it already.
  mutating func admit(_ sequence: UInt64, redelivered: Bool = false) -> Bool {
    let place = lowerBound(sequence)
    if place < items.count, items[place].sequence == sequence {
      items[place].isSingle = true
      switch items[place].mark {
      case .working, .done: return false
      case .told:
        // The session that was told so is gone.
        items[place].mark = .done
        return false
      case .refused:
        items[place].mark = .working
        return true
      }
    }
    if !isShared, sequence > base, sequence <= through, !quarantined.contains(sequence) {
      singles.append(sequence)
      return false
    }
    if let known = quarantined.firstIndex(of: sequence) { quarantined.remove(at: known) }
    let isLate = place < items.count || sequence <= through
    items.insert(Item(sequence: sequence, mark: .working, isSingle: redelivered || isLate), at: place)
    return true
  }

  /// The reader is done with this one.
  mutating func finish(_ sequence: UInt64) {
    let place = lowerBound(sequence)
    guard place < items.count, items[place].sequence == sequence, items[place].mark == .working else { return }
    items[place].mark = .done
  }

  /// The reader is done with everything it was handed up to here, but for what it refused.
  mutating func finish(through sequence: UInt64) {
    for place in items.indices {
      if items[place].sequence > sequence { break }
      if items[place].mark == .working { items[place].mark = .done }
    }
  }

  /// The reader could not process it. False when it doesn't have it.
  mutating func refuse(_ sequence: UInt64, until: ContinuousClock.Instant) -> Bool {
    let place = lowerBound(sequence)
    guard place < items.count, items[place].sequence == sequence, items[place].mark == .working else { return false }
    // Whoever of the group gets it next, it is not this one's any more.
    if isShared { items.remove(at: place) } else { items[place].mark = .refused(until: until) }
    return true
  }

  /// What to tell the broker now; nil when there is nothing new. Ask until it is nil.
  mutating func takeAck(subscription: Int, now: ContinuousClock.Instant) -> Ack? {
    if isShared {
      for item in items where item.mark == .done { singles.append(item.sequence) }
      items.removeAll { $0.mark == .done }
    } else {
      settle(now)
    }
    if case .refused(let until)? = items.first?.mark, until <= now {
      for place in items.indices where items[place].mark == .done {
        singles.append(items[place].sequence)
        items[place].mark = .told
      }
    }
    var ack = Ack(subscription: subscription)
    if through > told {
      ack.through = through
      told = through
    }
    ack.also = Array(singles.prefix(Self.mostSingles))
    singles.removeFirst(ack.also.count)
    return ack.through == nil && ack.also.isEmpty ? nil : ack
  }

  /// A new session: the broker sends again what it was not told of, and is told again of what it sends.
  mutating func startSession() {
    for place in items.indices where items[place].mark == .told {
      items[place].mark = .done
      items[place].isSingle = true
    }
  }

  /// When waiting for a refused one ends, if one is in the way.
  var nextDeadline: ContinuousClock.Instant? {
    guard case .refused(let until)? = items.first?.mark, items.contains(where: { $0.mark == .done }) else { return nil }
    return until
  }

  private mutating func settle(_ now: ContinuousClock.Instant) {
    while let first = items.first {
      switch first.mark {
      case .told: break
      case .done: if first.isSingle { singles.append(first.sequence) }
      case .working: return
      case .refused(let until):
        // Long after it should have come again; only then may `through` pass it.
        guard until + .seconds(60) <= now else { return }
        quarantined.append(first.sequence)
        if quarantined.count > 10_000 { quarantined.removeFirst() }
      }
      through = max(through, first.sequence)
      items.removeFirst()
    }
  }

  private func lowerBound(_ sequence: UInt64) -> Int {
    if let last = items.last, last.sequence < sequence { return items.count }
    var low = 0
    var high = items.count
    while low < high {
      let middle = (low + high) / 2
      if items[middle].sequence < sequence { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
