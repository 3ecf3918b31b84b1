import Assessment
import CasusEvents
import CasusNames
import CasusPlugin
import Knowledge

/// Espionage or disruption, anew with each revision of an incident. Reads incidents and the effects that belong to them;
/// publishes `casus.purpose.v1`. A pure fold over the journal.
@main
struct PurposePlugin: Analyzer {
  static let manifest = Manifest(
    program: "purpose-analyzer", version: Casus.version,
    summary: "Whether an intrusion is for espionage or for disruption",
    publishes: [.purpose], subscribes: ["casus.effect.v1", "casus.incident.v1"])

  private let settings: PurposeSettings
  private let settingsDigest: String
  private let knowledge: AttackKnowledge
  private let reader: PurposeEvidenceReader
  private var effects = EffectShelf()
  /// Of what the incident that was assessed last names.
  private var missing = 0
  private var log: AssessmentLog

  init(settings: Settings) throws {
    try self.init(
      policy: .read(settings), identity: settings.identity)
  }

  init(policy settings: PurposeSettings, identity: String, knowledge: AttackKnowledge = .shared) throws {
    self.settings = settings
    settingsDigest = sha256Hex(try canonicalJSON(settings))
    self.knowledge = knowledge
    reader = PurposeEvidenceReader(settings: settings, knowledge: knowledge)
    log = AssessmentLog(kind: "purpose", identity: identity)
  }

  var note: String? { effects.note(missing: missing, of: "reports") }

  mutating func handle(_ event: RecordedEvent) throws -> [Draft] {
    switch event.envelope.type {
    case .effect:
      try effects.keep(event)
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
    let isRetracted = incident.state == .retracted
    let found = isRetracted ? [] : effects.of(incident)
    missing = effects.missing(of: incident.effects)
    for effect in found { marks.inherit(effect.marks) }
    let evidence = isRetracted ? [] : reader.evidence(incident, effects: found.map { ($0.effect, $0.reference) })
    let judgement = PurposeJudgement(evidence, settings)
    let later = isRetracted ? nil : Prepositioning(incident, evidence, knowledge, settings)
    let (revision, supersedes) = log.next(incident)
    let pieces = evidence.map(piece) + (later?.reasons ?? []).map(piece)
    let exploitation = rounded(judgement.exploitation)
    let attack = rounded(judgement.attack)
    let purpose = Purpose(
      incident: incident.incident, revision: revision, exploitation: exploitation, attack: attack,
      undetermined: rounded(1 - exploitation - attack),
      prepositioning: rounded(later?.probability ?? settings.prepositioning.prior),
      conclusion: isRetracted ? .undetermined : judgement.conclusion,
      confidence: confidence(judgement, incident), evidence: pieces, flips: isRetracted ? [] : judgement.flips(),
      method: Method(
        name: "log-odds over signs of payload", version: "2", author: settings.author,
        parametersSHA256: settingsDigest),
      refs: references(event.reference, then: pieces.flatMap(\.refs), limit: 24), supersedes: supersedes)
    return try log.publish(purpose, revision: revision, incident: incident.incident, trigger: event, marks: marks)
  }

  private func piece(_ evidence: SignEvidence) -> PurposeEvidence {
    let shown = evidence.sightings.prefix(4).joined(separator: "; ")
    let more = evidence.sightings.count > 4 ? "; \(evidence.sightings.count - 4) more" : ""
    let why = evidence.dismissed.map { " \($0)" } ?? ""
    return PurposeEvidence(
      summary: "\(evidence.sign.words): \(shown)\(more).\(why)",
      indicates: evidence.dismissed == nil ? evidence.sign.points : .none,
      logRatio: rounded(PurposeJudgement.logRatio(evidence, settings), places: 4),
      refs: Array(evidence.refs.uniqued().prefix(4)), technique: evidence.technique)
  }

  private func piece(_ reason: Prepositioning.Reason) -> PurposeEvidence {
    PurposeEvidence(
      summary: reason.words + ".", indicates: .prepositioning, logRatio: rounded(reason.logRatio, places: 4),
      refs: reason.refs, technique: reason.technique)
  }

  private func confidence(_ judgement: PurposeJudgement, _ incident: Incident) -> ConfidenceStatement {
    if incident.state == .retracted {
      let why = incident.retraction.map { ": \($0)" } ?? "."
      return ConfidenceStatement(
        level: .low, reasons: ["The incident was retracted\(why)", "What stands here are priors, not an assessment."])
    }
    let counted = judgement.evidence.filter { $0.dismissed == nil && $0.sign != .other }
    let seen = counted.filter(\.wasSeen)
    let reported = counted.contains { $0.sign == .loss }
    var reasons = [
      "\(counted.count) kind\(counted.count == 1 ? "" : "s") of evidence, \(seen.count) of them seen done."
    ]
    if seen.count < counted.count { reasons.append("Some of it is only what the malware is able to do.") }
    reasons.append(
      reported ? "An operator reports a loss, apart from what sensors saw." : "No operator reports a loss of service.")
    if judgement.conclusion == .undetermined { reasons.append("No purpose dominates.") }
    let level: Confidence
    if judgement.conclusion == .undetermined || seen.isEmpty || counted.count < 2 {
      level = .low
    } else {
      level = reported && seen.count >= 3 && judgement.probability >= 0.9 ? .high : .moderate
    }
    return ConfidenceStatement(level: level, reasons: reasons)
  }
}
