/// A plugin that acts by itself: a sensor, a recorder. The SDK does connection, reconnecting, outbox, health, signals, logging.
///
///     @main
///     struct Thermometer: Plugin {
///       static let manifest = Manifest(
///         program: "thermometer", version: "1.0.0", summary: "...", publishes: [.detection], subscribes: [])
///       init(settings: Settings) throws {}
///
///       func run(on bus: Bus) async throws {
///         for await reading in readings() {
///           let outcomes = try await bus.publish([Draft(detection(reading), id: reading.id)])
///           ...
///         }
///       }
///     }
public protocol Plugin: Sendable {
  static var manifest: Manifest { get }

  /// Throw when the settings are unusable: the process ends with exit code 78 and the error as one line.
  init(settings: Settings) throws

  /// Does the work; the process ends with exit code 0 when it returns. Its task is cancelled on SIGTERM and SIGINT: return, or
  /// throw `CancellationError`, within ten seconds. Whatever else it throws ends the process with exit code 70.
  func run(on bus: Bus) async throws
}

extension Plugin {
  /// The program: connects as the environment says, and runs. See `PluginProcess` for exit codes.
  @concurrent public static func main() async {
    await PluginProcess.run(manifest) { settings in
      let plugin = try Self(settings: settings)
      return { bus in try await plugin.run(on: bus) }
    }
  }
}
