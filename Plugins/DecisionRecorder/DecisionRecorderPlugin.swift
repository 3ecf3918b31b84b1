import CaseIndex
import CasusCases
import CasusConfiguration
import CasusEvents
import CasusNames
import CasusPlugin
import Logging

/// Keeps the record of cases: says who must be heard and by when, what was not accepted and why, and when every quorum has
/// signed. It never decides and holds no signer's key.
///
/// Reads everything (`>`), because a snapshot's Merkle root stands over the whole journal; where it may not, roots go
/// unchecked and the rest works. Publishes `casus.consultation.v1`, and `casus.case.v1` once a decision stands.
///
/// Keeps an index of the journal in the folder `cases` of its state, which it makes again where it is damaged or of another journal: so
/// it starts where it ended, with little memory, however long the journal is. This is the one analyzer that writes a file while
/// it handles events.
@main
struct DecisionRecorderPlugin: Analyzer {
  static let manifest = Manifest(
    program: "decision-recorder", version: Casus.version,
    summary: "Records consultations and signed decisions; decides nothing",
    publishes: [.consultation, .caseFile], subscribes: [">"])

  /// Until there is an index, and without a bus: in memory, over everything.
  private var recorder: Recorder
  private var indexed: IndexedRecorder?
  private let policies: [CasePolicy]
  private let settings: Settings
  /// Why the index does not serve.
  private var fault: String?

  init(settings: Settings) throws {
    let read = try ConfigurationReader.settings(settings.path, as: RecorderSettings.table) { RecorderSettings($0) }
    policies = read.policies
    self.settings = settings
    recorder = Recorder(policies: policies, identity: settings.identity)
  }

  var note: String? { fault ?? (indexed == nil ? recorder.projection.forgottenDisputes : nil) }

  mutating func resume(on bus: Bus, through acked: UInt64) async throws -> UInt64 {
    let observer = CaseReader.Observer(told: { bus.logger.warning("\($0)") })
    let source = try await BusSource(bus)
    let index = try await CaseReader.read(source, folder: "\(settings.stateDirectory)/cases", observer) { $0.index }
    indexed = IndexedRecorder(index, policies: policies, identity: settings.identity)
    // It is brought up to the journal's end, and that is not before what is acknowledged.
    return max(acked, index.last?.sequence ?? 0)
  }

  mutating func handle(_ event: RecordedEvent) throws -> [Draft] {
    guard indexed != nil else { return try recorder.handle(event) }
    do {
      let drafts = try indexed?.handle(event) ?? []
      fault = nil
      return drafts
    } catch {
      fault = "the index of cases fails, a new start makes it again: \(error)"
      throw error
    }
  }
}
