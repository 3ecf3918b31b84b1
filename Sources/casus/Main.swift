import ArgumentParser
import CasusLaunch
import CasusNames
import Glibc

/// The command for people: reads arguments, calls the modules, prints.
@main
struct Main {
  static func main() async {
    do {
      var command = try CasusCommand.parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch let error as Failure {
      if !error.message.isEmpty { Terminal.complain(error.message) }
      exit(error.code.rawValue)
    } catch {
      let code = CasusCommand.exitCode(for: error)
      let text = CasusCommand.fullMessage(for: error)
      if code == .success { Terminal.write(text + "\n") } else { Terminal.complain(text, prefix: false) }
      exit(code.rawValue)
    }
  }
}

struct CasusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "casus",
    abstract: "The command of the Casus bus: start one, look at it, publish, decide, verify.",
    discussion: """
      The commands find the broker and their key in the folder that casus up made: --home DIR, or CASUS_HOME, or \
      ./casus-home; one that runs elsewhere by its address (--broker) or its name (--context).

      \(ExitStatus.help(for: .command))

      EXAMPLE: casus up deploy/topologies/demo.yaml --home casus-home
      """,
    version: Casus.version,
    subcommands: [
      Up.self, Status.self, Health.self, Metrics.self, Ledger.self, Tail.self, Publish.self, Case.self, Decide.self,
      Verify.self, Keys.self, ContextCommand.self,
      CaptureCommand.self, ReplayCommand.self, Quarantine.self, SubscriptionCommand.self, Schema.self,
      JournalCommand.self, Backup.self, Restore.self, Compare.self, Bench.self,
    ])
}
