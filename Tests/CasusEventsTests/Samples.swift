import CasusEvents

/// One payload of each type with every member set, so that a member the schema doesn't know shows.
enum Samples {
  static let time = Timestamp(rfc3339: "2026-08-14T00:30:00.25Z")!
  static let later = Timestamp(rfc3339: "2026-08-14T06:30:00Z")!
  static let digest = sha256Hex(Array("EXERCISE".utf8))
  static let reference = EventReference(source: "//jp.nisc/suricata-1", id: "d-1", sequence: "7", sha256: digest)
  static let admiralty = Admiralty(reliability: .b, credibility: 2)
  static let method = Method(name: "exercise-method", version: "1", author: "EXERCISE", parametersSHA256: digest)
  static let confidence = ConfidenceStatement(level: .moderate, reasons: ["Two independent sensors."])
  static let flip = Flip(
    change: "without evidence group suricata", result: "undetermined", probability: 0.4, refs: [reference])
  static let asset = Asset(
    id: "EXERCISE-substation-3-rtu", operatorName: "EXERCISE Power", nation: "JP", sector: .jpElectricPower,
    location: .criticalSystems)
  static let excerpt = Excerpt(text: #"{"event_type":"dnp3"}"#, sha256: digest, truncated: true, origin: "eve.json:12")
  static let technique = Technique(id: "T0855", domain: .ics, probability: 0.8, name: "Unauthorized Command Message")
  static let software = Software(name: "Industroyer", id: "S0604", probability: 0.2)
  static let person = Person(name: "EXERCISE Tanaka", role: "EXERCISE director", party: "JP")
  static let policy = PolicyReference(name: "exercise-bilateral", version: "1", sha256: digest)
  static let estimate = Estimate(value: 10, low: 5, high: 20)
  static let interval = Interval(low: 0.2, high: 0.6, coverage: 0.9)

  static let all: [any Payload] = [
    detection, effect, incident, attribution, purpose, damage, caseFile, consultation, position, decision, dispute,
    joined,
    left, crashed, refused, quarantined, lagging, retention, schema,
    clock, loss, registry,
  ]

  static let detection = Detection(
    finding: Finding(
      uid: "suricata:1:1111601:1", title: "DNP3 direct operate",
      analytic: Analytic(name: "dnp3-operate", kind: .rule, uid: "suricata:1:1111601", version: "2"),
      summary: "A master that was never seen before operates a breaker."),
    severityID: 4, confidence: 0.9, firstSeen: time, lastSeen: later, reported: later, count: 3, domain: .cyberspace,
    techniques: [technique], software: [software],
    observables: [Observable(kind: .ipAddress, value: "192.0.2.7", role: "source")], asset: asset,
    flow: Flow(
      source: Endpoint(ip: "192.0.2.7", port: 40_001, hostname: "exercise.example"),
      destination: Endpoint(ip: "2001:db8::1", port: 20_000), transport: "tcp", application: "dnp3",
      communityID: "1:LQU9qZlK+B5F3KDmev6m5PMibrg="),
    spoofed: false, raw: excerpt, withdrawal: "EXERCISE: a test of the rule.", admiralty: admiralty, refs: [reference],
    supersedes: reference)

  static let effect = Effect(
    report: "EXERCISE-2026-17", kind: .outage, title: "Three feeders without power", operatorName: "EXERCISE Power",
    nation: "JP", sector: .jpElectricPower, service: Service(name: "supply", essential: true, denied: true),
    asset: asset, started: time, ended: later, expectedRestoration: later, reported: later, usersAffected: estimate,
    capacityLost: [Capacity(amount: estimate, unit: "MW", share: 0.1)], recordsAffected: estimate,
    money: Money(amount: estimate, currency: "JPY"), casualties: Casualties(deaths: estimate, injured: estimate),
    physicalDamage: PhysicalDamage(extent: .local, summary: "A transformer.", repairDays: estimate),
    workaround: Workaround(available: true, summary: "Switched by hand."), cause: .maliciousAction, domain: .cyberspace,
    summary: "EXERCISE.", raw: excerpt, withdrawal: "EXERCISE: reported twice.", admiralty: admiralty,
    refs: [reference], supersedes: reference)

  static let incident = Incident(
    incident: "i-1", revision: 2, state: .open, title: "EXERCISE power", phase: .effect, firstSeen: time,
    lastSeen: later, domains: [.cyberspace, .electromagnetic], detectionCount: 12, effectCount: 1,
    detections: [reference], effects: [reference],
    techniques: [
      TechniqueSummary(
        id: "T1566.001", domain: .enterprise, probability: 0.7, count: 2, firstSeen: time, lastSeen: later,
        name: "Spearphishing Attachment", refs: [reference])
    ], software: [software], assets: [asset],
    victims: [Victim(operatorName: "EXERCISE Power", nation: "JP", sector: .usEnergy, essential: true)],
    sectors: [.jpElectricPower, .usEnergy], location: .criticalSystems,
    steps: [Step(time: time, title: "Foothold", phase: .presence, ref: reference)], basis: ["Same operator, 6 h."],
    summary: "EXERCISE.", retraction: "None.", method: method, admiralty: admiralty, refs: [reference],
    supersedes: reference)

  static let attribution = Attribution(
    incident: "i-1", revision: 1,
    hypotheses: [
      Hypothesis(
        id: "G0034", subject: .group, probability: 0.5, name: "Sandworm Team", nation: "RU", prior: 0.01,
        interval: interval, words: "roughly even chance"),
      Hypothesis(id: "unknown", subject: .unknown, probability: 0.3),
    ], otherProbability: 0.2,
    states: [StateTotal(nation: "RU", probability: 0.45, words: "roughly even chance")], conclusion: "undetermined",
    level: .operational, confidence: confidence,
    evidence: [
      AttributionEvidence(
        summary: "T0855 three times", refs: [reference], vertex: .capability, forgeability: .moderate,
        dependenceGroup: "suricata", reliability: 0.7,
        ratios: [LikelihoodRatio(hypothesis: "G0034", logRatio: 1.4)], technique: "T0855")
    ],
    stateResponsibility: StateResponsibility(
      nation: "RU", lowest: .stateEncouraged, highest: .stateExecuted, probability: 0.3, reasons: ["EXERCISE."]),
    flips: [flip], calibration: Calibration(temperature: 2.5, fittedOn: "campaigns before 2020"),
    assumptions: ["Sensors are honest."], method: method, admiralty: admiralty, refs: [reference],
    supersedes: reference)

  static let purpose = Purpose(
    incident: "i-1", revision: 1, exploitation: 0.2, attack: 0.7, undetermined: 0.1, prepositioning: 0.3,
    conclusion: .attack, confidence: confidence,
    evidence: [
      PurposeEvidence(
        summary: "Breakers operated", indicates: .attack, logRatio: 2, refs: [reference], technique: "T0855")
    ], flips: [flip], method: method, admiralty: admiralty, refs: [reference], supersedes: reference)
}
