public import CasusEvents
internal import CasusNames

/// Crashes that the bus does not know of yet, oldest first; kept until the broker has them, so that a crash of the broker itself
/// loses none. The event that tells of one is made once: sent again over a new connection it is the same event, and the broker
/// knows it by its id. A plain value.
public struct CrashRecord: Sendable {
  private var drafts: [Draft] = []

  public init() {}

  /// One that is no plugin has no event.
  public mutating func add(_ crash: Crash, at time: Timestamp, exercise: Bool) {
    guard let name = PluginName(crash.name) else { return }
    var payload = BusCrashed(
      plugin: crash.name, agency: name.agency, restarts: crash.restarts,
      restartMilliseconds: crash.restartIn.map { Int($0 / 1_000_000) }, gaveUp: crash.restartIn == nil,
      message: crash.lastLine)
    switch crash.exit {
    case .code(let code): payload.exitCode = Int(code)
    case .signal(let number): payload.signal = Int(number)
    }
    drafts.append(
      Draft(
        payload, id: "crash-\(time.nanoseconds)-\(crash.restarts)-\(crash.name)", subject: crash.name, time: time,
        exercise: exercise))
  }

  /// The next to be published.
  public var next: Draft? { drafts.first }

  /// The broker has it, or has refused it.
  public mutating func answered() { drafts.removeFirst() }
}
