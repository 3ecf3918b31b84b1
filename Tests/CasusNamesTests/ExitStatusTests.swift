import CasusNames
import FoundationEssentials
import TestSupport
import Testing

/// Testing has one too.
private typealias ExitStatus = CasusNames.ExitStatus

@Suite struct ExitStatusTests {
  private static func text(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: Checkout.root.appending(path: path)), as: UTF8.self)
  }

  private static func codes(where matches: (ExitStatus.Row) -> Bool) -> [Int32] {
    ExitStatus.table.filter(matches).map(\.status.rawValue)
  }

  @Test func `every code stands once and has a meaning`() {
    #expect(Set(ExitStatus.table.map(\.status)).count == ExitStatus.table.count)
    #expect(Set(ExitStatus.table.map(\.name)).count == ExitStatus.table.count)
    #expect(ExitStatus.table.map(\.status.rawValue) == ExitStatus.table.map(\.status.rawValue).sorted())
    for row in ExitStatus.table { #expect(!row.meaning.isEmpty && !row.programs.isEmpty) }
  }

  @Test func `a code that nobody knows is a crash and is started again`() {
    #expect(ExitStatus(rawValue: 42).startsAgain && ExitStatus(rawValue: 42).row == nil)
    #expect(ExitStatus.failed.startsAgain && !ExitStatus.protocolMismatch.startsAgain)
  }

  @Test func `the help of a program has its codes and no others`() {
    let help = ExitStatus.help(for: .plugin)
    #expect(help.contains("\n  76  the broker speaks another version"))
    #expect(!help.contains("\n  74 "))
  }

  /// What a restart does not cure stops a unit as it stops `casus up`: one list for all, so that a new code of one program
  /// is known to every supervisor. A plugin that is done is not started again; a broker always is.
  @Test func `the units of systemd stop on the codes of the table`() throws {
    let stops = Self.codes { !$0.startsAgain }
    for (unit, wanted) in [("casusd.service", stops.filter { $0 != 0 }), ("casus-plugin@.service", stops)] {
      let name = "RestartPreventExitStatus="
      let lines = try Self.text("deploy/systemd/\(unit)").split(separator: "\n").filter { $0.hasPrefix(name) }
      #expect(lines.map(String.init) == [name + wanted.map(String.init).joined(separator: " ")], "\(unit)")
    }
    let readme = try Self.text("deploy/systemd/README.md")
    #expect(readme.contains("(\(stops.filter { $0 != 0 }.map(String.init).joined(separator: ", ")))"))
  }

  /// Python reads the file; here it is held to the table.
  @Test func `the data file of other languages is the table`() throws {
    struct Entry: Codable, Equatable {
      var number: Int32
      var name: String
      var meaning: String
      var startsAgain: Bool
      var programs: [String]
    }
    let path = "Plugins/python/casus_client/exit_codes.json"
    let file = try JSONDecoder().decode([Entry].self, from: Data(Self.text(path).utf8))
    let table = ExitStatus.table.map { row in
      Entry(
        number: row.status.rawValue, name: row.name, meaning: row.meaning, startsAgain: row.startsAgain,
        programs: row.programs.map(\.rawValue))
    }
    let text = String(decoding: try JSONEncoder().encode(table), as: UTF8.self)
    #expect(file == table, "the table is now \(text)")
  }
}
