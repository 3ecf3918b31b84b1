import CasusLaunch
import CasusNames
import SystemFiles

/// The end of a command: one line for people (may be empty) and the exit code, which `casus --help` tells.
struct Failure: Error {
  var code: ExitStatus
  var message: String

  init(_ code: ExitStatus, _ message: String = "") {
    self.code = code
    self.message = message
  }

  init(_ error: LaunchError) { self.init(error.code, error.description) }

  /// What the system or a reader of configuration says of a file.
  init(reading error: any Error) {
    switch error {
    case let error as LaunchError: self.init(error)
    case let error as SystemError: self.init(error.isMissing ? .noInput : .disk, error.description)
    default: self.init(.configuration, "\(error)")
    }
  }
}
