import Assessment
import CasusEvents
import CasusNames
import CasusPlugin
import Knowledge

/// Who may be behind an incident, anew with each of its revisions. Reads incidents, and the detections and effects that
/// they are made of; publishes `casus.attribution.v1`. A pure fold over the journal.
@main
struct AttributionPlugin: Analyzer {
  static let manifest = Manifest(
    program: "attribution-analyzer", version: Casus.version,
    summary: "Who may be behind an incident, with reasons and what would change the answer",
    publishes: [.attribution], subscribes: ["casus.detection.v1", "casus.effect.v1", "casus.incident.v1"])

  private let settings: AttributionSettings
  private let settingsDigest: String
  private let knowledge: AttackKnowledge
  private let reader: ReportReader
  private let hypotheses: Hypotheses
  /// The same with every kind of evidence at full weight; nil where these settings hold nothing back.
  private let unrestricted: Hypotheses?
  private var notebook = Notebook()
  /// Of what the incident that was assessed last names.
  private var missing = 0
  private var log: AssessmentLog

  init(settings: Settings) throws {
    try self.init(
      policy: .read(settings), identity: settings.identity)
  }

  init(policy settings: AttributionSettings, identity: String, knowledge: AttackKnowledge = .shared) throws {
    self.settings = settings
    settingsDigest = sha256Hex(try canonicalJSON(settings))
    self.knowledge = knowledge
    reader = ReportReader(settings: settings, knowledge: knowledge)
    let profiles = Profiles(knowledge)
    hypotheses = Hypotheses(settings: settings, profiles: profiles)
    var open = settings
    open.exclude = []
    open.weights = .init()
    unrestricted = open == settings ? nil : Hypotheses(settings: open, profiles: profiles)
    log = AssessmentLog(kind: "attribution", identity: identity)
  }

  var note: String? { notebook.note(missing: missing, of: "detections and reports") }

  mutating func handle(_ event: RecordedEvent) throws -> [Draft] {
    switch event.envelope.type {
    case .detection:
      let detection = try event.data(as: Detection.self)
      notebook.keep(
        reader.reports(of: detection, ref: event.reference), of: event, superseding: detection.supersedes)
    case .effect:
      let effect = try event.data(as: Effect.self)
      notebook.keep(reader.reports(of: effect, ref: event.reference), of: event, superseding: effect.supersedes)
    case .incident:
      return try assess(event.data(as: Incident.self), event)
    default:
      break
    }
    return []
  }

  private mutating func assess(_ incident: Incident, _ event: RecordedEvent) throws -> [Draft] {
    if let drafts = log.repeated(incident: incident.incident, trigger: event.reference) { return drafts }
    guard log.admits(incident, event) else { return [] }
    var marks = Marks(event.envelope)
    var reports: [Report] = []
    if incident.state != .retracted {
      let named = (incident.detections + incident.effects + incident.techniques.flatMap(\.refs)).uniqued()
      missing = notebook.missing(of: named)
      for reference in named {
        guard let note = notebook[reference] else { continue }
        reports += note.content
        marks.inherit(note.marks)
      }
      reports += reader.reports(of: incident, ref: event.reference, besides: Set(reports.map(\.id)))
    }
    let (revision, supersedes) = log.next(incident)
    let attribution = attribution(incident, event.reference, reports, revision, supersedes)
    return try log.publish(attribution, revision: revision, incident: incident.incident, trigger: event, marks: marks)
  }

  private func attribution(
    _ incident: Incident, _ trigger: EventReference, _ reports: [Report], _ revision: Int, _ supersedes: EventReference?
  ) -> Attribution {
    let counted = reports.filter { !settings.excludes($0.kind, $0.id, from: $0.ref.source) }
    let judgement = Judgement(Evidence.gathered(counted), under: hypotheses)
    let other = unrestricted.map { Judgement(Evidence.gathered(reports), under: $0) }
    let conclusion = Conclusion(
      judgement: judgement, unrestricted: other, knowledge: knowledge, suspicions: .shared)
    let changes = judgement.changes()
    let (listed, rest) = conclusion.hypotheses()
    let evidence = conclusion.evidence()
    var confidence = conclusion.confidence(changes)
    if incident.state == .retracted {
      let why = incident.retraction.map { ": \($0)" } ?? "."
      confidence = ConfidenceStatement(
        level: .low,
        reasons: ["The incident was retracted\(why)", "What stands here are base rates, not an assessment."])
    }
    return Attribution(
      incident: incident.incident, revision: revision, hypotheses: listed, otherProbability: rest,
      states: conclusion.states(), conclusion: judgement.conclusion ?? "undetermined",
      level: judgement.conclusion == nil ? .tactical : .operational, confidence: confidence, evidence: evidence,
      stateResponsibility: conclusion.responsibility(), flips: conclusion.flips(changes),
      calibration: Calibration(temperature: settings.temperature, fittedOn: settings.fittedOn),
      assumptions: assumptions(reports, counted, judgement, shown: evidence.count),
      method: Method(
        name: "log-odds naive Bayes with back-off", version: "1", author: settings.author,
        parametersSHA256: settingsDigest),
      refs: references(trigger, then: evidence.flatMap(\.refs), limit: 24), supersedes: supersedes)
  }

  private func assumptions(_ all: [Report], _ counted: [Report], _ judgement: Judgement, shown: Int) -> [String] {
    var lines = [
      "Priors: EuRepoC's labels of initiators, divided by their sum; \(settings.listedShare.state) of state-linked "
        + "and \(settings.listedShare.criminal) of non-state actors are taken to be listed in ATT&CK.",
      "Deception has a prior of \(settings.deception), for which no base rate is published; what can be copied cannot "
        + "tell a group from someone who plays it.",
      "Profiles: \(knowledge.sources.joined(separator: "; ")).",
    ]
    if all.count > counted.count {
      lines.append(
        "Left out by these settings (\(settings.exclude.joined(separator: ", "))): \(all.count - counted.count) of "
          + "\(all.count) reports.")
    }
    let weights = settings.weights
    if weights != .init() {
      lines.append(
        "Weights: techniques \(weights.technique), software \(weights.software), acts \(weights.act).")
    }
    if judgement.evidence.count > shown {
      lines.append("\(judgement.evidence.count - shown) pieces that move the result least are not listed.")
    }
    return lines
  }
}
