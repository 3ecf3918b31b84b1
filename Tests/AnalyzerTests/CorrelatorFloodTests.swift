import CasusEvents
import Testing

@testable import IncidentCorrelator

@Suite("A flood of one source") struct CorrelatorFloodTests {
  typealias Run = CorrelatorRun

  private static let evil = "//evil.exercise/p1"

  /// A finding that has nothing in common with any other.
  private func alone(_ number: Int) throws -> RecordedEvent {
    try Run.detection(
      "f\(number)", ["T0855"], at: Double(number) / 100, operator: nil,
      to: "\(20 + number / 65_536).\(number >> 8 & 255).\(number & 255).1", source: Self.evil)
  }

  private func folds(_ run: Run) throws -> [Incident] {
    try run.incidents().filter { $0.title.contains("stand alone") }
  }

  @Test
  func `of findings that stand alone becomes few incidents, and one that says how many were folded in`() throws {
    var run = Run()
    for number in 0..<3_000 { try run.take(alone(number)) }
    #expect(run.published.count < 260)
    let fold = try #require(folds(run).first)
    #expect(try folds(run).count == 1)
    #expect(fold.detectionCount > 1_400)
    #expect(fold.basis.first?.contains("events of one source folded into one incident") == true)
    #expect(run.correlator.note?.contains("most by \(Self.evil)") == true)
  }

  @Test
  func `leaves what another source finds as it was`() throws {
    var run = Run()
    for number in 0..<600 { try run.take(alone(number)) }
    #expect(try run.take(Run.detection("a", asset: "EXERCISE-1")).count == 1)
    #expect(try run.take(Run.detection("b", ["T0836"], at: 5, asset: "EXERCISE-2")).count == 1)
    #expect(try run.incidents().filter { $0.title.contains("EXERCISE Grid") }.map(\.detectionCount) == [2])
  }

  @Test
  func `of new assets on one incident makes few revisions, and a case that is opened is told all of it`() throws {
    var run = Run()
    for number in 0..<800 {
      try run.take(Run.detection("r\(number)", at: 1, asset: "EXERCISE-\(number)", source: Self.evil))
    }
    #expect(run.published.count < 200)
    let last = try #require(run.incidents().first)
    let file = CaseFile(
      caseID: "EXERCISE-1", revision: 1, incident: last.incident, title: "EXERCISE", state: .open,
      opened: Run.hours(9), openedBy: Person(name: "EXERCISE"),
      policy: PolicyReference(name: "EXERCISE", version: "1"))
    let event = try Run.event(Draft(file, id: "c", time: Run.hours(9), exercise: true), from: "//jp.exercise/desk")
    #expect(try run.take(event).map(\.detectionCount) == [800])
  }

  @Test
  func `does not keep another source from adding to its incident`() throws {
    var run = Run()
    for number in 0..<400 {
      try run.take(Run.detection("r\(number)", at: 1, asset: "EXERCISE-\(number)", source: Self.evil))
    }
    #expect(try run.take(Run.detection("honest", ["T0836"], at: 1, asset: "EXERCISE-honest")).count == 1)
  }

  @Test
  func `of withdrawals costs no more than its findings`() throws {
    var run = Run()
    var events: [RecordedEvent] = []
    for number in 0..<500 {
      let event = try alone(number)
      events.append(event)
      try run.take(event)
    }
    for (number, event) in events.enumerated() {
      try run.take(
        Run.detection(
          "w\(number)", operator: nil, uid: "f\(number)", supersedes: event.reference, withdrawal: "EXERCISE",
          source: Self.evil))
    }
    #expect(run.published.count < 500)
  }

  @Test
  func `drives out its own findings when memory is full, not those of others`() throws {
    var run = Run { $0.maximumItems = 200 }
    try run.take(Run.detection("honest", at: 0))
    for number in 0..<800 { try run.take(alone(number)) }
    try run.take(Run.detection("honest again", ["T0836"], at: 5))
    let grid = try run.incidents().filter { $0.title.contains("EXERCISE Grid") }
    #expect(grid.map { "\($0.detectionCount) \($0.state)" } == ["2 open"])
  }

