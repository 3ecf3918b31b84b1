public import CasusNames
internal import Glibc
public import SystemFiles

// Which kind of fault a failure of the system is.
extension ExitStatus.Fault {
  /// Of what was to be read.
  public init(reading error: SystemError) { self = Self.common(error.code) ?? .missing }

  /// Of what was to be made or changed.
  public init(writing error: SystemError) { self = Self.common(error.code) ?? .unwritable }

  /// Of a key file that was to be read.
  public init(_ error: KeyFileError) {
    switch error.code {
    case .system: self = Self.common(error.errno) ?? .missing
    case .notAFile: self = .missing
    case .foreignOwner, .tooOpen: self = .openKey
    case .syntax, .mismatch: self = .configuration
    }
  }

  /// Of one that was to be written.
  public init(writing error: KeyFileError) {
    self = error.code == .system ? Self.common(error.errno) ?? .unwritable : Self(error)
  }

  private static func common(_ code: Int32) -> Self? {
    switch code {
    case EIO, ENOSPC, EDQUOT: .disk
    case EMFILE, ENFILE, ENOMEM, EAGAIN: .system
    default: nil
    }
  }
}

extension ExitStatus {
  public init(reading error: SystemError) { self.init(Fault(reading: error)) }
  public init(writing error: SystemError) { self.init(Fault(writing: error)) }
  public init(_ error: KeyFileError) { self.init(Fault(error)) }
}
