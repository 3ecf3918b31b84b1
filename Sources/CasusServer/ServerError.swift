/// Why the daemon does not start or does not go on: one line for people and the exit code that `casusd --help` lists.
public struct ServerError: Error, Sendable, CustomStringConvertible {
  /// The exit codes, after sysexits.h.
  public enum Exit: Int32, Sendable {
    case usage = 64
    case journalDamaged = 65
    case fileMissing = 66
    case software = 70
    case disk = 74
    case portInUse = 75
    case keyRefused = 77
    case configuration = 78
  }

  public var exit: Exit
  public var message: String

  public init(_ exit: Exit, _ message: String) {
    self.exit = exit
    self.message = message
  }

  public var description: String { message }
}
