import CasusLaunch

/// A command's exit codes; `casus --help` tells them.
struct ExitStatus: RawRepresentable, Hashable, Sendable {
  var rawValue: Int32

  static let partly = ExitStatus(rawValue: 1)
  static let usage = ExitStatus(rawValue: 2)
  static let noBroker = ExitStatus(rawValue: 3)
  static let damaged = ExitStatus(rawValue: 65)
  static let noInput = ExitStatus(rawValue: 66)
  static let fault = ExitStatus(rawValue: 70)
  static let cannotCreate = ExitStatus(rawValue: 73)
  static let disk = ExitStatus(rawValue: 74)
  static let key = ExitStatus(rawValue: 77)
  static let configuration = ExitStatus(rawValue: 78)
}

/// The end of a command: one line for people (may be empty) and the exit code.
struct Failure: Error {
  var code: ExitStatus
  var message: String

  init(_ code: ExitStatus, _ message: String = "") {
    self.code = code
    self.message = message
  }

  init(_ error: LaunchError) { self.init(ExitStatus(rawValue: error.code.rawValue), error.description) }
  init(_ error: TopologyError) { self.init(.configuration, error.description) }
}
