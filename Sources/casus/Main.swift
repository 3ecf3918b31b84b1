import ArgumentParser
import CasusLaunch
import Glibc

/// The command for people: reads arguments, calls the modules, prints.
@main
struct Main {
  static func main() async {
    do {
      var command = try Casus.parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch let error as Failure {
      if !error.message.isEmpty { Terminal.complain(error.message) }
      exit(error.code.rawValue)
    } catch {
      let code = Casus.exitCode(for: error)
      let text = Casus.fullMessage(for: error)
      if code == .success { print(text) } else { Terminal.complain(text, prefix: false) }
      // ArgumentParser's own code for a wrong command line is 64; ours is 2, as with most commands.
      exit(code == .validationFailure ? ExitStatus.usage.rawValue : code.rawValue)
    }
  }
}

struct Casus: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "casus",
    abstract: "The command of the Casus bus: start one, look at it, publish, decide, verify.",
    discussion: """
      The commands find the broker and their key in the folder that casus up made: --home DIR, or CASUS_HOME, or \
      ./casus-home.

      Exit codes: 0 done; 1 done in part, or the answer is no; 2 wrong use; 3 no broker; 65 damaged data; 66 a file \
      is missing; 70 a fault in casus; 71 the system refused; 73 a file cannot be written; 74 a disk error; 75 in use; \
      77 a key is unreadable or may be read by others; 78 a wrong topology or configuration.

      EXAMPLE: casus up deploy/topologies/demo.yaml --home casus-home
      """,
    version: "0.1.0",
    subcommands: [
      Up.self, Status.self, Ledger.self, Tail.self, Publish.self, Case.self, Decide.self, Verify.self, Keys.self,
      CaptureCommand.self, ReplayCommand.self, Quarantine.self, Schema.self, JournalCommand.self,
      Compare.self, Bench.self,
    ])
}
