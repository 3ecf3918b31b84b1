internal import CasusEvents
internal import DequeModule
internal import HeapModule

/// What a subscription has matched and nobody is done with: with a subscriber, resting until it is sent again, ready to be
/// sent again, or waiting to be sent for the first time. A plain value.
///
/// One deque holds the events in rising order; what happens next stands in structures of their own (`timers`, `ready`,
/// `parked`) that name sequences and are checked against the deque when their turn comes. So an acknowledgement touches the
/// deque alone, and a tick looks at what is due and nothing else. Costs, with n pending: adding and acknowledging in
/// order amortised O(1), finding one O(log n), sending again O(log n).
struct PendingEvents {
  enum State: UInt8 {
    /// With a subscriber, until `time`.
    case held
    /// To be sent again, not before `time`.
    case resting
    /// To be sent again now.
    case ready
    /// Never sent: nobody could take it.
    case parked
    case done
  }

  struct Event {
    var sequence: UInt64
    /// Steady time, in nanoseconds.
    var time: Int64
    /// Bytes of the event.
    var size: UInt32
    /// The member that has it, or had it last; 0 for none.
    var holder: UInt32
    /// Deliveries so far.
    var attempts: UInt16
    var type: UInt16
    /// The least clearance that may read it.
    var level: ClearanceLevel
    var state: State
    var wasSent: Bool
    /// Its last delivery was not its first.
    var isRepeat = false
    /// Something between this event and the one before it in the deque was finished and taken out.
    var isBehindDone = false
  }

  /// A look at some events at a time; several share one, so that a batch costs one entry.
  private struct Timer: Comparable {
    var time: Int64
    var first: UInt64
    var last: UInt64
    static func < (a: Timer, b: Timer) -> Bool { (a.time, a.first) < (b.time, b.first) }
  }

  private var events: Deque<Event> = []
  private var timers = Heap<Timer>()
  /// By clearance level.
  private var ready: [Heap<UInt64>] = Array(repeating: [], count: ClearanceLevel.count)
  private var parked: [Deque<UInt64>] = Array(repeating: [], count: ClearanceLevel.count)
  /// Done ones that are still in the deque.
  private var doneCount = 0
  private(set) var parkedCount = 0
  private(set) var parkedBytes = 0
  /// Something after the last event in the deque was finished and taken out.
  private var endsBehindDone = false
  /// The last words of subscribers on events that are to be sent again.
  private var reasons: [UInt64: String] = [:]

  /// Enough for a bad hour; what is beyond goes to quarantine without words.
  private static let mostReasons = 4_096

  /// Pending ones.
  var count: Int { events.count - doneCount }
  /// Those that a subscriber was sent.
  var sentCount: Int { count - parkedCount }
  /// The oldest pending one.
  var first: UInt64? { events.first?.sequence }

  // MARK: Adding

  mutating func append(_ event: Event) {
    var event = event
    event.isBehindDone = endsBehindDone
    endsBehindDone = false
    if event.state == .parked {
      parked[event.level.place].append(event.sequence)
      parkedCount += 1
      parkedBytes += Int(event.size)
    }
    events.append(event)
  }

  /// Sets the alarm for what was just handed out, all of it until the same time.
  mutating func watch(_ first: UInt64, _ last: UInt64, until time: Int64) {
    if timers.count > 64 + 2 * count { renewTimers() }
    timers.insert(Timer(time: time, first: first, last: last))
  }

  /// Puts some back that were finished, ready to be sent at once; they rise. Costs a look at everything pending.
  mutating func putBack(_ new: [Event]) {
    guard !new.isEmpty else { return }
    var rest = new[...]
    var merged: Deque<Event> = []
    merged.reserveCapacity(events.count + new.count)
    // Between two pending events everything is finished or did not match: what was said to be stays so.
    var isBehindNew = false
    func take(_ event: Event, isBehindDone: Bool) {
      var event = event
      event.state = .ready
      event.isBehindDone = isBehindDone
      merged.append(event)
      ready[event.level.place].insert(event.sequence)
      isBehindNew = true
    }
    for var event in events {
      while let next = rest.first, next.sequence < event.sequence { take(rest.removeFirst(), isBehindDone: true) }
      event.isBehindDone = event.isBehindDone || isBehindNew
      isBehindNew = false
      if let next = rest.first, next.sequence == event.sequence {
        rest.removeFirst()
        if event.state == .done {
          doneCount -= 1
          take(next, isBehindDone: event.isBehindDone)
          isBehindNew = false
          continue
        }
      }
      merged.append(event)
    }
    for event in rest { take(event, isBehindDone: true) }
    endsBehindDone = endsBehindDone || isBehindNew
    events = merged
  }

  /// The cursor passes something that an earlier life of the broker has finished.
  mutating func passOver() { if !events.isEmpty { endsBehindDone = true } }

  // MARK: Looking

  /// The place of a pending event.
  func place(of sequence: UInt64) -> Int? {
    let place = lowerBound(sequence)
    guard place < events.count, events[place].sequence == sequence, events[place].state != .done else { return nil }
    return place
  }

