import Assessment
import CasusEvents
import Knowledge
import SeededRandom
import Testing

@testable import PurposeAnalyzer

@Suite("Purpose: espionage or disruption")
struct PurposeTests {
  let knowledge = AttackKnowledge.shared
  let settings = PurposeSettings()

  /// One of ATT&CK's campaigns as an incident that shows exactly its techniques and software.
  func campaign(_ id: String) throws -> Incident {
    let campaign = try #require(knowledge.campaigns.first { $0.id == id })
    let features = campaign.uses.map { knowledge.features[$0.feature] }
    return try incident(
      techniques: features.filter(\.isTechnique).map { ($0.id, 0.9) },
      software: features.filter { !$0.isTechnique }.map { Software(name: $0.name, id: $0.id, probability: 0.9) })
  }

  func incident(
    techniques: [(String, Double)], software: [Software] = [], change: (inout Incident) -> Void = { _ in }
  ) throws -> Incident {
    var exercise = Exercise()
    let detection = try exercise.detection("d", techniques: techniques, software: software)
    return try exercise.incident([detection]) { change(&$0) }.data(as: Incident.self)
  }

  func judge(_ incident: Incident, effects: [Effect] = []) -> PurposeJudgement {
    let reader = PurposeEvidenceReader(settings: settings, knowledge: knowledge)
    let ref = EventReference(source: "//exercise/o", id: "e", sha256: "")
    return PurposeJudgement(reader.evidence(incident, effects: effects.map { ($0, ref) }), settings)
  }

  /// Evidence of one source is one dependence group.
  @Test
  func `a hundred reports by one key say no more than one, a second source's says more`() throws {
    let incident = try incident(techniques: [("T1041", 0.9)])
    let reader = PurposeEvidenceReader(settings: settings, knowledge: knowledge)
    let effect = Effect(
      report: "R", kind: .outage, title: "EXERCISE", operatorName: "EXERCISE", started: Exercise.start,
      reported: Exercise.start, cause: .maliciousAction, admiralty: Admiralty(reliability: .c, credibility: 3))
    func attack(_ sources: [String]) -> Double {
      let reports = sources.enumerated().map { number, source in
        (effect, EventReference(source: source, id: "\(number)", sha256: ""))
      }
      return PurposeJudgement(reader.evidence(incident, effects: reports), settings).attack
    }
    let once = attack(["//a.b/c"])
    #expect(attack(Array(repeating: "//a.b/c", count: 100)) == once)
    #expect(attack(["//a.b/c", "//a.b/d"]) > once)
  }

  @Test(arguments: ["C0020", "C0025", "C0028", "C0030", "C0031", "C0034", "C0038"])
  func `campaigns that disrupted are attacks, Kyiv 2016 too, which shows it only through malware`(_ id: String) throws {
    let judgement = try judge(campaign(id))
    #expect(judgement.conclusion == .attack, "\(id): attack \(judgement.attack)")
  }

  @Test
  func `Kyiv 2016 has no sign of an attack without its malware`() throws {
    var incident = try campaign("C0025")
    #expect(judge(incident).evidence.allSatisfy { !$0.wasSeen || $0.sign.points != .attack })
    incident.software = []
    #expect(judge(incident).attack < 0.2)
  }

  @Test(arguments: ["C0012", "C0014", "C0017", "C0022", "C0024", "C0026", "C0046"])
  func `campaigns of espionage are exploitation, SolarWinds too, whose build tool changed data`(_ id: String) throws {
    let judgement = try judge(campaign(id))
    #expect(judgement.exploitation > judgement.attack)
    #expect(judgement.attack < 0.15, "\(id): attack \(judgement.attack)")
  }

  @Test
  func `disks wiped by a spy to hide tracks are no disruption; where an operator reports a loss they are`() throws {
    let nearestNeighbour = try campaign("C0051")
    let judgement = judge(nearestNeighbour)
    let wiped = try #require(judgement.evidence.first { $0.sign == .destruction })
    #expect(wiped.dismissed != nil)
    #expect(judgement.conclusion == .exploitation)
    #expect(judgement.flips().contains { $0.result != "exploitation" })
    let effect = Effect(
      report: "1", kind: .outage, title: "EXERCISE outage", operatorName: "EXERCISE Power", started: Exercise.start,
      reported: Exercise.start, cause: .maliciousAction, admiralty: Admiralty(reliability: .a, credibility: 1))
    let lost = judge(nearestNeighbour, effects: [effect])
    #expect(lost.evidence.allSatisfy { $0.dismissed == nil })
    #expect(lost.attack > judgement.attack)
  }

  @Test
  func `mining, fraud and changed data show neither purpose`() throws {
    let judgement = try judge(incident(techniques: [("T1496.001", 1), ("T1657", 1), ("T1565.001", 1), ("T1078", 1)]))
    #expect(judgement.conclusion == .undetermined)
    #expect(judgement.undetermined == settings.prior.undetermined)
  }

  @Test
  func `an intrusion that shows no payload stays undetermined, and the answer says what would settle it`() throws {
    let judgement = try judge(incident(techniques: [("T1566.001", 1), ("T1078", 1), ("T1021.001", 1)]))
    #expect(judgement.conclusion == .undetermined)
    #expect(judgement.flips().map(\.result) == ["attack", "exploitation"])
  }

  @Test
  func `a storm's outage is no sign of an attack`() throws {
    let effect = Effect(
      report: "1", kind: .outage, title: "EXERCISE storm", operatorName: "EXERCISE Power", started: Exercise.start,
      reported: Exercise.start, cause: .naturalPhenomenon)
    let scanned = try incident(techniques: [("T1595", 1)])
    #expect(judge(scanned, effects: [effect]).attack == judge(scanned).attack)
  }

