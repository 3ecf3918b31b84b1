import Assessment
import CasusEvents
import CasusNames
import CasusPlugin
import Knowledge

/// How bad an incident is, on each named scale, anew with each of its revisions and when the attribution that it takes
/// the actor from changes. Publishes `casus.damage.v1`. A pure fold over the journal.
@main
struct DamagePlugin: Analyzer {
  static let manifest = Manifest(
    program: "damage-estimator", version: Casus.version,
    summary: "How bad an incident is, on each published scale, with intervals and what is not known",
    publishes: [.damage], subscribes: ["casus.attribution.v1", "casus.effect.v1", "casus.incident.v1"])

  private struct Track: Sendable {
    var incident: Incident
    var reference: EventReference
    var marks: Marks
    var standing: Standing
    /// At the incident's revision before this one.
    var before: Standing?
  }

  private let settings: DamageSettings
  private let settingsDigest: String
  private let identity: String
  private let reader: FactReader
  private var effects = EffectShelf()
  /// Of what the incident that was assessed last names.
  private var missing = 0
  /// The incidents that an attribution may still change the estimate of.
  private var tracks = SourceShelf<String, Track>(capacity: 10_000)
  private var attributions = AttributionShelf(capacity: 10_000)
  private var log: AssessmentLog

  init(settings: Settings) throws {
    try self.init(policy: .read(settings), identity: settings.identity)
  }

  init(policy settings: DamageSettings, identity: String, knowledge: AttackKnowledge = .shared) throws {
    self.settings = settings
    settingsDigest = sha256Hex(try canonicalJSON(settings))
    self.identity = identity
    reader = FactReader(settings: settings, knowledge: knowledge)
    log = AssessmentLog(kind: "damage", identity: identity)
  }

  var note: String? { effects.note(missing: missing, of: "reports") }

  mutating func handle(_ event: RecordedEvent) throws -> [Draft] {
    switch event.envelope.type {
    case .effect:
      try effects.keep(event)
      return []
    case .attribution:
      let attribution = try event.data(as: Attribution.self)
      if let drafts = log.repeated(incident: attribution.incident, trigger: event.reference) { return drafts }
      guard log.isOfTheSameWorld(attribution.incident, event) else { return [] }
      let before = actor(attribution.incident).map { reader.actor(($0.attribution, $0.reference)).distribution }
      attributions.keep(attribution, of: event)
      let after = actor(attribution.incident).map { reader.actor(($0.attribution, $0.reference)).distribution }
      guard let track = tracks[attribution.incident], track.incident.state != .retracted, before != after else {
        return []
      }
      return try publish(track, event)
    case .incident:
      let incident = try event.data(as: Incident.self)
      if let drafts = log.repeated(incident: incident.incident, trigger: event.reference) { return drafts }
      guard log.admits(incident, event) else { return [] }
      let known = tracks[incident.incident]
      let track = Track(
        incident: incident, reference: event.reference, marks: Marks(event.envelope), standing: standing(incident),
        before: known?.standing)
      // The one revised last is the youngest.
      tracks.remove(incident.incident)
      tracks.insert(track, for: incident.incident, of: Holder(event))
      return try publish(track, event)
    default:
      return []
    }
  }

  private func standing(_ incident: Incident) -> Standing {
    let reports = effects.of(incident)
    return Standing(
      phase: incident.phase, users: reader.users(of: reports), victims: incident.victims.count, effects: reports.count)
  }

  /// The settings' own source, else one of this agency, else the first by name.
  private func actor(_ incident: String) -> AttributionShelf.Named? {
    let all = attributions.of(incident)
    let agency = "//" + identity.prefix { $0 != "/" } + "/"
    return settings.attribution.isEmpty
      ? all.first { $0.reference.source.hasPrefix(agency) } ?? all.first
      : all.first { $0.reference.source.hasPrefix(settings.attribution) }
  }

  private mutating func publish(_ track: Track, _ trigger: RecordedEvent) throws -> [Draft] {
    let incident = track.incident
    var marks = Marks(trigger.envelope)
    marks.inherit(track.marks)
    let (revision, supersedes) = log.next(incident)
    let damage: Damage
    if incident.state == .retracted {
      damage = DamageReport.retracted(
        incident, track.reference, revision: revision, supersedes: supersedes, method: method)
    } else {
      let found = effects.of(incident)
      missing = effects.missing(of: incident.effects)
      let named = actor(incident.incident)
      for other in found.map(\.marks) + (named.map { [$0.marks] } ?? []) { marks.inherit(other) }
      // By what was seen and said, never by when a plugin wrote it down: a log read late is no longer outage.
      let now = found.map(\.effect.reported).reduce(incident.lastSeen, max)
      let facts = reader.facts(
        incident, effects: found, attribution: named.map { ($0.attribution, $0.reference) }, now: now,
        trigger: track.reference)
      let outlook = OutlookReader.outlook(
        incident, effects: found.map(\.effect), now: now, before: track.before, standing: track.standing)
      damage = DamageReport(
        settings: settings, facts: facts, incident: incident, effects: found, missing: missing, outlook: outlook
      ).damage(track.reference, revision: revision, supersedes: supersedes, method: method)
    }
    return try log.publish(damage, revision: revision, incident: incident.incident, trigger: trigger, marks: marks)
  }

  private var method: Method {
    Method(
      name: "published scales over seeded Monte Carlo", version: "2", author: settings.author,
      parametersSHA256: settingsDigest)
  }
}
