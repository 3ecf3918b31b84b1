public import CasusEvents

/// An incident with the newest of every assessment of it.
///
/// Of a revision or an assessment that another has replaced nothing is kept but whose it was and when. The newest ones can be
/// there without their content too, where nobody is shown it (``CaseSlice``): then `current` must not be asked for.
public struct IncidentRecord: Sendable {
  /// The newest revision.
  public var current: Cited<Incident> {
    guard var whole else { preconditionFailure("a slice without the incident's content was asked for it") }
    whole.superseded = history.count - 1
    return whole
  }

  /// By their sources and marks: each analyzer's newest, in the order in which they first spoke.
  public private(set) var attributions = Series<Attribution>()
  public private(set) var purposes = Series<Purpose>()
  public private(set) var damages = Series<Damage>()
  /// Every revision so far, the oldest first.
  public var revisions: [Citation] { history.map(\.citation) }
  /// The detections that the newest revision names and that are remembered, in its order.
  public private(set) var detections: [DetectionSummary] = []
  /// The effects likewise.
  public private(set) var effects: [Cited<Effect>] = []
  /// What the newest revision names, and where it stands.
  private(set) var standing: (facts: IncidentFacts, citation: Citation)
  private var whole: Cited<Incident>?
  private var history: [Revision]
  /// Digests of everything that is evidence of it: its revisions, what they name, and assessments of it.
  private(set) var members: Set<SHA256Digest> = []

  /// One revision, as far as it is remembered.
  private struct Revision {
    let citation: Citation
    let number: Int
    let events: Int

    init(_ facts: IncidentFacts, _ citation: Citation) {
      self.citation = citation
      number = facts.revision
      events = facts.events
    }
  }

  /// - Parameter content: nil where nobody is shown it.
  init(_ facts: IncidentFacts, _ content: Incident?, _ citation: Citation, _ shelf: ObservationShelf) {
    standing = (facts, citation)
    whole = content.map { Cited($0, citation) }
    history = [Revision(facts, citation)]
    remember(facts, citation)
    observe(shelf)
  }

  /// False when the revision comes from a source that may not replace the newest one's.
  mutating func revise(
    _ facts: IncidentFacts, _ content: Incident?, _ citation: Citation, _ shelf: ObservationShelf
  ) -> Bool {
    guard Succession.allows(citation.source, toReplace: standing.citation.source) else { return false }
    history.append(Revision(facts, citation))
    remember(facts, citation)
    // An older revision that comes late (a replay, a restart) doesn't undo a newer one.
    if facts.revision >= standing.facts.revision {
      standing = (facts, citation)
      whole = content.map { Cited($0, citation) }
    }
    observe(shelf)
    return true
  }

  private mutating func remember(_ facts: IncidentFacts, _ citation: Citation) {
    remember(citation)
    members.formUnion(facts.named)
  }

  private mutating func remember(_ citation: Citation) {
    if let digest = SHA256Digest(hex: citation.sha256) { members.insert(digest) }
  }

  /// How much evidence there was when the journal had `size` events: the newest revision then, each assessment's newest, and
  /// every detection and effect that this revision rests on; nil when the incident wasn't there yet.
  func evidenceCount(at size: UInt64) -> Int? {
    var newest: Revision?
    for revision in history where revision.citation.number <= size && revision.number >= newest?.number ?? Int.min {
      newest = revision
    }
    guard let newest else { return nil }
    let assessments = lines().dropFirst().count { line in line.contains { $0.number <= size } }
    return newest.events + 1 + assessments
  }

  /// Takes what the incident names from what was read before, or off the shelf.
  private mutating func observe(_ shelf: ObservationShelf) {
    guard let incident = whole?.data else { return }
    let readDetections = Dictionary(detections.map { ($0.citation.sha256, $0) }) { first, _ in first }
    detections = incident.detections.compactMap { reference in
      if let detection = readDetections[reference.sha256] { return detection }
      guard let event = shelf[reference], let detection = try? event.data(as: Detection.self) else { return nil }
      return DetectionSummary(detection, Citation(event))
    }
    let readEffects = Dictionary(effects.map { ($0.citation.sha256, $0) }) { first, _ in first }
    effects = incident.effects.compactMap { reference in
      if let effect = readEffects[reference.sha256] { return effect }
      guard let event = shelf[reference], let effect = try? event.data(as: Effect.self) else { return nil }
      return Cited(effect, Citation(event))
    }
  }

  /// - Parameter content: nil where nobody is shown it.
  mutating func add(_ kind: EventFacts.Kind, _ content: AssessmentContent?, _ citation: Citation, revision: Int) {
    switch kind {
    case .attribution: attributions.add(content?.attribution, citation, revision: revision)
    case .purpose: purposes.add(content?.purpose, citation, revision: revision)
    case .damage: damages.add(content?.damage, citation, revision: revision)
    default: return
    }
    remember(citation)
  }

  /// Everything that replaces an earlier event of the same source, by when.
  func lines() -> [[Citation]] {
    [revisions] + attributions.lines + purposes.lines + damages.lines
  }

  /// What stands now: the incident and each assessment.
  public var assessments: [Citation] {
    [standing.citation] + attributions.newest + purposes.newest + damages.newest
  }
}

/// One of the three.
enum AssessmentContent {
  case attribution(Attribution)
  case purpose(Purpose)
  case damage(Damage)

  var attribution: Attribution? { if case .attribution(let content) = self { content } else { nil } }
  var purpose: Purpose? { if case .purpose(let content) = self { content } else { nil } }
  var damage: Damage? { if case .damage(let content) = self { content } else { nil } }
}

/// Assessments of one kind: for each source the newest, and where the older ones stand. What a source says in an exercise or of a
/// replay stands beside what it says for real, and replaces none of it.
public struct Series<Value: Codable & Hashable & Sendable>: Sendable {
  private struct Line: Sendable {
    var revision: Int
    var newest: Citation
    /// Nil where nobody is shown it.
    var content: Value?
    var citations: [Citation]
  }

  /// In the order in which the sources first spoke.
  private var all: [Line] = []

  /// Each source's newest, as far as its content is there.
  public var current: [Cited<Value>] {
    all.compactMap { line in line.content.map { Cited($0, line.newest, superseded: line.citations.count - 1) } }
  }

  /// Where each source's newest stands.
  public var newest: [Citation] { all.map(\.newest) }
  var lines: [[Citation]] { all.map(\.citations) }

  mutating func add(_ content: Value?, _ citation: Citation, revision: Int) {
    let place = all.firstIndex { citation.origin.isOwn(of: $0.newest.origin) }
    guard let place else {
      all.append(Line(revision: revision, newest: citation, content: content, citations: [citation]))
      return
    }
    all[place].citations.append(citation)
    guard revision >= all[place].revision else { return }
    all[place].revision = revision
    all[place].newest = citation
    all[place].content = content
  }

  /// Those that a newer one of the same source replaced.
  public var superseded: Int { all.reduce(0) { $0 + $1.citations.count - 1 } }
}
