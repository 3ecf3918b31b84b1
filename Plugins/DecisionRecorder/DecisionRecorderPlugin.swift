import CasusCases
import CasusConfiguration
import CasusEvents
import CasusNames
import CasusPlugin

/// Keeps the record of cases: says who must be heard and by when, what was not accepted and why, and when every quorum has
/// signed. It never decides and holds no signer's key.
///
/// Reads everything (`>`), because a snapshot's Merkle root stands over the whole journal; where it may not, roots go
/// unchecked and the rest works. Publishes `casus.consultation.v1`, and `casus.case.v1` once a decision stands.
@main
struct DecisionRecorderPlugin: Analyzer {
  static let manifest = Manifest(
    program: "decision-recorder", version: Casus.version,
    summary: "Records consultations and signed decisions; decides nothing",
    publishes: [.consultation, .caseFile], subscribes: [">"])

  private var recorder: Recorder

  init(settings: Settings) throws {
    let read = try ConfigurationReader.settings(settings.path, as: RecorderSettings.table) { RecorderSettings($0) }
    recorder = Recorder(policies: read.policies, identity: settings.identity)
  }

  var note: String? { recorder.projection.forgottenDisputes }

  mutating func handle(_ event: RecordedEvent) throws -> [Draft] { try recorder.handle(event) }
}
