import CasusNames
import CasusTestKit
import CasusWire
import Foundation
import Testing

/// The reference pages and the code say the same.
@Suite(.timeLimit(.minutes(15))) struct ReferenceTests {
  @Test func `the limits are the table of the protocol`() throws {
    let rows = try Page("docs/reference/broker.md").table("fields: limits")
    let written = rows.map { Array($0.prefix(3)) }.sorted { $0[0] < $1[0] }
    let known = Limit.settings.map { limit in
      [limit.name, "whole number, \(limit.range.lowerBound) to \(limit.range.upperBound)", "\(limit.standard)"]
    }.sorted { $0[0] < $1[0] }
    #expect(written == known)
  }

  @Test func `the exit codes are the one table`() throws {
    let written = try Page("docs/reference/commands.md").table("exit codes")
    let known = ExitStatus.table.map { row in
      [
        "\(row.status.rawValue)", row.meaning, row.programs.map(\.rawValue).joined(separator: ", "),
        row.startsAgain ? "yes" : "no",
      ]
    }
    #expect(written == known)
  }

  @Test func `the alerts are the table of the program`() throws {
    let written = try Page("docs/reference/alerts.md").table("alerts")
    #expect(written == AlertCode.allCases.map { [$0.rawValue, $0.severity.rawValue, $0.meaning, $0.advice] })
  }

  @Test func `each alert has its rule for prometheus`() throws {
    let rules = try Page("deploy/prometheus/casus.rules.yaml").text
    let blocks = rules.components(separatedBy: "      - alert: ").dropFirst(2)
    #expect(blocks.count == AlertCode.allCases.count)
    for (block, code) in zip(blocks, AlertCode.allCases) {
      #expect(block.contains("casus_alerts{code=\"\(code.rawValue)\"} > 0"))
      #expect(block.contains("{severity: \(code.severity.rawValue)}"))
      #expect(block.contains("\"\(code.meaning)\"") && block.contains("\"\(code.advice)\""))
    }
  }

  @Test func `every kind of fault stands there with its code`() throws {
    let written = try Page("docs/reference/commands.md").table("faults")
    #expect(written == ExitStatus.Fault.allCases.map { [$0.rawValue, "\(ExitStatus($0).rawValue)"] })
    for fault in ExitStatus.Fault.allCases { #expect(ExitStatus(fault).row != nil, "\(fault)") }
  }

  /// What README publishes is what the guide has, whose page is run as it stands.
  @Test func `the events to try are those of the guide`() throws {
    let guide = try Page("docs/write-a-plugin.md").text.split(separator: "\n").filter {
      $0.hasPrefix("{\"specversion\"")
    }
    let events = try Page("docs/events.jsonl").text.split(separator: "\n")
    #expect(!events.isEmpty && events == guide)
  }

  @Test func `every command is listed and nothing else`() throws {
    let process = try TestProcess("casus", ["--experimental-dump-help"], folder: "/")
    #expect(process.wait().code == 0)
    let help = try JSONDecoder().decode(Help.self, from: Data(process.printed.utf8))
    let written = try Page("docs/reference/commands.md").table("commands").map { $0[0] }
    #expect(written.sorted() == help.command.leaves("").map(\.path).sorted())
    for (path, command) in help.command.leaves("") {
      let text = "\(command.abstract ?? "") \(command.discussion ?? "")"
      #expect(text.contains("EXAMPLE: \(path)"), "casus \(path) --help has no example")
    }
  }
}

/// The part of ArgumentParser's description of a command that is looked at.
private struct Help: Decodable {
  struct Command: Decodable {
    var commandName: String
    var shouldDisplay: Bool?
    var abstract: String?
    var discussion: String?
    var subcommands: [Command]?

    func leaves(_ path: String) -> [(path: String, command: Command)] {
      let name = path.isEmpty ? commandName : "\(path) \(commandName)"
      let shown = (subcommands ?? []).filter { $0.commandName != "help" && $0.shouldDisplay != false }
      return shown.isEmpty ? [(name, self)] : shown.flatMap { $0.leaves(name) }
    }
  }

  var command: Command
}