  subscript(place: Int) -> Event {
    get { events[place] }
    set { events[place] = newValue }
  }

  func reason(of sequence: UInt64) -> String { reasons[sequence] ?? "" }

  mutating func note(_ reason: String, on sequence: UInt64) {
    guard reasons.count < Self.mostReasons || reasons[sequence] != nil else { return }
    reasons[sequence] = reason
  }

  /// Notes a reason unless there is one.
  mutating func noteFirst(_ reason: @autoclosure () -> String, on sequence: UInt64) {
    guard reasons.count < Self.mostReasons, reasons[sequence] == nil else { return }
    reasons[sequence] = reason()
  }

  /// The places of some events from a sequence on.
  func places(from sequence: UInt64, most: Int) -> Range<Int> {
    let first = lowerBound(sequence)
    return first..<min(events.count, first + most)
  }

  /// The event that follows; nil when there is none.
  func sequence(behind places: Range<Int>) -> UInt64? {
    places.upperBound < events.count ? events[places.upperBound].sequence : nil
  }

  /// The oldest event to be sent again that a reader of this clearance may have.
  mutating func nextReady(_ clearance: ClearanceLevel) -> UInt64? {
    var oldest: UInt64?
    for level in 0...clearance.place {
      while let first = ready[level].min {
        if let place = place(of: first), events[place].state == .ready, events[place].level.place == level {
          oldest = min(oldest ?? first, first)
          break
        }
        ready[level].removeMin()
      }
    }
    return oldest
  }

  /// The oldest event never sent that a reader of this clearance may have.
  mutating func nextParked(_ clearance: ClearanceLevel) -> UInt64? {
    guard parkedCount > 0 else { return nil }
    var oldest: UInt64?
    for level in 0...clearance.place {
      while let first = parked[level].first {
        if let place = place(of: first), events[place].state == .parked, events[place].level.place == level {
          oldest = min(oldest ?? first, first)
          break
        }
        parked[level].removeFirst()
      }
    }
    return oldest
  }

  // MARK: Changing

  /// Hands it to a member.
  mutating func hold(_ place: Int, by member: UInt32, until time: Int64) {
    leavePark(place)
    events[place].state = .held
    events[place].holder = member
    events[place].time = time
    // One that quarantine has no room for is tried on and on.
    if events[place].attempts < .max { events[place].attempts += 1 }
    events[place].isRepeat = events[place].wasSent
    events[place].wasSent = true
  }

  /// The attempt does not count: its member left in good order.
  mutating func forgiveAttempt(_ place: Int) { events[place].attempts -= min(1, events[place].attempts) }

  /// Takes it back from its member, to be sent again from `time` on.
  mutating func rest(_ place: Int, until time: Int64, now: Int64) {
    let sequence = events[place].sequence
    events[place].time = time
    if time <= now {
      events[place].state = .ready
      ready[events[place].level.place].insert(sequence)
    } else {
      events[place].state = .resting
      watch(sequence, sequence, until: time)
    }
  }

  /// It needs more clearance than was thought.
  mutating func raise(_ place: Int, to level: ClearanceLevel) {
    events[place].level = level
    if events[place].state == .ready { ready[level.place].insert(events[place].sequence) }
  }

  /// Done with; call `dropDone` afterwards.
  mutating func finish(_ place: Int) {
    leavePark(place)
    events[place].state = .done
    doneCount += 1
    if !reasons.isEmpty { reasons[events[place].sequence] = nil }
  }

  /// Everything in a stretch is done with, whoever has it; gives back how many that were.
  mutating func finish(_ stretch: Range<UInt64>) -> Int {
    var finished = 0
    for place in lowerBound(stretch.lowerBound)..<events.count {
      guard events[place].sequence < stretch.upperBound else { break }
      guard events[place].state != .done else { continue }
      finish(place)
      finished += 1
    }
    return finished
  }

  private mutating func leavePark(_ place: Int) {
    guard events[place].state == .parked else { return }
    parkedCount -= 1
    parkedBytes -= Int(events[place].size)
  }

  /// What was handed to `member` for the first time up to `sequence` is done with; gives back how many that were.
  ///
  /// One that is sent again may be on its way still while the acknowledgement is on its way here: it cannot mean that one.
  /// Costs O(log n) and a look at what was handed out since the last time.
  mutating func finish(through sequence: UInt64, of member: UInt32, _ firsts: inout FirstDeliveries) -> Int {
    var finished = 0
    while let stretch = firsts.next(through: sequence) {
      var place = lowerBound(stretch.lowerBound)
      while place < events.count, events[place].sequence <= stretch.upperBound {
        let event = events[place]
        if event.state == .held, event.holder == member, !event.isRepeat {
          finish(place)
          finished += 1
        }
        place += 1
      }
    }
    return finished
  }

