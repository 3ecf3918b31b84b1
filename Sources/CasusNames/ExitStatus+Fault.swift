extension ExitStatus {
  /// What can go wrong with a program, as far as an exit code tells it apart. Whatever is of one kind ends every program with
  /// the same code, however it was come upon.
  public enum Fault: String, CaseIterable, Sendable {
    case use = "the command line says what it may not"
    case data = "a journal, a capture, a schema or an event is not what was written"
    case missing = "a file or folder that is to be read is not there, is of another kind, or may not be read"
    case unreachable = "no broker answers"
    case program = "the program has a fault"
    case system = "the system has no process, thread, memory or descriptor left"
    case unwritable = "a file or folder cannot be made or changed"
    case disk = "a disk is full or fails; standard output as well"
    case inUse = "an endpoint, a home or a journal is in use, or the journal is another one than before"
    case version = "the broker speaks another version of the protocol"
    case openKey = "others may read a key file, or it belongs to another user"
    case right = "the broker refuses a key, an identity or a right"
    case refusal = "the broker refuses something else, or not everything could be done"
    case configuration =
      "a configuration, a policy, a key file's text or a variable of the environment says what it may not"
  }

  /// The one place where a kind of fault becomes a code.
  public init(_ fault: Fault) {
    switch fault {
    case .use: self = .usage
    case .data: self = .damaged
    case .missing: self = .noInput
    case .unreachable: self = .unreachable
    case .program: self = .failed
    case .system: self = .system
    case .unwritable: self = .cannotCreate
    case .disk: self = .disk
    case .inUse: self = .tryAgain
    case .version: self = .protocolMismatch
    case .openKey, .right: self = .notPermitted
    case .refusal: self = .partly
    case .configuration: self = .configuration
    }
  }
}
