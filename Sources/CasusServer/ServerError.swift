public import CasusNames

/// Why the daemon does not start or does not go on: one line for people and the exit code that goes with it.
public struct ServerError: Error, Sendable, CustomStringConvertible {
  public var exit: ExitStatus
  public var message: String

  public init(_ exit: ExitStatus, _ message: String) {
    self.exit = exit
    self.message = message
  }

  public var description: String { message }
}
