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
