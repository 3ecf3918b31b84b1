import CasusEvents
import Testing

@testable import Assessment
@testable import AttributionAnalyzer
@testable import DamageEstimator
@testable import IncidentCorrelator

/// What one has published nobody else takes back, revises or takes over, whichever analyzer reads it.
@Suite struct OwnersTests {
  /// The same event, published by another.
  private func foreign(_ effect: Effect, to event: RecordedEvent, from sender: String) throws -> RecordedEvent {
    var effect = effect
    effect.supersedes = event.reference
    effect.withdrawal = "EXERCISE: a mistake"
    return try CorrelatorRun.event(Draft(effect, id: "undo", exercise: true), from: "//\(sender)")
  }

  @Test(arguments: [("evil.low/p1", 1), ("jp.nisc/desk", 0), ("jp.nisc2/outage-1", 1)])
  func `a report is withdrawn within its agency only`(sender: String, left: Int) throws {
    var exercise = Exercise()
    let report = try DamageTests.outage(&exercise)
    let incident = try exercise.incident([report]).data(as: Incident.self)
    var shelf = EffectShelf()
    try shelf.keep(report)
    try shelf.keep(foreign(report.data(as: Effect.self), to: report, from: sender))
    #expect(shelf.of(incident).count == left)
  }

  /// An incident names what was there when it was revised last.
  @Test func `what has taken a report's place stands for it, over several corrections`() throws {
    var exercise = Exercise()
    let report = try DamageTests.outage(&exercise)
    let incident = try exercise.incident([report]).data(as: Incident.self)
    var shelf = EffectShelf()
    try shelf.keep(report)
    var last = report
    for number in 1...3 {
      var effect = try last.data(as: Effect.self)
      effect.supersedes = last.reference
      last = try CorrelatorRun.event(Draft(effect, id: "mend-\(number)", exercise: true), from: "//jp.nisc/outage-1")
      try shelf.keep(last)
    }
    #expect(shelf.of(incident).map(\.reference.id) == ["mend-3"])
    #expect(shelf.missing(of: incident.effects) == 0 && shelf.missing(of: [last.reference]) == 0)
    var lie = try last.data(as: Effect.self)
    lie.supersedes = EventReference(source: last.envelope.source, id: last.envelope.id, sha256: report.sha256)
    try shelf.keep(CorrelatorRun.event(Draft(lie, id: "lie", exercise: true), from: "//jp.nisc/outage-1"))
    #expect(shelf.of(incident).map(\.reference.id) == ["mend-3"])
  }

  /// Whoever sends too much loses his own, of what an analyzer keeps as of the incidents it knows.
  @Test func `a flood drives out only its own`() throws {
    var exercise = Exercise()
    let report = try DamageTests.outage(&exercise)
    let honest = try exercise.incident([report])
    var shelf = EffectShelf(capacity: 20)
    var log = AssessmentLog(kind: "damage", identity: "jp.nisc/damage-1", mostIncidents: 20)
    try shelf.keep(report)
    var admitted = [try log.admits(honest.data(as: Incident.self), honest)]
    for number in 0..<200 {
      let effect = try report.data(as: Effect.self)
      try shelf.keep(CorrelatorRun.event(Draft(effect, id: "x\(number)", exercise: true), from: "//evil.low/p1"))
      var incident = try honest.data(as: Incident.self)
      incident.incident = "x\(number)"
      let event = try CorrelatorRun.event(Draft(incident, id: "i\(number)", exercise: true), from: "//evil.low/p1")
      admitted.append(log.admits(incident, event))
    }
    #expect(!admitted.contains(false))
    #expect(try shelf.of(honest.data(as: Incident.self)).count == 1)
    #expect(shelf.fallen.bySender.keys.sorted() == ["evil.low/p1"] && shelf.fallen.total > 170)
    #expect(log.fallen.bySender.keys.sorted() == ["evil.low/p1"])
    let foreign = try CorrelatorRun.event(
      Draft(honest.data(as: Incident.self), id: "r2", exercise: true), from: "//evil.low/p1")
    let isForeignAdmitted = try log.admits(honest.data(as: Incident.self), foreign)
    #expect(!isForeignAdmitted)
    #expect(shelf.note(missing: 0, of: "reports") == nil)
    #expect(shelf.note(missing: 2, of: "reports")?.contains("most of evil.low/p1") == true)
  }