  @Test
  func `of reports leaves others' in the incident's list`() throws {
    var run = Run()
    let honest = try Run.effect("honest", at: 0)
    try run.take(honest)
    for number in 0..<300 {
      try run.take(Run.effect("e\(number)", at: 1, report: "x\(number)", source: "\(Self.evil)\(number % 9)"))
    }
    let last = try #require(run.incidents().first)
    #expect(last.effects.count <= 256 && last.effects.contains(honest.reference))
  }

  private func report(_ number: Int, _ users: Double, from source: String) throws -> RecordedEvent {
    try Run.effect("e\(number)", at: 1, report: "\(number)", source: source) {
      $0.usersAffected = Estimate(value: users)
    }
  }

  /// Few revisions, and all of it once somebody opens a case.
  private func incident(of reports: [RecordedEvent]) throws -> Incident {
    var run = Run { $0.sourcePublications = 2 }
    for report in reports { try run.take(report) }
    let last = try #require(run.incidents().first)
    let file = CaseFile(
      caseID: "EXERCISE-1", revision: 1, incident: last.incident, title: "EXERCISE", state: .open,
      opened: Run.hours(9), openedBy: Person(name: "EXERCISE"),
      policy: PolicyReference(name: "EXERCISE", version: "1"))
    let event = try Run.event(Draft(file, id: "c", time: Run.hours(9), exercise: true), from: "//jp.exercise/desk")
    try run.take(event)
    return try #require(run.incidents().first)
  }

  @Test
  func `of a hundred reports beside another's hundred leaves all of them in the list`() throws {
    let last = try incident(
      of: (0..<200).map { number in
        let evil = number % 2 == 1
        return try report(number, evil ? 1 : 10_000, from: evil ? Self.evil : "//jp.exercise/outage-1")
      })
    #expect(last.effects.count == 200 && last.effectCount == 200)
  }

  /// By as many keys as it has: an agency has one share.
  @Test
  func `of reports that has no room takes an agency's share, and what says most of each share is named`() throws {
    let last = try incident(
      of: (0..<600).map { number in
        switch number {
        case 0..<100: try report(number, 10_000, from: "//jp.exercise/outage-1")
        case 100..<500: try report(number, 1, from: "\(Self.evil)\(number % 4)")
        default: try report(number, 5_000, from: "//jp.exercise/outage-1")
        }
      })
    #expect(last.effects.count <= 256 && last.effectCount == 600)
    let named = Set(last.effects.map(\.id))
    #expect((0..<100).allSatisfy { named.contains("e\($0)") })
  }

  /// A capture can name as many sources as somebody likes.
  @Test
  func `of sources has no more accounts than there is room for, and the rest share one`() {
    var budget = SourceBudget()
    var policy = CorrelatorSettings()
    policy.sourcePublications = 2
    for number in 0..<10_000 {
      budget.count("//replayed/\(number)")
      if budget.allows("//replayed/\(number)", policy) { budget.spend("//replayed/\(number)") }
    }
    #expect(budget.count == SourceBudget.mostAccounts + 1)
    #expect(budget.allows("//replayed/1", policy) && !budget.allows("//replayed/9999", policy))
    budget.wait(7, of: "//replayed/9999")
    #expect(budget.nextWaiting(of: "//replayed/8000") == 7 && budget.nextWaiting(of: "//replayed/8000") == nil)
    budget.folded(3, of: "//replayed/9998")
    #expect(budget.note(policy)?.hasSuffix("most by those beyond 4096 sources") == true)
  }

  @Test
  func `is folded the same way each time`() throws {
    var first = Run()
    var second = Run()
    for number in 0..<400 {
      try first.take(alone(number))
      try second.take(alone(number))
    }
    #expect(first.published.map(\.bytes) == second.published.map(\.bytes))
  }
}