  @Test
  func `access to critical systems without a payload is prepositioning, with an attack under way it isn't`() throws {
    let quiet = try incident(techniques: [("T0846", 0.9), ("T0888", 0.9), ("T1078", 0.9), ("T1505.003", 0.8)]) {
      $0.location = .criticalSystems
      $0.phase = .presence
    }
    let before = Prepositioning(quiet, judge(quiet).evidence, knowledge, settings)
    #expect(before.probability > 0.5)
    #expect(before.reasons.count >= 3)
    let loud = try incident(techniques: [("T0846", 0.9), ("T0855", 0.9)]) { $0.location = .criticalSystems }
    #expect(Prepositioning(loud, judge(loud).evidence, knowledge, settings).probability < 0.1)
    let office = try incident(techniques: [("T1078", 0.9), ("T1041", 0.9)]) { $0.location = .businessNetwork }
    #expect(Prepositioning(office, judge(office).evidence, knowledge, settings).probability < 0.1)
  }

  @Test
  func `probabilities add up to 1, and a further sign of a purpose never lowers it`() throws {
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<200 {
      var evidence: [SignEvidence] = []
      for sign in Sign.allCases where Bool.random(using: &generator) {
        evidence.append(
          SignEvidence(
            sign: sign, reliability: Double.random(in: 0...1, using: &generator), sightings: ["x"], technique: nil,
            refs: [], dismissed: nil, wasSeen: true))
      }
      let judgement = PurposeJudgement(evidence, settings)
      #expect(abs(judgement.exploitation + judgement.attack + judgement.undetermined - 1) < 1e-12)
      for sign in Sign.allCases where !evidence.contains(where: { $0.sign == sign }) {
        let piece = SignEvidence(
          sign: sign, reliability: Double.random(in: 0...1, using: &generator), sightings: ["x"], technique: nil,
          refs: [], dismissed: nil, wasSeen: true)
        let more = PurposeJudgement(evidence + [piece], settings)
        if sign.points == .attack { #expect(more.attack >= judgement.attack - 1e-12) }
        if sign.points == .exploitation { #expect(more.exploitation >= judgement.exploitation - 1e-12) }
      }
    }
  }

  @Test
  func `a grid attack with an outage is an attack with references, revised and taken back as any`() throws {
    var exercise = Exercise()
    let detections = try gridAttack.map { try exercise.detection("d-\($0.0)", techniques: [$0]) }
    let effect = try exercise.effect("e1")
    var plugin = try PurposePlugin(policy: settings, identity: "jp.nisc/purpose-1")
    for event in detections + [effect] { #expect(try plugin.handle(event).isEmpty) }
    let incident = try exercise.incident(detections + [effect])
    let first = try plugin.handle(incident)
    let purpose = try #require(first[0].data as? Purpose)
    #expect(purpose.conclusion == .attack)
    #expect(abs(purpose.exploitation + purpose.attack + purpose.undetermined - 1) < 1e-9)
    #expect(purpose.confidence.level == .high)
    #expect(purpose.evidence.contains { $0.indicates == .attack && $0.refs.contains(effect.reference) })
    #expect(purpose.refs[0] == incident.reference)
    let source = "//jp.nisc/purpose-1"
    #expect(try plugin.handle(incident)[0].encoded(source: source) == first[0].encoded(source: source))
    let back = try plugin.handle(
      exercise.incident(detections, revision: 2, state: .retracted) { $0.retraction = "EXERCISE: a test" })
    let retracted = try #require(back[0].data as? Purpose)
    #expect(retracted.supersedes?.sha256 == sha256Hex(try first[0].encoded(source: source)))
    #expect(retracted.conclusion == .undetermined)
    #expect(retracted.evidence.isEmpty)
    #expect(retracted.confidence.reasons[0].contains("EXERCISE: a test"))
  }
}

/// DCID codes what was done coarsely and what it was for, between rival states: enough to see whether the signs point
/// the right way, not to fit anything finer. Its counts of three signs are the settings' own, so this is in sample.
@Suite("Purpose over DCID's coded incidents", .needsSharedData("dcid.json"))
struct PurposeOverDCIDTests {
  @Test
  func `the signs tell espionage from disruption better than always saying espionage`() throws {
    struct File: Decodable {
      struct Row: Decodable {
        var method: Double
        var objective: String
      }
      var incidents: [Row]
    }
    let rows = try SharedData.read(File.self, "dcid.json").incidents
    let signs: [Double: Sign] = [1: .defacement, 2: .denial, 4.1: .destruction, 4.4: .collection]
    var right = 0
    var espionage = 0
    var miss = 0.0
    var majorityMiss = 0.0
    for row in rows {
      let evidence = signs[row.method].map {
        [
          SignEvidence(
            sign: $0, reliability: 1, sightings: [], technique: nil, refs: [], dismissed: nil, wasSeen: true)
        ]
      }
      let judgement = PurposeJudgement(evidence ?? [], PurposeSettings())
      let isAttack = row.objective == "disruption" || row.objective == "degrade"
      // DCID knows no "undetermined": what is left over goes to the two in proportion.
      let attack = judgement.attack / (judgement.attack + judgement.exploitation)
      right += (attack > 0.5) == isAttack ? 1 : 0
      espionage += isAttack ? 0 : 1
      miss += (attack - (isAttack ? 1 : 0)) * (attack - (isAttack ? 1 : 0))
      majorityMiss += isAttack ? 1 : 0
    }
    let count = Double(rows.count)
    print(
      "DCID, \(rows.count) incidents: right \(Double(right) / count), always espionage \(Double(espionage) / count); "
        + "squared error \(miss / count), always espionage \(majorityMiss / count)")
    #expect(right > espionage)
    #expect(miss < majorityMiss / 2)
  }
}
