internal import CasusEvents
internal import CasusJournal
internal import CasusWire

/// Why something cannot be written for now, and since when, so that a change is told once. A plain value.
struct DiskTrouble {
  struct State: Sendable {
    /// The journal's code: `disk-full`, `too-many-files`, `read-only`.
    var code: String
    var message: String
    var since: Timestamp
  }

  /// Nil while everything can be written.
  private(set) var now: State?
  private let consequence: String

  /// - Parameter consequence: what the trouble means, behind its name.
  init(_ consequence: String) { self.consequence = consequence }

  /// Something was not written. Returns what is to be told when that is new.
  mutating func begins(_ error: JournalError, at time: Timestamp) -> String? {
    guard now?.code != error.code.rawValue else { return nil }
    now = State(code: error.code.rawValue, message: "\(error)", since: time)
    return "\(error.cause): \(consequence) (\(error))"
  }

  /// Something was written: whether that is new.
  mutating func ends() -> Bool {
    defer { now = nil }
    return now != nil
  }
}

extension JournalError {
  /// What publishers and subscribers are told.
  var refusal: WireErrorCode {
    switch code {
    case .diskFull: .diskFull
    case .tooManyFiles, .readOnly: .journalHeldUp
    default: .internal
    }
  }

  /// For the operator: what has to be seen to.
  var cause: String {
    switch code {
    case .diskFull: "the disk is full"
    case .tooManyFiles: "no file descriptor is left for the journal (LimitNOFILE, ulimit -n); the disk is not to blame"
    case .readOnly: "the journal's file system is read-only"
    default: "the journal cannot be written"
    }
  }
}
