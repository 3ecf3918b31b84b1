import CasusEvents
import CasusNames
import Glibc
import Logging

/// A plugin's process from its first line to its exit code.
///
/// **Environment** (a launcher sets it): `CASUS_BROKER`, `CASUS_BROKER_KEY`, `CASUS_KEY_FILE`, `CASUS_IDENTITY`, `CASUS_STATE`;
/// optional `CASUS_SETTINGS`, `CASUS_CONNECT_TIMEOUT` (seconds; without it a plugin waits for a broker for ever) and `CASUS_LOG`
/// (`trace`, `debug`, `info`, `notice`, `warning`, `error`; `info` without it).
///
/// **Exit codes**: see `ExitStatus` of `CasusNames`. SIGTERM, SIGINT and SIGHUP stop it in good order: the work is cancelled,
/// what was published is acknowledged (five seconds at most), the broker is told, exit code 0.
public enum PluginProcess {
  typealias Work = @Sendable (Bus) async throws -> Void

  static func run(_ manifest: Manifest, _ make: (Settings) throws -> Work) async {
    let code = await code(manifest, make)
    exit(code.rawValue)
  }

  private static func code(_ manifest: Manifest, _ make: (Settings) throws -> Work) async -> ExitStatus {
    switch CommandLine.arguments.dropFirst().first {
    case nil: break
    case "--help", "-h":
      print(help(manifest), terminator: "")
      return .ok
    case "--version":
      print("\(manifest.program) \(manifest.version)")
      return .ok
    case let argument?:
      complain(manifest, "'\(argument)' is not understood; it takes no arguments but --help and --version")
      return .usage
    }
    do {
      let level = try logLevel()
      LoggingSystem.bootstrap { _ in StderrLogHandler(level: level) }
      let connection = try Connection.fromEnvironment(manifest)
      let settings = try Settings.fromEnvironment()
      let work: Work
      do {
        work = try make(settings)
      } catch {
        throw BusError(settings: error)
      }
      return await run(connection, work)
    } catch {
      complain(manifest, "\(error)")
      return ExitStatus(error)
    }
  }

  private static func run(_ connection: Connection, _ work: @escaping Work) async -> ExitStatus {
    let logger = Logger(label: connection.identity)
    let task = Task {
      let bus = try await Bus.connect(connection, logger: logger)
      var result: Result<Void, any Error> = .success(())
      do { try await run(work, bus) } catch { result = .failure(error) }
      await bus.close(within: .seconds(5), reason: Task.isCancelled ? "stopped" : "done")
      try result.get()
    }
    do {
      try StopSignals.handle { signal in
        logger.info("stopping", metadata: ["signal": "\(signal)"])
        task.cancel()
      }
      try await task.value
      return .ok
    } catch is CancellationError where task.isCancelled {
      return .ok
    } catch {
      // What ends because it was asked to may say so in words of its own.
      if task.isCancelled, (error as? BusError)?.code == .closed { return .ok }
      logger.critical("ended", metadata: ["reason": "\(error)", "exit": "\(ExitStatus(error).rawValue)"])
      return ExitStatus(error)
    }
  }

  /// The work, until it is done or the bus can do no more.
  private static func run(_ work: @escaping Work, _ bus: Bus) async throws {
    try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask {
        try await work(bus)
        return true
      }
      group.addTask {
        if let error = try await bus.link.ended.value() { throw error }
        return false
      }
      while let isDone = try await group.next(), !isDone {}
      group.cancelAll()
    }
  }

  private static func logLevel() throws(BusError) -> Logger.Level {
    guard let text = Connection.environmentVariable("CASUS_LOG"), !text.isEmpty else { return .info }
    guard let level = Logger.Level(rawValue: text) else {
      let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
      throw BusError(.configuration, "CASUS_LOG is '\(text)', not one of \(levels)")
    }
    return level
  }

  private static func complain(_ manifest: Manifest, _ text: String) {
    let line = Array("\(manifest.program): \(HarmlessText.shown(text, keeping: .lines))\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
  }

  static func help(_ manifest: Manifest) -> String {
    let publishes = manifest.publishes.map(\.rawValue).joined(separator: ", ")
    let subscribes = manifest.subscribes.joined(separator: ", ")
    return """
      \(manifest.program) \(manifest.version): \(manifest.summary)

      A Casus plugin. It takes no arguments; a launcher starts it with what it needs:

          casus up TOPOLOGY.yaml

      Publishes:  \(publishes.isEmpty ? "nothing" : publishes)
      Subscribes: \(subscribes.isEmpty ? "nothing" : subscribes)

      Environment:
        CASUS_BROKER           endpoint, as tcp://127.0.0.1:5577
        CASUS_BROKER_KEY       the broker's public key
        CASUS_KEY_FILE         this plugin's key pair, mode 0600
        CASUS_IDENTITY         AGENCY/PLUGIN, as jp.nisc/suricata-1
        CASUS_STATE            a folder of its own
        CASUS_SETTINGS         its settings, a JSON file (optional)
        CASUS_OUTBOX           where events wait for the broker: memory, file (in CASUS_STATE) or
                               a path (optional; here \(manifest.outbox.rawValue))
        CASUS_CONNECT_TIMEOUT  seconds without a broker before it gives up (optional; for ever)
        CASUS_LOG              trace, debug, info, notice, warning or error (optional; info)

      \(ExitStatus.help(for: .plugin))

      """
  }
}
