/// When the watchdog may be fed: after a commit has reached the disk and a message has gone all the way through the broker, both
/// begun since it was fed last. A plain value; times are steady, in nanoseconds.
struct Watchdog {
  /// Three rounds fit into the time that the service manager grants.
  private let interval: Int64
  private var next: Int64
  private var isOut = false
  private var hasCommitted = false
  private var hasDelivered = false

  init(within limit: Int64, at now: Int64) {
    interval = limit / 3
    next = now
  }

  /// Whether a round begins: something is to be written, and a message to be sent.
  mutating func begins(at now: Int64) -> Bool {
    guard !isOut, now >= next else { return false }
    isOut = true
    hasCommitted = false
    hasDelivered = false
    return true
  }

  mutating func committed() { hasCommitted = isOut }

  mutating func delivered() { hasDelivered = isOut }

  /// Whether the round is complete, once.
  mutating func isFed(at now: Int64) -> Bool {
    guard isOut, hasCommitted, hasDelivered else { return false }
    isOut = false
    next = now + interval
    return true
  }
}
