import CasusCases
import CasusEvents
import CasusLedger
import SeededRandom

/// A journal in which everything happens that can happen to incidents and cases, in any order: late and foreign revisions, marked
/// events, names of what is not there, statements that count and that do not, doubts, losses. From a seed.
struct RandomHistory {
  private(set) var journal: CaseJournal
  private var random: SeededGenerator
  private var observations: [EventReference] = []
  private var number = 0

  static let incidents = ["i-1", "i-2", "i-3"]
  static let cases = ["C-1", "C-2", "C-3", "C-4"]

  init(seed: UInt64) throws {
    random = SeededGenerator(seed: seed)
    journal = try CaseJournal(exercise: seed % 2 == 0, threshold: seed % 3 == 0 ? 2 : 1, consult: seed % 5 != 0)
  }

  /// One more event, or none where there is nothing to do it with.
  mutating func step() throws {
    number += 1
    switch UInt64.random(in: 0..<100, using: &random) {
    case 0..<30: try observe()
    case 30..<45: try revise()
    case 45..<65: try assess()
    case 65..<72: try open()
    case 72..<80: try state()
    case 80..<90: try decide()
    case 90..<94: try doubt()
    case 94..<97: try consult()
    case 97: try lose()
    default: try bus()
    }
  }

  // MARK: Events

  private mutating func flags() -> StampFlags {
    switch UInt64.random(in: 0..<12, using: &random) {
    case 0: .replayed
    case 1: .descends
    case 2: .exercise
    default: []
    }
  }

  private mutating func chance(_ one: UInt64) -> Bool { UInt64.random(in: 0..<one, using: &random) == 0 }

  private mutating func pick<T>(_ all: [T]) -> T? { all.randomElement(using: &random) }

  private mutating func observe() throws {
    let now = journal.now
    if chance(3) {
      let effect = Effect(
        report: "EXERCISE-\(number)", kind: .outage, title: "EXERCISE", operatorName: "EXERCISE Power", nation: "JP",
        started: now, reported: now)
      observations.append(
        try journal.append(effect, id: "e-\(number)", by: "jp.meti/outage-1", flags: flags()).reference)
    } else {
      let detection = Detection(
        finding: Finding(uid: "u\(number)", title: "EXERCISE \(number)", analytic: Analytic(name: "EXERCISE")),
        severityID: 2, firstSeen: now, lastSeen: now)
      let event = try journal.append(detection, id: "d-\(number)", by: "jp.nisc/suricata-1", flags: flags())
      observations.append(event.reference)
    }
  }

  private mutating func revise() throws {
    let id = pick(Self.incidents)!
    let now = journal.now
    var named = observations.suffix(12).filter { _ in chance(2) }
    // What nobody has published, or not yet.
    if chance(6) { named.append(EventReference(source: "//x/y", id: "none", sha256: sha256Hex([UInt8(number & 255)]))) }
    let effects = named.filter { $0.id.hasPrefix("e-") }
    let detections = named.filter { !$0.id.hasPrefix("e-") }
    let revision = Int.random(in: 1...6, using: &random)
    let incident = Incident(
      incident: id, revision: revision, state: pick([.open, .open, .open, .closed, .retracted])!,
      title: "EXERCISE \(id) \(number)", phase: pick(Phase.allCases)!, firstSeen: now, lastSeen: now,
      domains: [.cyberspace], detectionCount: Int.random(in: 0...9, using: &random), effectCount: effects.count,
      detections: detections, effects: effects, techniques: [], victims: [], sectors: [],
      steps: chance(3) ? [Step(time: now, title: "EXERCISE", ref: pick(observations))] : [], method: CaseJournal.method,
      refs: chance(4) ? pick(observations).map { [$0] } : nil)
    let sender = pick(["jp.nisc/correlator-1", "jp.nisc/correlator-1", "jp.nisc/correlator-2", "us.cisa/correlator-1"])!
    try journal.append(incident, id: "\(id)-\(number)", by: sender, flags: flags())
  }

  private mutating func assess() throws {
    let id = pick(Self.incidents + ["i-none"])!
    let ref = pick(journal.events)?.reference ?? EventReference(source: "//x/y", id: "none", sha256: sha256Hex([]))
    let revision = Int.random(in: 1...4, using: &random)
    let sender = pick(["jp.nisc/a-1", "us.cisa/a-1"])!
    let flags = flags()
    switch pick([0, 1, 2])! {
    case 0:
      var it = journal.attribution(0.4, "G0034", .low, ref)
      (it.incident, it.revision) = (id, revision)
      try journal.append(it, id: "a-\(number)", by: sender, flags: flags)
    case 1:
      let it = Purpose(
        incident: id, revision: revision, exploitation: 0.2, attack: 0.7, undetermined: 0.1, prepositioning: 0.3,
        conclusion: .attack, confidence: CaseJournal.confidence, evidence: [], method: CaseJournal.method, refs: [ref])
      try journal.append(it, id: "p-\(number)", by: sender, flags: flags)
    default:
      var it = journal.damage(60, 2, ref)
      (it.incident, it.revision) = (id, revision)
      try journal.append(it, id: "m-\(number)", by: sender, flags: flags)
    }
  }