  /// Takes finished ones out of the deque: from the front at once, from the middle when they are many.
  mutating func dropDone() {
    while let first = events.first, first.state == .done {
      events.removeFirst()
      doneCount -= 1
    }
    if events.isEmpty { endsBehindDone = false }
    guard doneCount > 1_024, doneCount * 2 > events.count else { return }
    var kept: Deque<Event> = []
    kept.reserveCapacity(count + 64)
    for event in events {
      if event.state == .done {
        endsBehindDone = true
      } else {
        var event = event
        event.isBehindDone = event.isBehindDone || endsBehindDone
        endsBehindDone = false
        kept.append(event)
      }
    }
    events = kept
    doneCount = 0
  }

  /// At the end of each change: the counts are those of what is there, as far as that costs nothing to see.
  func check() {
    precondition(
      doneCount >= 0 && parkedCount >= 0 && parkedBytes >= 0 && doneCount + parkedCount <= events.count,
      "\(doneCount) done and \(parkedCount) never sent, of \(parkedBytes) bytes, are not among \(events.count)")
    precondition(events.first.map { $0.state != .done } ?? true, "an event that is done with stands first")
  }

  /// The oldest event that was never sent.
  var firstParked: UInt64? { parkedCount > 0 ? events.first { $0.state == .parked }?.sequence : nil }

  /// Takes out everything from a sequence on; gives back how many of them were pending.
  mutating func removeTail(from sequence: UInt64) -> Int {
    var removed = 0
    while let last = events.last, last.sequence >= sequence {
      if last.state == .done {
        doneCount -= 1
      } else {
        leavePark(events.count - 1)
        removed += 1
      }
      endsBehindDone = last.isBehindDone
      events.removeLast()
    }
    if events.isEmpty { endsBehindDone = false }
    return removed
  }

  /// Everything that `member` has, oldest first.
  func held(by member: UInt32) -> [UInt64] {
    events.lazy.filter { $0.state == .held && $0.holder == member }.map(\.sequence)
  }

  /// Whether `takeExpired` has anything to look at.
  func isDue(at now: Int64) -> Bool { timers.min.map { $0.time <= now } ?? false }

  /// Wakes what has rested long enough and gives back what was held too long; and how many events it looked at for that, which
  /// are no more than `most` of one timer.
  mutating func takeExpired(at now: Int64, most: Int) -> (expired: [UInt64], looked: Int) {
    var expired: [UInt64] = []
    var looked = 0
    while looked < most, let timer = timers.min, timer.time <= now {
      timers.removeMin()
      looked += 1
      var place = lowerBound(timer.first)
      while place < events.count, events[place].sequence <= timer.last {
        guard looked < most else {
          timers.insert(Timer(time: timer.time, first: events[place].sequence, last: timer.last))
          break
        }
        looked += 1
        // One with a later time was handed out again since, and has another timer.
        if events[place].time == timer.time {
          switch events[place].state {
          case .held:
            // A second timer for the same moment must not count it twice.
            events[place].time = .min
            expired.append(events[place].sequence)
          case .resting: rest(place, until: now, now: now)
          case .ready, .parked, .done: break
          }
        }
        place += 1
      }
    }
    return (expired, looked)
  }

  /// Stretches beyond the first pending event in which everything is done or did not match; what a restart passes over.
  func doneRanges(upTo end: UInt64) -> [ClosedRange<UInt64>] {
    var ranges: [ClosedRange<UInt64>] = []
    var last: UInt64?
    var sawDone = false
    for event in events {
      if event.state == .done {
        sawDone = true
        continue
      }
      if let last, sawDone || event.isBehindDone, last + 1 < event.sequence {
        ranges.append(last + 1...event.sequence - 1)
      }
      last = event.sequence
      sawDone = false
    }
    if let last, sawDone || endsBehindDone, last < end { ranges.append(last + 1...end) }
    return ranges
  }

  /// The attempts that failed, for a restart: of what is with a subscriber now, those before this one.
  func failures(most: Int) -> [FailedAttempts] {
    var failures: [FailedAttempts] = []
    var goesOn = false
    for event in events where event.state != .done {
      let count = event.state == .held ? max(event.attempts, 1) - 1 : event.attempts
      if goesOn, count == failures.last?.count {
        failures[failures.count - 1].last = event.sequence
        continue
      }
      goesOn = count > 0
      guard goesOn else { continue }
      guard failures.count < most else { break }
      failures.append(FailedAttempts(first: event.sequence, last: event.sequence, count: count))
    }
    return failures
  }

  // MARK: Inside

  /// Forgets timers of what is done long since.
  private mutating func renewTimers() {
    var renewed: [Timer] = []
    for event in events where event.state == .held || event.state == .resting {
      if let last = renewed.last, last.time == event.time {
        renewed[renewed.count - 1].last = event.sequence
      } else {
        renewed.append(Timer(time: event.time, first: event.sequence, last: event.sequence))
      }
    }
    timers = Heap(renewed)
  }

  private func lowerBound(_ sequence: UInt64) -> Int {
    if let last = events.last, last.sequence < sequence { return events.count }
    return events.firstPlace { $0.sequence < sequence }
  }
}
