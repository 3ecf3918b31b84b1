import CasusConfiguration
package import CasusNames
import CasusWire
import SystemFiles

extension ExitStatus {
  /// How a plugin's process ends by an error that it did not handle.
  init(_ error: any Error) { self.init((error as? BusError)?.fault ?? .program) }
}

extension BusError {
  /// The kind of fault that it is for an exit code.
  package var fault: ExitStatus.Fault {
    switch code {
    case .usage: .use
    case .configuration: .configuration
    case .missingFile: .missing
    case .openKeyFile: .openKey
    case .unreachable: .unreachable
    case .keyRefused, .superseded: .right
    case .refused: wire.map { ExitStatus.Fault(refusal: $0) } == .right ? .right : .program
    case .protocolMismatch: .version
    case .journalReplaced: .inUse
    default: .program
    }
  }

  init(_ error: KeyFileError) { self.init(Self.code(of: .init(error)), error.description) }

  /// What reading a file of settings, or what it names, came to.
  init(settings error: any Error) {
    switch error {
    case let error as BusError: self = error
    case let error as SystemError: self.init(Self.code(of: .init(reading: error)), error.description)
    default: self.init(.configuration, "\(error)")
    }
  }

  private static func code(of fault: ExitStatus.Fault) -> Code {
    switch fault {
    case .missing: .missingFile
    case .openKey: .openKeyFile
    default: .configuration
    }
  }
}
