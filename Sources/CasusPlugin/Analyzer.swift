public import CasusEvents

/// A plugin that reads events and answers with events: a pure fold. The SDK does everything else: connection, reconnecting,
/// outbox, acknowledgements, health, signals, logging.
///
/// The smallest useful one is a whole program of under 30 lines, `Plugins/ExampleCounter`. Its frame:
///
///     @main
///     struct ExampleCounter: Analyzer {
///       static let manifest = Manifest(
///         program: "example-counter", version: "1.0.0", summary: "Says so when one asset was hit ten times.",
///         publishes: [.detection], subscribes: ["casus.detection.v1"])
///       var hits: [String: [RecordedEvent]] = [:]
///
///       init(settings: Settings) {}
///
///       mutating func handle(_ event: RecordedEvent) throws -> [Draft] {
///         let detection = try event.data(as: Detection.self)
///         ...
///       }
///     }
///
/// **Pure** means: the same events in the same order give byte-identical outputs. So ids are derived from the inputs, `time` is
/// the latest `time` of the inputs, and no clock or random generator is read. Then a restart or a replay repeats the
/// same events, and the broker answers "duplicate".
///
/// **Marks travel.** What follows from an exercise's event is an exercise's, and what follows from a replayed one descends from it: the
/// SDK sets `exercise` and `descends` in a draft where the event that was handled, or one that the draft names, is marked.
///
/// **At a restart** the SDK reads the history again, up to the last event that was ever sent, so that the state is what it was; then it
/// goes on live. Outputs of what was acknowledged are suppressed, those of the rest are published (the broker knows the ones that
/// it has). A new value of the type is made for that: state lives in memory only, but
/// for a ``CheckpointedAnalyzer``'s, and for who keeps some of it by himself (``resume(on:through:)``).
///
/// An event is acknowledged when `handle` has returned and its outputs are on the broker's disk. An output that the broker
/// refuses is logged with code and pointer, counted in the plugin's health, and stops nothing.
public protocol Analyzer: Sendable {
  static var manifest: Manifest { get }

  /// Throw when the settings are unusable: the process ends with exit code 78 and the error as one line.
  init(settings: Settings) throws

  /// Before anything is handled: takes up what it has kept of the history itself, and says up to which sequence that is. Only what
  /// lies behind is read again. Nothing is kept by default (0).
  ///
  /// Who keeps something has to find out whether it is of this journal and of all that may be read of it.
  ///
  /// - Parameter acked: the sequence up to which everything is acknowledged.
  mutating func resume(on bus: Bus, through acked: UInt64) async throws -> UInt64

  /// Folds one event in. Quick, and free of input and output: it runs on a thread that all tasks share.
  ///
  /// Throwing means "not processed": the event comes again a second later and after five attempts goes to quarantine, while
  /// the ones behind it go on. So throw for what never should have come, before the state is changed; in a history that is read
  /// again the event is passed over.
  mutating func handle(_ event: RecordedEvent) throws -> [Draft]

  /// A line for the plugin's health, as what it holds back of somebody who sends too much; nil while all is well. Read now and
  /// then, so let it cost little.
  var note: String? { get }
}

extension Analyzer {
  public var note: String? { nil }

  public mutating func resume(on bus: Bus, through acked: UInt64) async throws -> UInt64 { 0 }
}

extension Analyzer {
  /// Folds the bus's events in and publishes what comes of them, until the bus ends or the task is cancelled: what `main`
  /// does once it is connected.
  public consuming func run(on bus: Bus) async throws { try await AnalyzerRunner(self, bus).run() }

  /// The program: connects as the environment says, and runs until SIGTERM or SIGINT. See `PluginProcess` for exit codes.
  @concurrent public static func main() async {
    await PluginProcess.run(manifest) { settings in
      let analyzer = try Self(settings: settings)
      return { bus in try await AnalyzerRunner(analyzer, bus, settings).run() }
    }
  }
}
