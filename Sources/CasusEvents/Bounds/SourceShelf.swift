/// Who has put something on a shelf: the authenticated publisher, and under it the source that the event names. They differ where
/// somebody plays a capture again, and there a source is a claim like any other.
public struct Holder: Hashable, Sendable {
  public let sender: String
  public let source: String

  public init(sender: String, source: String) {
    self.sender = sender
    self.source = source
  }

  public init(_ event: RecordedEvent) {
    self.init(sender: event.stamp.sender, source: event.envelope.source)
  }
}

/// What is kept of a stream, by key, within bounds that one publisher cannot fill at the others' cost: what falls is the oldest
/// of whoever holds most, so that a flood drives out nothing but itself.
///
/// At least `capacity` entries stay, and at most an eighth more. Who holds most is asked of publishers first, then of that
/// publisher's sources; of those that hold equally many the first by name gives. The same events in the same order leave
/// the same on every shelf: `Tests/Vectors/shelf.json` holds Swift and Python to it.
///
/// A value. An insertion costs some hashing; once the shelf is full, a look at everything for each eighth of it.
public struct SourceShelf<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private struct Entry: Sendable {
    var value: Value
    let holder: Holder
    /// Which insertion it was: a key that was removed and came again is another entry.
    let number: UInt64
  }

  private struct Place: Sendable {
    let key: Key
    let number: UInt64
  }

  public let capacity: Int
  private var entries: [Key: Entry] = [:]
  /// The oldest first; of some the entry is gone.
  private var order: [Place] = []
  private var number: UInt64 = 0
  /// What had to go, by whose it was.
  public private(set) var fallen = Fallen()

  public init(capacity: Int) { self.capacity = max(1, capacity) }

  private var most: Int { capacity + capacity / 8 }

  public var count: Int { entries.count }

  public subscript(key: Key) -> Value? { entries[key]?.value }

  /// Keeps a value; what was there under its key keeps its age and its holder. Gives what fell for it, the oldest first.
  @discardableResult
  public mutating func insert(_ value: Value, for key: Key, of holder: Holder) -> [(key: Key, value: Value)] {
    if entries[key] != nil {
      entries[key]?.value = value
      return []
    }
    number += 1
    entries[key] = Entry(value: value, holder: holder, number: number)
    order.append(Place(key: key, number: number))
    if entries.count > most { return makeRoom() }
    if order.count >= 2 * most + 16 { order.removeAll { [entries] in entries[$0.key]?.number != $0.number } }
    return []
  }

  @discardableResult
  public mutating func remove(_ key: Key) -> Value? { entries.removeValue(forKey: key)?.value }

  private mutating func makeRoom() -> [(key: Key, value: Value)] {
    var held: [String: [String: Int]] = [:]
    for entry in entries.values { held[entry.holder.sender, default: [:]][entry.holder.source, default: 0] += 1 }
    var losses: [Holder: Int] = [:]
    let bySender = held.mapValues { $0.values.reduce(0, +) }
    for (sender, loss) in FairShares.losses(of: bySender, down: entries.count - capacity) {
      for (source, loss) in FairShares.losses(of: held[sender] ?? [:], down: loss) {
        losses[Holder(sender: sender, source: source)] = loss
      }
    }
    var gone: [(key: Key, value: Value)] = []
    var rest: [Place] = []
    rest.reserveCapacity(entries.count)
    for place in order {
      guard let entry = entries[place.key], entry.number == place.number else { continue }
      if let loss = losses[entry.holder], loss > 0 {
        losses[entry.holder] = loss - 1
        entries[place.key] = nil
        fallen.count(entry.holder.sender)
        gone.append((place.key, entry.value))
      } else {
        rest.append(place)
      }
    }
    order = rest
    return gone
  }
}

/// What fell off a shelf, counted by publisher.
public struct Fallen: Hashable, Sendable {
  public private(set) var bySender: [String: Int] = [:]

  public init() {}

  public var total: Int { bySender.values.reduce(0, +) }

  mutating func count(_ sender: String) { bySender[sender, default: 0] += 1 }

  /// `40 reports of 2 publishers were forgotten for want of room, most of jp.nisc/outage-1`; nil where none was.
  public func note(of what: String) -> String? {
    guard let most = bySender.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) else { return nil }
    let publishers = bySender.count == 1 ? "1 publisher" : "\(bySender.count) publishers"
    return "\(total) \(what) of \(publishers) were forgotten for want of room, most of \(most.key)"
  }
}
