public import CasusNames

extension ExitStatus.Fault {
  /// Of a journal that cannot be used as it is asked for.
  public init(_ error: JournalError) {
    self =
      switch error.code {
      case .absent: .missing
      case .damaged, .lost, .unsupported: .data
      case .locked: .inUse
      case .occupied: .unwritable
      case .tooManyFiles: .system
      default: .disk
      }
  }
}

extension ExitStatus {
  public init(_ error: JournalError) { self.init(Fault(error)) }
}
