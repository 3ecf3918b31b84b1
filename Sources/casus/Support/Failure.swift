import CasusLaunch
import CasusNames
import Glibc
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

  /// What the system or a reader of configuration says of a file that is read.
  init(reading error: any Error) {
    switch error {
    case let error as LaunchError: self.init(error)
    case let error as SystemError: self.init(error.code == EIO ? .disk : .noInput, error.description)
    default: self.init(.configuration, "\(error)")
    }
  }

  /// The same of a file that is changed.
  init(writing error: any Error) {
    guard let error = error as? SystemError else {
      self.init(reading: error)
      return
    }
    self.init(error.code == EIO ? .disk : .cannotCreate, error.description)
  }
}
