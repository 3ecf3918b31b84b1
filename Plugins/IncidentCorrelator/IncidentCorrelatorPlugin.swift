import Assessment
import CasusEvents
import CasusNames
import CasusPlugin

/// Publishes incidents: detections and effects that belong together, revised as evidence comes and retracted when it falls.
@main
struct IncidentCorrelatorPlugin: CheckpointedAnalyzer {
  static let manifest = Manifest(
    program: "incident-correlator", version: Casus.version,
    summary: "Groups detections and effects that belong together into incidents.",
    publishes: [.incident], subscribes: ["casus.detection.v1", "casus.effect.v1", "casus.case.v1"])

  private var correlator: Correlator

  init(settings: Settings) throws {
    correlator = Correlator(policy: try .read(settings), source: "//\(settings.identity)")
  }

  /// It reads every detection there is: at a new start only those behind the last checkpoint.
  var state: [Correlator.World: Groups] {
    get { correlator.worlds }
    set { correlator.worlds = newValue }
  }

  var note: String? { correlator.note }

  mutating func handle(_ event: RecordedEvent) throws -> [Draft] { try correlator.handle(event) }
}
