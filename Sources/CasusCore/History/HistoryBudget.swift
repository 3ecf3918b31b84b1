/// What may be read from the journal beside publishers, in bytes.
///
/// A large commit means that publishers wait for the broker, not it for them: then what is read from the journal until the
/// next commit is bounded by a share of what they brought, so that who reads from the beginning does not take the machine
/// from them. Commits are small while there is room for both, and then nothing is bounded.
struct HistoryBudget {
  private var bytes = Int.max
  /// Whether there was a large commit since the last tick.
  private var wasBusy = false

  var isLeft: Bool { bytes > 0 }

  /// A commit is done.
  mutating func commit(of size: Int, _ options: BrokerOptions) {
    guard size >= options.busyCommitBytes else {
      bytes = .max
      return
    }
    wasBusy = true
    // What was read beyond the bound, since a run is read whole, counts; what was left does not pile up.
    bytes = (bytes == .max ? 0 : min(bytes, 0)) + size / 4 * 3
  }

  mutating func spend(_ size: Int) { if bytes != .max { bytes -= size } }

  /// With each tick: nobody publishes much any more; or commits are rare, and reading goes on slowly all the same.
  mutating func tick(_ options: BrokerOptions) {
    if !wasBusy { bytes = .max }
    wasBusy = false
    if bytes <= 0 { bytes += options.leastHistoryBytes }
  }
}
