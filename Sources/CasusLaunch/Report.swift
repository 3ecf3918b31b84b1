internal import CasusNames

/// How a process ended.
public enum Exit: Hashable, Sendable {
  case code(Int32)
  case signal(Int32)

  public var isSuccess: Bool { self == .code(0) }

  /// Whether the next start would meet the same, as the table of exit codes says: wrong use, damage, a missing file, a refused
  /// key, another protocol, a wrong configuration.
  public var isPermanent: Bool {
    guard case .code(let code) = self else { return false }
    return !isSuccess && !ExitStatus(rawValue: code).startsAgain
  }

  /// The code a shell would report: the exit code, or 128 and the signal.
  public var shellCode: Int32 {
    switch self {
    case .code(let code): code
    case .signal(let number): 128 + number
    }
  }
}

/// What the supervisor wants people to know; an index is the member's.
public enum Report: Hashable, Sendable {
  public enum Surrender: Hashable, Sendable {
    case crashLoop
    case permanent
    case noRestart
    case brokerNeverReady
  }

  case started(Int, pid: Int32, restart: Int)
  case couldNotStart(Int, String)
  case ready(Int)
  /// Still not ready after so many nanoseconds.
  case slow(Int, after: Int64)
  case finished(Int)
  case crashed(Int, Exit, restartIn: Int64, crashes: Int)
  case gaveUp(Int, Exit, Surrender, crashes: Int)
  case allReady
  case stopping
  case stopped(Int, Exit)
  /// SIGTERM was not enough.
  case killed(Int, after: Int64)
}

/// A small random generator with a seed, so that a run of the supervisor can be repeated.
/// Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
struct SplitMix64: Sendable {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