  private mutating func open() throws {
    let id = pick(Self.cases)!
    let file = CaseFile(
      caseID: id, revision: Int.random(in: 1...2, using: &random), incident: pick(Self.incidents)!,
      title: "EXERCISE \(number)", state: .open, opened: journal.now, openedBy: Person(name: "EXERCISE Tanaka"),
      question: nil, policy: journal.policy.reference, refs: [])
    try journal.append(file, id: "\(id)-\(number)", by: pick(["jp.mofa/desk", "us.state/desk"])!, flags: flags())
  }

  /// As people would, and now and then with something that is not so.
  private mutating func tamper(_ snapshot: inout EvidenceSnapshot) {
    guard chance(4), !snapshot.events.isEmpty else { return }
    switch pick([0, 1, 2, 3, 4])! {
    case 0: snapshot.root = sha256Hex([1])
    case 1: snapshot.events[0].sha256 = sha256Hex([2])
    case 2: snapshot.treeSize = "\(max(1, journal.events.count / 2))"
    case 3: snapshot.evidenceCount += 1
    default:
      if let event = pick(journal.events) {
        snapshot.events[0] = EvidenceItem(sequence: String(event.stamp.sequence), sha256: event.sha256)
      }
    }
  }

  private mutating func state() throws {
    let id = pick(Self.cases)!
    let party = pick(["JP", "US"])!
    // Where nothing can be stated nothing is.
    guard
      var statement = try? journal.projection.positionStatement(
        on: id, party: party, finding: .useOfForce, prongs: CaseJournal.prongs, reasons: ["EXERCISE \(number)"],
        by: Person(name: "EXERCISE"), at: journal.now)
    else { return }
    tamper(&statement.snapshot)
    if chance(6) { statement.replaces = nil }
    let keys = [chance(8) ? journal.stranger : party == "JP" ? journal.jp1 : journal.us1]
    let position = try Position(signing: statement, with: keys)
    try journal.append(
      position.draft(at: journal.now, exercise: journal.exercise), by: "\(party.lowercased()).mofa/desk", flags: flags()
    )
  }

  private mutating func decide() throws {
    let id = pick(Self.cases)!
    let party = pick(["JP", "US"])!
    let keys = party == "JP" ? [journal.jp1, journal.jp2] : [journal.us1, journal.us2]
    let signed = journal.events.compactMap { try? $0.data(as: Decision.self) }.filter { $0.caseID == id }
    let decision: Decision
    if let other = pick(signed), !chance(4) {
      decision = try Decision(cosigning: other, party: party, with: keys)
    } else {
      guard
        var statement = try? journal.projection.decisionStatement(
          on: id, outcome: .retorsion, text: "EXERCISE \(number)", reasons: ["EXERCISE"], at: journal.now)
      else { return }
      tamper(&statement.snapshot)
      decision = try Decision(signing: statement, party: party, with: keys)
    }
    try journal.append(
      decision.draft(at: journal.now, exercise: journal.exercise), by: "\(party.lowercased()).mofa/desk", flags: flags()
    )
  }

  private mutating func doubt() throws {
    guard let event = pick(journal.events) else { return }
    let disputes = journal.events.filter { $0.envelope.type == .dispute }
    var dispute = Dispute(about: event.reference, ground: .false, reason: "EXERCISE \(number)")
    if chance(2), let old = pick(disputes) {
      dispute.supersedes = old.reference
      if chance(2) { dispute.withdrawal = "EXERCISE" }
    }
    try journal.append(dispute, id: "doubt-\(number)", by: pick(["us.doe/desk", "jp.nisc/desk"])!, flags: flags())
  }

  private mutating func consult() throws {
    let it = Consultation(
      caseID: pick(Self.cases)!, revision: Int.random(in: 1...4, using: &random), state: .awaited, consultees: [],
      policy: journal.policy.reference, refs: [])
    try journal.append(it, id: "q-\(number)", by: pick(["joint.recorder/r-1", "joint.recorder/r-2"])!)
  }

  private mutating func bus() throws {
    try journal.append(BusLeft(plugin: "a/b", agency: "a", reason: "bye"), id: "b-\(number)", by: "casus/broker")
  }

  /// Some sequences are gone, and mostly an event says so.
  private mutating func lose() throws {
    let last = journal.events.last?.stamp.sequence ?? 0
    let lost = (last + 1)...(last + UInt64.random(in: 1...40, using: &random))
    let loss = BusLoss(
      journal: String(repeating: "5f", count: 16), lost: chance(4) ? [] : [lost], found: ["EXERCISE"], by: "EXERCISE")
    try journal.append(
      Draft(loss, id: "loss-\(number)", time: journal.now, exercise: journal.exercise), by: BusLoss.sender,
      at: lost.upperBound + 1)
  }
}
