import ArgumentParser
import CasusServer

#if canImport(Glibc)
  import Glibc
#endif

/// The broker daemon.
@main struct Casusd: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "casusd",
    abstract: "The Casus broker: takes events from plugins, keeps them, and hands them on.",
    discussion: """
      Example: casusd --config /etc/casus/casusd.yaml

      Ends by SIGTERM or SIGINT. Exit codes: 0 stopped by a signal, 64 wrong use, 65 the journal is damaged, \
      66 a file is missing, 70 a fault of the broker, 74 the disk failed, 75 an endpoint is in use, \
      77 a key cannot be used or strangers would be let in, 78 the configuration is wrong.
      """,
    version: Daemon.version)

  @Option(help: ArgumentHelp("The configuration, a YAML file.", valueName: "file"))
  var config: String

  @Flag(help: "Read the configuration and the registry, say what is wrong, and end.")
  var check = false

  mutating func run() {
    do throws(ServerError) {
      let configuration = try Configuration.read(config)
      let daemon = Daemon(configuration)
      if check { try daemon.check() } else { try daemon.run() }
    } catch {
      Log().error(error.message)
      Glibc.exit(error.exit.rawValue)
    }
  }
}
