/// How long to wait before the next attempt: doubles from `first` to `most`, and never the same for two plugins, so that a
/// broker that comes back is not stormed. A plain value; randomness comes in.
struct Backoff: Sendable {
  var first: Duration
  var most: Duration
  private(set) var failures = 0

  init(first: Duration = .milliseconds(100), most: Duration = .seconds(5)) {
    self.first = first
    self.most = most
  }

  /// The wait after one more failure. `random` is from 0 to 1: half of the wait is fixed, half is chance.
  mutating func next(random: Double) -> Duration {
    let whole = min(most, first * (1 << min(failures, 20)))
    failures += 1
    return whole * (0.5 + 0.5 * random)
  }

  mutating func reset() { failures = 0 }
}
