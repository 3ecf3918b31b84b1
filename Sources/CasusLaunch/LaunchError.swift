public import CasusNames

/// Why a launch could not begin: one line for people and the exit code that goes with it.
public struct LaunchError: Error, Hashable, CustomStringConvertible {
  public var code: ExitStatus
  public var description: String

  public init(_ code: ExitStatus, _ description: String) {
    self.code = code
    self.description = description
  }
}