  /// An assessment under an id that stands in the journal already would be taken for a copy.
  @Test func `an incident that was forgotten is assessed under ids of its own`() throws {
    var exercise = Exercise()
    let revisions = try (1...3).map { try exercise.incident([], revision: $0) }
    var log = AssessmentLog(kind: "damage", identity: "jp.nisc/damage-1", mostIncidents: 1)
    func assess(_ event: RecordedEvent, named name: String? = nil) throws -> (id: String?, revision: Int, first: Bool) {
      var incident = try event.data(as: Incident.self)
      incident.incident = name ?? incident.incident
      let isAdmitted = log.admits(incident, event)
      let (revision, supersedes) = log.next(incident)
      let drafts = try log.publish(
        incident, revision: revision, incident: incident.incident, trigger: event, marks: Marks(event.envelope))
      return (isAdmitted ? drafts.first?.id : nil, revision, supersedes == nil)
    }
    let first = try assess(revisions[0])
    let second = try assess(revisions[1])
    #expect(first.revision == 1 && second.revision == 2 && first.first && !second.first)
    #expect(first.id?.dropLast(3) == second.id?.dropLast(3))
    _ = try assess(revisions[1], named: "EXERCISE-2")
    let third = try assess(revisions[2])
    #expect(third.revision == 3 && third.first && third.id?.dropLast(3) != first.id?.dropLast(3))
    // The same in every run.
    #expect(log.repeated(incident: "EXERCISE-1", trigger: revisions[2].reference)?.first?.id == third.id)
  }

  @Test func `a note is forgotten by its own agency only`() throws {
    var exercise = Exercise()
    let event = try exercise.detection("d")
    var notebook = Notebook()
    notebook.keep([], of: event, superseding: nil)
    notebook.keep([], of: try exercise.detection("x", from: "us.cisa/zeek-1"), superseding: event.reference)
    #expect(notebook[event.reference] != nil)
  }

  /// A correction that an exercise or a replay brings stands beside what is real, and takes nothing away.
  @Test(arguments: [[.exercise], [.replayed], [.descends], [.exercise, .replayed], []] as [StampFlags])
  func `only what is marked alike takes an events place`(flags: StampFlags) throws {
    func event(_ id: String, _ flags: StampFlags, of report: Effect, replacing old: EventReference? = nil) throws
      -> RecordedEvent
    {
      var report = report
      report.supersedes = old
      let draft = Draft(report, id: id, time: Exercise.start, exercise: flags.contains(.exercise))
      return try CorrelatorRun.event(draft, from: "//jp.nisc/outage-1", flags: flags)
    }
    var exercise = Exercise()
    let report = try DamageTests.outage(&exercise).data(as: Effect.self)
    let first = try event("first", [], of: report)
    let second = try event("second", flags, of: report, replacing: first.reference)
    let incident = try exercise.incident([first, second]).data(as: Incident.self)
    var shelf = EffectShelf()
    for event in [first, second] { try shelf.keep(event) }
    #expect(shelf.of(incident).map(\.reference.id) == (flags.isEmpty ? ["second"] : ["first", "second"]))
    var notebook = Notebook()
    notebook.keep([], of: first, superseding: nil)
    notebook.keep([], of: second, superseding: first.reference)
    #expect((notebook[first.reference] == nil) == flags.isEmpty && notebook[second.reference] != nil)
  }

  @Test func `an incident is its first correlators and stays in its world`() throws {
    var exercise = Exercise()
    let first = try exercise.incident([])
    let incident = try first.data(as: Incident.self)
    func revision(_ sender: String, _ flags: StampFlags = .exercise) throws -> RecordedEvent {
      try CorrelatorRun.event(Draft(incident, id: "r9", exercise: true), from: "//\(sender)", flags: flags)
    }
    var log = AssessmentLog(kind: "damage", identity: "jp.nisc/damage-1")
    let revisions = try [
      first, revision("us.cisa/correlator-1"), revision("jp.nisc/correlator-1", []),
      revision("jp.nisc/correlator-1", [.exercise, .descends]), revision("jp.nisc/correlator-1"),
    ]
    let admitted = revisions.map { log.admits(incident, $0) }
    #expect(admitted == [true, false, false, false, true])
    #expect(log.isOfTheSameWorld("EXERCISE-1", first))
    #expect(!log.isOfTheSameWorld("unknown", first))
    #expect(try log.isOfTheSameWorld("unknown", revision("jp.nisc/attribution-1", [])))
    #expect(try !log.isOfTheSameWorld("EXERCISE-1", revision("us.cisa/attribution-1", [.exercise, .replayed])))
  }

  @Test func `two correlators name their incidents each for itself`() throws {
    let event = try CorrelatorRun.detection("d")
    let item = Item(try event.data(as: Detection.self), of: event)
    let sources = ["//jp.nisc/correlator-1", "//us.cisa/correlator-1"]
    let names = sources.map { Group(founder: item.key, source: $0).incident }
    #expect(names[0] != names[1])
  }

  /// What may rest on a replay is with what was replayed, never with what is live.
  @Test func `what may descend from a replay is not correlated with live events`() throws {
    var correlator = Correlator(policy: CorrelatorSettings(), source: CorrelatorRun.source)
    let live = try CorrelatorRun.detection("live")
    _ = try correlator.handle(live)
    let stamp = Stamp(sequence: 2, recorded: CorrelatorRun.start, sender: "x", flags: [.exercise, .descends])
    _ = try correlator.handle(RecordedEvent(stamp: stamp, bytes: CorrelatorRun.detection("descends").bytes))
    #expect(correlator.worlds.count == 2)
  }
}
