import CasusLaunch
import CasusNames

/// The end of a command: one line for people (may be empty) and the exit code, which `casus --help` tells.
struct Failure: Error {
  var code: ExitStatus
  var message: String

  init(_ code: ExitStatus, _ message: String = "") {
    self.code = code
    self.message = message
  }

  init(_ error: LaunchError) { self.init(error.code, error.description) }
  init(_ error: TopologyError) { self.init(.configuration, error.description) }
}
