/// A limit that an operator may set: a member of `limits` in the broker's configuration, and in a topology's `broker`.
/// The one table for whoever reads either.
public enum LimitSetting: String, CaseIterable, Sendable {
  case eventBytes = "event_bytes"
  case batchBytes = "batch_bytes"
  case batchEvents = "batch_events"
  case windowBytes = "window_bytes"
  case creditBytes = "credit_bytes"
  case subscriptions
  case peers
  case stagedBytes = "staged_bytes"
  case tailBytes = "tail_bytes"
  case pendingEvents = "pending_events"
  case faultsPerSecond = "faults_per_s"
  case faultsAtOnce = "faults_at_once"
  case cutOffSeconds = "cut_off_s"

  public static let names = allCases.map(\.rawValue)

  /// What it may be set to.
  public var range: ClosedRange<Int> {
    switch self {
    case .eventBytes: 1_024...(16 << 20)
    case .batchBytes, .windowBytes, .creditBytes, .stagedBytes, .tailBytes: 1_024...(1 << 30)
    case .batchEvents, .peers: 1...65_536
    case .subscriptions: 1...10_000
    case .pendingEvents: 16...1_000_000
    case .faultsPerSecond: 1...100_000_000
    case .faultsAtOnce: 1...1_000_000_000
    case .cutOffSeconds: 1...86_400
    }
  }
}
