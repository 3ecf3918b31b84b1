import ArgumentParser
import CasusConfiguration
import CasusNames
import CasusServer
import Glibc

/// The broker daemon.
@main struct Casusd: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "casusd",
    abstract: "The Casus broker: takes events from plugins, keeps them, and hands them on.",
    discussion: """
      Example: casusd --config /etc/casus/casusd.yaml

      The journal is made once, by casusd --config FILE --init. Without a journal, or with one that lacks what it had (65), casusd \
      does not start, and says what a person can do.

      Settings: \(ConfigurationFields.table.names.joined(separator: ", ")); listen, registry and journal must be there. \
      limits has \(LimitFields.table.names.joined(separator: ", ")). A segment also ends after 32,768 commits; with sync: os \
      an acknowledgement survives the broker's end and not a power cut; unsafe_plain is for measurements alone. Who asks for too much \
      in vain is cut off for cut_off_s seconds, and twice as long each further time; casus.bus.refused.v1 and 'casus status' tell who.

      Without retention everything is kept. What is held back or removed unacknowledged is told by casus.bus.retention.v1, the log and \
      'casus status'. It has:

      \(ConfigurationFields.retention.help)

      Ends by SIGTERM or SIGINT. \(ExitStatus.help(for: .broker))
      """,
    version: Casus.version)

  @Option(help: ArgumentHelp("The configuration, a YAML file.", valueName: "file"))
  var config: String

  @Option(help: ArgumentHelp("The broker's key file, instead of the configuration's.", valueName: "file"))
  var key: String?

  @Flag(help: "Take replays, from those with the role replay: for a broker that serves nothing live.")
  var acceptReplay = false

  @Flag(help: "Read the configuration and the registry, say what is wrong, and end.")
  var check = false

  @Flag(help: "Make the journal, which must not be there yet, and end.")
  var `init` = false

  func validate() throws {
    if check, `init` { throw ValidationError("--check and --init are two tasks") }
  }

  mutating func run() {
    do throws(ServerError) {
      try Daemon.start(
        config, key: key, acceptReplay: acceptReplay, check ? .check : `init` ? .makeJournal : .serve)
    } catch {
      // A line for each thing that is wrong.
      for line in error.message.split(separator: "\n") { Log().error(String(line)) }
      Glibc.exit(error.exit.rawValue)
    }
  }
}
