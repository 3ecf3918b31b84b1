import CasusNames

extension ExitStatus {
  /// How a plugin's process ends by an error that it did not handle.
  init(_ error: any Error) {
    guard let error = error as? BusError else {
      self = .failed
      return
    }
    switch error.code {
    case .usage: self = .usage
    case .configuration: self = .configuration
    case .unreachable: self = .unreachable
    case .keyRefused, .superseded: self = .notPermitted
    case .refused: self = (200..<300).contains(error.wire ?? 0) ? .notPermitted : .failed
    case .protocolMismatch: self = .protocolMismatch
    case .journalReplaced: self = .tryAgain
    default: self = .failed
    }
  }
}
