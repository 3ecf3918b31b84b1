import CasusWire
import DequeModule

/// What a durable subscription's reader was handed, what it is done with, and what is left to tell the broker. A plain value.
///
/// The broker takes `through` for what it sent this session for the first time and what was not refused (PROTOCOL.md, section
/// 5), so that a refused event holds nothing up and nobody has to guess when it comes again. What came again, what is left from
/// an earlier session and all of a group's events are acknowledged by name. `Tests/Vectors/acks.json` has it step by step.
struct AckTracker {
  private struct Item {
    var sequence: UInt64
    var isDone = false
    /// To be acknowledged by name.
    var isNamed: Bool
  }

  /// At most as many as a control frame holds with ease.
  static let mostNamed = 1024

  /// With the reader, or done and not told yet; rising by sequence.
  private var items: Deque<Item> = []
  private var namedDone = 0
  private var finished = RecentlyDone()
  /// Done ones that the broker is to be told of by name.
  private var named: [UInt64] = []
  /// Every first delivery up to here is done with or was refused.
  private(set) var through: UInt64
  private var told: UInt64
  /// The subscription is a group's: what lies between its events may be other members'.
  private let isShared: Bool

  /// - Parameter acked: the position that the broker names when the subscription begins.
  init(acked: UInt64, isShared: Bool = false) {
    self.isShared = isShared
    through = acked
    told = acked
  }

  var isEmpty: Bool { items.isEmpty }

  /// The first event that is with the reader and not done; nil without one.
  var firstOpen: UInt64? { items.first { !$0.isDone }?.sequence }

  /// Whether something came again that the broker has to be told of again.
  var hasNews: Bool { !named.isEmpty }

  /// Whether a delivered event is to be handed to the reader; not when it has it, or was done with it lately.
  mutating func admit(_ sequence: UInt64, redelivered: Bool = false) -> Bool {
    let place = lowerBound(sequence)
    if place < items.count, items[place].sequence == sequence {
      name(at: place)
      return false
    }
    if finished.contains(sequence) {
      // The broker did not hear of it, or forgot.
      named.append(sequence)
      return false
    }
    items.insert(Item(sequence: sequence, isNamed: isShared || redelivered || sequence <= through), at: place)
    return true
  }

  /// The reader is done with this one.
  mutating func finish(_ sequence: UInt64) {
    let place = lowerBound(sequence)
    guard place < items.count, items[place].sequence == sequence else { return }
    finish(at: place)
  }

  /// The reader is done with everything it was handed up to here, but for what it refused.
  mutating func finish(through sequence: UInt64) {
    for place in items.indices {
      if items[place].sequence > sequence { break }
      finish(at: place)
    }
  }

  /// The reader could not process it: it is as if it had not come. False when the reader doesn't have it.
  mutating func refuse(_ sequence: UInt64) -> Bool {
    let place = lowerBound(sequence)
    guard place < items.count, items[place].sequence == sequence, !items[place].isDone else { return false }
    items.remove(at: place)
    return true
  }

  /// A new session: the broker takes `through` for what it sends from now on.
  mutating func startSession() {
    for place in items.indices { name(at: place) }
  }

  /// What to tell the broker now; nil when there is nothing new. Ask until it is nil.
  mutating func takeAck(subscription: Int) -> Ack? {
    settle()
    var ack = Ack(subscription: subscription)
    if through > told {
      ack.through = through
      told = through
    }
    ack.also = Array(named.prefix(Self.mostNamed))
    named.removeFirst(ack.also.count)
    return ack.through == nil && ack.also.isEmpty ? nil : ack
  }

  private mutating func name(at place: Int) {
    guard !items[place].isNamed else { return }
    items[place].isNamed = true
    if items[place].isDone { namedDone += 1 }
  }

  private mutating func finish(at place: Int) {
    guard !items[place].isDone else { return }
    items[place].isDone = true
    if items[place].isNamed { namedDone += 1 }
  }

  /// Takes out what is done: the named ones wherever they stand, the others as far as nothing before them is worked at.
  private mutating func settle() {
    if namedDone > 0 {
      items.removeAll { item in
        guard item.isNamed, item.isDone else { return false }
        finished.insert(item.sequence)
        named.append(item.sequence)
        return true
      }
      namedDone = 0
    }
    while let first = items.first, first.isDone {
      finished.insert(first.sequence)
      through = first.sequence
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
