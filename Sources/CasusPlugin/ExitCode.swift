/// How a plugin's process ends. The numbers are those of sysexits(3).
public enum ExitCode: Int32, Sendable {
  /// Its work is done, or it was asked to stop.
  case ok = 0
  /// Called with arguments that it does not take.
  case usage = 64
  /// No broker for longer than `CASUS_CONNECT_TIMEOUT`.
  case unreachable = 69
  /// Failed in a way that is its own fault, or did not stop in time.
  case failed = 70
  /// The broker's journal is another one than before: start again.
  case startAgain = 75
  /// The broker speaks another version of the protocol.
  case protocolMismatch = 76
  /// The key, the identity or something that the plugin needs is not permitted, or another process took its place.
  case notPermitted = 77
  /// Environment, key file or settings are missing or wrong.
  case configuration = 78

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
    case .journalReplaced: self = .startAgain
    default: self = .failed
    }
  }
}
