import CasusCases
import CasusEvents
import CasusLedger
import Testing

/// A small journal of an exercise (or not), written as the broker would have, with a projection that follows it.
struct CaseJournal {
  var events: [RecordedEvent] = []
  var projection: CasePolicyProjection
  let exercise: Bool
  let jp1, jp2, us1, us2, stranger: SigningKey
  let policy: CasePolicy

  typealias CasePolicyProjection = CaseProjection

  static let start = Timestamp(rfc3339: "2026-08-14T00:00:00Z")!

  init(exercise: Bool = true, threshold: Int = 1, consult: Bool = true) throws {
    self.exercise = exercise
    jp1 = try .generate()
    jp2 = try .generate()
    us1 = try .generate()
    us2 = try .generate()
    stranger = try .generate()
    policy = CasePolicy(
      name: "exercise-bilateral", version: "1", author: "EXERCISE",
      parties: [
        PolicyParty(
          name: "JP", title: "Japan", threshold: threshold,
          signers: [
            PolicySigner(name: "EXERCISE JP one", role: "director", key: jp1.verifyingKey),
            PolicySigner(name: "EXERCISE JP two", key: jp2.verifyingKey),
          ]),
        PolicyParty(
          name: "US", title: "United States", threshold: threshold,
          signers: [
            PolicySigner(name: "EXERCISE US one", key: us1.verifyingKey),
            PolicySigner(name: "EXERCISE US two", key: us2.verifyingKey),
          ]),
      ],
      consult: consult
        ? [
          PolicyConsultation(party: "JP", office: "EXERCISE JP desk", withinHours: 12),
          PolicyConsultation(party: "US", office: "EXERCISE US desk", withinHours: 12),
        ] : [])
    projection = CaseProjection(policies: [policy])
  }

  var now: Timestamp { Timestamp(nanoseconds: Self.start.nanoseconds + Int64(events.count) * 60_000_000_000) }

  /// - Parameter sequence: when what lies before is lost; nil for the next one.
  @discardableResult
  mutating func append(
    _ draft: Draft, by sender: String, flags: StampFlags = [], at sequence: UInt64? = nil
  ) throws -> RecordedEvent {
    var draft = draft
    draft.time = draft.time ?? now
    var flags = flags
    if draft.exercise { flags.insert(.exercise) }
    let stamp = Stamp(
      sequence: sequence ?? (events.last?.stamp.sequence ?? 0) + 1, recorded: now, sender: sender, flags: flags)
    let event = try RecordedEvent(stamp: stamp, bytes: try draft.encoded(source: "//\(sender)"))
    events.append(event)
    projection.apply(event)
    return event
  }

  @discardableResult
  mutating func append(_ payload: some Payload, id: String, by sender: String, flags: StampFlags = []) throws
    -> RecordedEvent
  {
    try append(Draft(payload, id: id, time: now, exercise: exercise), by: sender, flags: flags)
  }

  static let confidence = ConfidenceStatement(level: .low, reasons: ["One sensor."])
  static let method = Method(name: "exercise", version: "1")

  /// Detections, an effect, an incident with two revisions and two analyzers of each kind.
  mutating func assess() throws {
    let flags: StampFlags = []
    let asset = Asset(
      id: "EXERCISE-rtu-3", operatorName: "EXERCISE Power", nation: "JP", sector: .jpElectricPower,
      location: .criticalSystems)
    var detections: [EventReference] = []
    for index in 1...3 {
      let detection = Detection(
        finding: Finding(uid: "u\(index)", title: "DNP3 operate | <b>", analytic: Analytic(name: "dnp3")),
        severityID: 4, firstSeen: now, lastSeen: now,
        techniques: [Technique(id: "T0855", domain: .ics, probability: 0.8)], asset: asset)
      detections.append(try append(detection, id: "d-\(index)", by: "jp.nisc/suricata-1", flags: flags).reference)
    }
    let effect = Effect(
      report: "EXERCISE-17", kind: .outage, title: "EXERCISE feeders without power", operatorName: "EXERCISE Power",
      nation: "JP", started: now, reported: now, usersAffected: Estimate(value: 225_000, low: 200_000, high: 230_000))
    let report = try append(effect, id: "e-1", by: "jp.meti/outage-1").reference
    var incident = Incident(
      incident: "i-1", revision: 1, state: .open, title: "EXERCISE power", phase: .presence, firstSeen: now,
      lastSeen: now, domains: [.cyberspace], detectionCount: 3, effectCount: 0, detections: detections, effects: [],
      techniques: [], victims: [Victim(operatorName: "EXERCISE Power", nation: "JP")], sectors: [.jpElectricPower],
      basis: ["Same operator."], method: Self.method)
    let first = try append(incident, id: "i-1-r1", by: "jp.nisc/correlator-1").reference
    incident.revision = 2
    incident.phase = .effect
    incident.effects = [report]
    incident.effectCount = 1
    incident.supersedes = first
    let second = try append(incident, id: "i-1-r2", by: "jp.nisc/correlator-1").reference
    try append(attribution(0.5, "G0034", .moderate, second), id: "a-r1", by: "jp.nisc/attribution-1")
    try append(attribution(0.3, "undetermined", .low, second), id: "a-r1", by: "us.cisa/attribution-1")
    let purpose = Purpose(
      incident: "i-1", revision: 1, exploitation: 0.2, attack: 0.7, undetermined: 0.1, prepositioning: 0.3,
      conclusion: .attack, confidence: Self.confidence, evidence: [], method: Self.method, refs: [second])
    try append(purpose, id: "p-r1", by: "jp.nisc/purpose-1")
    try append(damage(71, 3, second), id: "m-r1", by: "jp.nisc/damage-1")
    try append(damage(55, 2, second), id: "m-r1", by: "us.doe/damage-1")
  }

  func attribution(_ probability: Double, _ conclusion: String, _ level: Confidence, _ ref: EventReference)
    -> Attribution
  {
    Attribution(
      incident: "i-1", revision: 1,
      hypotheses: [
        Hypothesis(id: "G0034", subject: .group, probability: probability, name: "Sandworm Team", nation: "RU"),
        Hypothesis(id: "unknown", subject: .unknown, probability: 0.95 - probability),
      ], otherProbability: 0.05, conclusion: conclusion, level: .operational,
      confidence: ConfidenceStatement(level: level, reasons: ["Few sources."]),
      evidence: [
        AttributionEvidence(
          summary: "T0855 seen 3 times", refs: [ref], vertex: .capability, forgeability: .moderate,
          dependenceGroup: "suricata", reliability: 0.7,
          ratios: [LikelihoodRatio(hypothesis: "G0034", logRatio: 1.25)])
      ],
      flips: [Flip(change: "without T0855", result: "unknown", probability: 0.6, refs: [ref])], method: Self.method,
      refs: [ref])
  }

  func damage(_ score: Double, _ level: Int, _ ref: EventReference) -> Damage {
    Damage(
      incident: "i-1", revision: 1,
      scales: [
        ScaleResult(
          scale: "nciss", title: "NCISS", version: "2017",
          score: ScaleScore(
            value: score, interval: Interval(low: score - 9, high: score + 9, coverage: 0.9), minimum: 0, maximum: 100),
          level: ScaleLevel(value: level, name: "High", low: 2, high: 4),
          inputs: [ScaleInput(name: "Recoverability", known: false, low: 20, high: 100, influence: 0.4)])
      ],
      unknownInputs: [UnknownInput(name: "Recoverability", scales: ["nciss"], influence: 0.4, question: "How long?")],
      outlook: .stable, confidence: Self.confidence, method: Self.method, refs: [ref])
  }
}
