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

      The journal is made once, by casusd --config FILE --init. Without a journal, or with one that lacks what it had, casusd does \
      not start (65) and says what a person can do.

      Settings: \(ConfigurationFields.table.names.joined(separator: ", ")); listen, registry and journal must be there. \
      limits has \(LimitFields.table.names.joined(separator: ", ")). A segment also ends after 32,768 commits; with sync: os \
      an acknowledgement survives the broker's end and not a power cut; unsafe_plain is for measurements alone. And

        retention:
          max_bytes: 107374182400   # the oldest segments go beyond this size
          max_age_s: 31536000       # or age; one of the two is needed
          needed: keep              # or cut: what durable ones still need
          grace_s: 86400            # cut waits so long after it was told

      Who asks for too much in vain is cut off for cut_off_s seconds (10; twice as long each further time): a refused \
      event costs a point, a refused message or a ping 4, a request 20, a session 200; faults_per_s points (20000) come back each \
      second, faults_at_once (100000) may be spent at once. casus.bus.refused.v1 and 'casus status' tell who.

      Without retention everything is kept. What is held back or removed unacknowledged is told by \
      casus.bus.retention.v1, the log and 'casus status'.

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
