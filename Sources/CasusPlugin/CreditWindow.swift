/// How much the broker may have on its way to a reader: grants, and grants again as the reader consumes. A plain value.
///
/// A durable subscription's window begins small and grows while the reader keeps up: eightfold when half of it was used within
/// a second, so that four answers of the broker open the largest window, twofold within five. `Tests/Vectors/credit.json` has
/// it step by step; the client in Python keeps the same rule.
struct CreditWindow {
  /// Granted and not yet consumed: on its way or waiting to be read.
  private(set) var openEvents = 0
  private(set) var openBytes = 0
  private(set) var events: Int
  private(set) var bytes: Int
  private let mostEvents: Int
  private let mostBytes: Int
  private var lastGrant: ContinuousClock.Instant?
  private var isLive = false
  /// Grants nothing.
  var isHeld: Bool

  init(_ request: Subscription, isHeld: Bool) {
    mostEvents = request.windowEvents
    mostBytes = request.windowBytes
    events = request.isDurable ? min(8, request.windowEvents) : request.windowEvents
    bytes = request.windowBytes
    self.isHeld = isHeld
  }

  /// The first grant of a session; what is still buffered counts against it.
  mutating func startSession(limit: Int, now: ContinuousClock.Instant) -> (events: Int, bytes: Int) {
    isLive = true
    bytes = max(1, min(mostBytes, limit))
    return grant(now) ?? (0, 0)
  }

  /// The grants of the session that is gone are void.
  mutating func sessionLost(bufferedEvents: Int, bufferedBytes: Int) {
    isLive = false
    openEvents = bufferedEvents
    openBytes = bufferedBytes
    lastGrant = nil
  }

  mutating func consume(bytes: Int) {
    openEvents -= 1
    openBytes -= bytes
  }

  /// Half of the window is used up.
  var isDue: Bool {
    isLive && !isHeld && ((events - openEvents) * 2 >= events || (bytes - openBytes) * 2 >= bytes)
  }

  /// What to grant now; nil when less than half is used up.
  mutating func topUp(now: ContinuousClock.Instant) -> (events: Int, bytes: Int)? {
    guard isDue else { return nil }
    if let lastGrant, openEvents * 2 <= events {
      let pace = now - lastGrant
      events = min(events * (pace <= .seconds(1) ? 8 : pace <= .seconds(5) ? 2 : 1), mostEvents)
    }
    return grant(now)
  }

  private mutating func grant(_ now: ContinuousClock.Instant) -> (events: Int, bytes: Int)? {
    guard !isHeld else { return nil }
    let grant = (events: max(0, events - openEvents), bytes: max(0, bytes - openBytes))
    guard grant.events > 0 || grant.bytes > 0 else { return nil }
    openEvents += grant.events
    openBytes += grant.bytes
    lastGrant = now
    return grant
  }
}
