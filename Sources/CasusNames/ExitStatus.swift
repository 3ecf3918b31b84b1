/// How a program of Casus ends. One table for the broker, the plugins in every language and the command: help texts are made
/// from it, `casus up` starts again by it, and tests hold systemd's units and the Python client to it.
///
/// The numbers from 64 on are those of sysexits.h.
public struct ExitStatus: RawRepresentable, Hashable, Sendable {
  public var rawValue: Int32
  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// Done, or stopped because it was asked to.
  public static let ok = ExitStatus(rawValue: 0)
  /// Done in part, or the answer to the question is no.
  public static let partly = ExitStatus(rawValue: 1)
  public static let usage = ExitStatus(rawValue: 64)
  /// A journal, a capture or an event is not what was written, or a part of it is gone: a person decides.
  public static let damaged = ExitStatus(rawValue: 65)
  public static let noInput = ExitStatus(rawValue: 66)
  /// No broker answers.
  public static let unreachable = ExitStatus(rawValue: 69)
  /// A fault of the program itself.
  public static let failed = ExitStatus(rawValue: 70)
  /// The system refused a process, a thread or a pipe.
  public static let system = ExitStatus(rawValue: 71)
  public static let cannotCreate = ExitStatus(rawValue: 73)
  public static let disk = ExitStatus(rawValue: 74)
  /// An endpoint, a home or a journal is in use, or the journal is another one than before: start again later.
  public static let tryAgain = ExitStatus(rawValue: 75)
  public static let protocolMismatch = ExitStatus(rawValue: 76)
  /// A key, an identity or a right is refused, or a key file may be read by others.
  public static let notPermitted = ExitStatus(rawValue: 77)
  public static let configuration = ExitStatus(rawValue: 78)

  /// Who ends with a code.
  public enum Program: String, CaseIterable, Sendable {
    case broker, plugin, command
  }

  /// One code of the table.
  public struct Row: Hashable, Sendable {
    public let status: ExitStatus
    public let name: String
    /// For people, behind the number.
    public let meaning: String
    /// Whether a supervisor starts the program again: false where the next start would meet the same.
    public let startsAgain: Bool
    public let programs: [Program]
  }

  /// In the order of the numbers.
  public static let table = [
    Row(.ok, "ok", "done, or stopped as asked", startsAgain: false, Program.allCases),
    Row(.partly, "partly", "done in part, or the answer is no", startsAgain: true, [.command]),
    Row(.usage, "usage", "wrong use", startsAgain: false, Program.allCases),
    Row(.damaged, "damaged", "data are damaged, or a part of them is gone", startsAgain: false, [.broker, .command]),
    Row(.noInput, "no-input", "a file or folder is missing", startsAgain: false, Program.allCases),
    Row(.unreachable, "unreachable", "no broker answers", startsAgain: true, [.plugin, .command]),
    Row(.failed, "failed", "a fault of the program", startsAgain: true, Program.allCases),
    Row(.system, "system", "the system refused", startsAgain: true, [.broker, .command]),
    Row(.cannotCreate, "cannot-create", "a file cannot be written", startsAgain: true, [.broker, .command]),
    Row(.disk, "disk", "the disk failed", startsAgain: true, [.broker, .command]),
    Row(
      .tryAgain, "try-again", "in use, or the journal is another one: start again later", startsAgain: true,
      Program.allCases),
    Row(
      .protocolMismatch, "protocol-mismatch", "the broker speaks another version of the protocol", startsAgain: false,
      [.plugin]),
    Row(
      .notPermitted, "not-permitted", "a key or a right is refused, or others may read a key", startsAgain: false,
      Program.allCases),
    Row(.configuration, "configuration", "the configuration is wrong", startsAgain: false, Program.allCases),
  ]

  /// Nil for a code that is none of ours.
  public var row: Row? { Self.table.first { $0.status == self } }

  /// Whether a supervisor starts a program again that ended so. A code that the table does not know is a crash, and a crash
  /// is started again.
  public var startsAgain: Bool { row?.startsAgain ?? true }

  /// The codes of a program for its help, a line each.
  public static func help(for program: Program) -> String {
    let rows = table.filter { $0.programs.contains(program) }
    return "Exit codes:\n"
      + rows.map { "  \($0.status.rawValue)\($0.status.rawValue < 10 ? "   " : "  ")\($0.meaning)" }.joined(
        separator: "\n")
  }
}

extension ExitStatus.Row {
  fileprivate init(
    _ status: ExitStatus, _ name: String, _ meaning: String, startsAgain: Bool, _ programs: [ExitStatus.Program]
  ) {
    self.init(status: status, name: name, meaning: meaning, startsAgain: startsAgain, programs: programs)
  }
}
