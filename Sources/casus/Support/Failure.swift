import CasusConfiguration
import CasusJournal
import CasusLaunch
import CasusLedger
import CasusNames
import CasusPlugin
import CasusWire
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
  init(_ error: JournalError) { self.init(ExitStatus(error), "\(error)") }

  /// What the system or a reader of configuration says of a file that is read.
  init(reading error: any Error) {
    switch error {
    case let error as LaunchError: self.init(error)
    case let error as JournalError: self.init(error)
    case let error as SystemError: self.init(ExitStatus(reading: error), error.description)
    case let error as KeyFileError: self.init(ExitStatus(error), error.description)
    case let error as LedgerError: self.init(error)
    default: self.init(.configuration, "\(error)")
    }
  }

  /// The same of a file that is changed.
  init(writing error: any Error) {
    switch error {
    case let error as SystemError: self.init(ExitStatus(writing: error), error.description)
    case let error as KeyFileError: self.init(ExitStatus(.init(writing: error)), error.description)
    case let error as LedgerError where error.code == .keyFile: self.init(.cannotCreate, error.description)
    default: self.init(reading: error)
    }
  }

  /// A signer's key, or what it was to sign.
  init(_ error: LedgerError) {
    let fault: ExitStatus.Fault =
      switch error.code {
      case .keyFile: .missing
      case .keyFileMode: .openKey
      case .key: .configuration
      case .threshold: .right
      default: .data
      }
    self.init(ExitStatus(fault), error.description)
  }

  /// What the broker refused.
  init(_ refusal: Refusal, _ message: String) { self.init(ExitStatus(.init(refusal: refusal.code)), message) }
}
