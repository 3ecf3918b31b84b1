import CasusEvents

extension Samples {
  static let damage = Damage(
    incident: "i-1", revision: 1,
    scales: [
      ScaleResult(
        scale: "nciss", title: "National Cyber Incident Scoring System", version: "2017",
        score: ScaleScore(
          value: 71.5, interval: Interval(low: 60, high: 80, coverage: 0.9), minimum: 0, maximum: 100),
        level: ScaleLevel(value: 3, name: "High", low: 2, high: 4),
        inputs: [
          ScaleInput(
            name: "Functional Impact", known: true, selected: "Denial of Critical Services", value: 100, low: 70,
            high: 100, basis: "Operator's report", influence: 0.4, refs: [reference])
        ], levelPolicy: "EXERCISE policy", notes: ["Notional weights."])
    ], unknownInputs: [UnknownInput(name: "casualties", scales: ["dcid"], influence: 0.3, question: "Anyone hurt?")],
    outlook: .worsening, outlookReasons: ["More feeders."], confidence: confidence, summary: "EXERCISE.",
    method: method, samples: 10_000, admiralty: admiralty, refs: [reference], supersedes: reference)

  static let caseFile = CaseFile(
    caseID: "EXERCISE-1", revision: 1, incident: "i-1", title: "EXERCISE case", state: .open, opened: time,
    openedBy: person, question: "Armed attack?", policy: policy, outcome: .noAction, decisions: [reference],
    notes: ["EXERCISE."], refs: [reference], supersedes: reference)

  static let consultation = Consultation(
    caseID: "EXERCISE-1", revision: 1, state: .awaited,
    consultees: [Consultee(party: "US", office: "EXERCISE desk", due: later, position: reference)],
    notes: [ConsultationNote(code: "bad-signature", message: "One signature does not verify.", about: reference)],
    omittedNotes: 2, policy: policy, refs: [reference], supersedes: reference)

  static let envelope = SignedEnvelope(
    payloadType: "application/vnd.casus.decision.v1+json", payload: "e30=",
    signatures: [EnvelopeSignature(keyid: digest, sig: "AAAA")])

  static let position = Position(
    caseID: "EXERCISE-1", party: "JP", finding: .useOfForce, envelope: envelope, supersedes: reference)

  static let decision = Decision(caseID: "EXERCISE-1", party: "US", outcome: .countermeasures, envelope: envelope)

  static let dispute = Dispute(
    about: reference, ground: .misattributed, reason: "EXERCISE: the host is ours.", by: person,
    withdrawal: "EXERCISE: it was not.", refs: [reference], supersedes: reference)

  static let snapshot = EvidenceSnapshot(
    treeSize: "120", root: digest, events: [EvidenceItem(sequence: "7", sha256: digest)],
    evidenceCount: 31)

  static let prong = Prong(probability: 0.6, interval: interval, basis: ["EXERCISE."])

  static let positionStatement = PositionStatement(
    caseID: "EXERCISE-1", incident: "i-1", party: "JP", finding: .armedAttack,
    prongs: Prongs(damageComparable: prong, systematicPremeditated: prong),
    factors: [LegalFactor(factor: .severity, rating: 8, reasons: ["EXERCISE."], analyst: "EXERCISE counsel")],
    reasons: ["EXERCISE."], dissent: [Dissent(by: "EXERCISE counsel", text: "Too early.")], stated: time,
    statedBy: person, exercise: true, snapshot: snapshot)

  static let decisionStatement = DecisionStatement(
    caseID: "EXERCISE-1", incident: "i-1", outcome: .deferred, text: "EXERCISE.", reasons: ["EXERCISE."],
    dissent: [Dissent(by: "EXERCISE counsel", text: "Too late.")], drafted: time, reviewBy: later,
    parties: ["JP", "US"], policy: policy, exercise: true, snapshot: snapshot)

  static let joined = BusJoined(
    plugin: "jp.nisc/suricata-1", agency: "jp.nisc", program: "suricata-sensor", version: "0.1.0",
    summary: "Reads EVE.", publishes: ["casus.detection.v1"], subscribes: ["casus.bus.>"], count: 3)

  static let left = BusLeft(
    plugin: "jp.nisc/suricata-1", agency: "jp.nisc", reason: "bye", message: "Done.", published: 1, refused: 2,
    delivered: 3, acked: 4, count: 3)

  static let crashed = BusCrashed(
    plugin: "jp.nisc/suricata-1", agency: "jp.nisc", exitCode: 1, signal: 9, restarts: 2, restartMilliseconds: 500,
    gaveUp: false, message: "ERROR no file")

  static let refused = BusRefused(
    plugin: "jp.nisc/suricata-1", agency: "jp.nisc", code: 303, name: "schema", message: "out of range",
    pointer: "/data/severity_id", schema: "urn:casus:schema:casus.detection.v1",
    schemaPointer: "/properties/data/properties/severity_id/maximum", eventSource: "//jp.nisc/suricata-1",
    eventID: "d-1", eventType: "casus.detection.v1", eventSHA256: digest, size: 512, count: 1)

  static let quarantined = BusQuarantined(
    plugin: "us.cisa/attribution-1", agency: "us.cisa", subscription: "main", sequence: "7",
    lastSequence: "9", count: 2, severalSubscriptions: true, isFull: true, eventSource: "//jp.nisc/suricata-1",
    eventID: "d-1", eventType: "casus.detection.v1", attempts: 5, code: 500,
    name: "internal", message: "cannot read")

  static let schema = BusSchema(
    plugin: "jp.nisc/probe-1", agency: "jp.nisc", eventType: "jp.nisc.probe.v1",
    sha256: String(repeating: "0a", count: 32), previousSHA256: String(repeating: "0b", count: 32), size: 900,
    count: 3)

  static let clock = BusClock(before: later, after: time)

  static let loss = BusLoss(
    journal: String(repeating: "5f", count: 16), lost: [7...9, 20...1_048_576],
    found: ["EXERCISE: the journal's newest segment is missing"], by: "EXERCISE operator", reason: "EXERCISE: a disk")

  static let registry = BusRegistry(file: "jp.meti.yaml", state: .setAside, faults: 3, count: 2)

  static let retention = BusRetention(
    plugin: "us.cisa/attribution-1", agency: "us.cisa", subscription: "main", state: .cut, sequence: "7",
    lastSequence: "120", due: time, dropped: 10)

  static let lagging = BusLagging(
    plugin: "us.cisa/attribution-1", agency: "us.cisa", subscription: "main", sequence: "0", lastSequence: "120",
    lag: 120, pending: 10, dropped: 0, oldestMilliseconds: 4000)
}
