public import CasusEvents

/// An event that a subscriber could not process as often as it may be tried.
public struct QuarantinedEvent: Hashable, Codable, Sendable {
  public var sequence: UInt64
  public var type: String
  public var attempts: Int
  /// The subscriber's last word on it.
  public var reason: String
  /// The event's marking: the reason may tell what the event says.
  public var tlp: TLP
  /// When it came here.
  public var time: Timestamp

  public init(sequence: UInt64, type: String, attempts: Int, reason: String, tlp: TLP, time: Timestamp) {
    self.sequence = sequence
    self.type = type
    self.attempts = attempts
    self.reason = reason
    self.tlp = tlp
    self.time = time
  }
}

/// What one subscription could not process, until a person looks. Events come in any order and many at a time; they are put in
/// order when somebody asks for them.
struct Quarantine {
  private(set) var events: [QuarantinedEvent] = []
  /// They rise by sequence.
  private var isRising = true

  init(_ events: [QuarantinedEvent] = []) { for event in events { add(event) } }

  var count: Int { events.count }

  mutating func add(_ event: QuarantinedEvent) {
    if let last = events.last, last.sequence > event.sequence { isRising = false }
    events.append(event)
  }

  /// The lowest sequence.
  var first: UInt64? {
    mutating get {
      sort()
      return events.first?.sequence
    }
  }

  /// The places of one event, or of all, behind a sequence. They hold until the next change.
  mutating func places(of sequence: UInt64?, after: UInt64) -> Range<Int> {
    sort()
    guard let sequence else { return lowerBound(after &+ 1)..<count }
    let place = lowerBound(sequence)
    return place..<(sequence > after && place < count && events[place].sequence == sequence ? place + 1 : place)
  }

  mutating func remove(_ places: Range<Int>) -> [QuarantinedEvent] {
    defer { events.removeSubrange(places) }
    return Array(events[places])
  }

  private mutating func sort() {
    if !isRising { events.sort { $0.sequence < $1.sequence } }
    isRising = true
  }

  private func lowerBound(_ sequence: UInt64) -> Int { events.firstPlace { $0.sequence < sequence } }
}
