public import CasusEvents

/// An incident with the newest of every assessment of it.
public struct IncidentRecord: Sendable {
  /// The newest revision.
  public private(set) var current: Cited<Incident>
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
  private var history: [Revision]
  /// Digests of everything that is evidence of it: its revisions, what they name, and assessments of it.
  private(set) var members: Set<SHA256Digest> = []

  /// One revision, as far as it is remembered.
  private struct Revision {
    let citation: Citation
    let number: Int
    /// Detections and effects that it rests on: as many as it says, and never fewer than it names.
    let events: Int

    init(_ incident: Incident, _ citation: Citation) {
      self.citation = citation
      number = incident.revision
      events =
        max(incident.detectionCount, incident.detections.count) + max(incident.effectCount, incident.effects.count)
    }
  }

  init(_ incident: Incident, _ citation: Citation, _ shelf: ObservationShelf) {
    current = Cited(incident, citation)
    history = [Revision(incident, citation)]
    remember(incident, citation)
    observe(shelf)
  }

  /// False when the revision comes from a source that may not replace the newest one's.
  mutating func revise(_ incident: Incident, _ citation: Citation, _ shelf: ObservationShelf) -> Bool {
    guard Succession.allows(citation.source, toReplace: current.citation.source) else { return false }
    history.append(Revision(incident, citation))
    remember(incident, citation)
    // An older revision that comes late (a replay, a restart) doesn't undo a newer one.
    if incident.revision >= current.data.revision { current = Cited(incident, citation) }
    current.superseded = history.count - 1
    observe(shelf)
    return true
  }

  private mutating func remember(_ incident: Incident, _ citation: Citation) {
    remember([citation.sha256] + incident.named.map(\.sha256))
  }

  private mutating func remember(_ digests: [String]) {
    for digest in digests { if let digest = SHA256Digest(hex: digest) { members.insert(digest) } }
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
    let readDetections = Dictionary(detections.map { ($0.citation.sha256, $0) }) { first, _ in first }
    detections = current.data.detections.compactMap { reference in
      if let detection = readDetections[reference.sha256] { return detection }
      guard let event = shelf[reference], let detection = try? event.data(as: Detection.self) else { return nil }
      return DetectionSummary(detection, Citation(event))
    }
    let readEffects = Dictionary(effects.map { ($0.citation.sha256, $0) }) { first, _ in first }
    effects = current.data.effects.compactMap { reference in
      if let effect = readEffects[reference.sha256] { return effect }
      guard let event = shelf[reference], let effect = try? event.data(as: Effect.self) else { return nil }
      return Cited(effect, Citation(event))
    }
  }

  mutating func add(_ attribution: Attribution, _ citation: Citation) {
    remember([citation.sha256])
    attributions.add(attribution, citation, revision: attribution.revision)
  }

  mutating func add(_ purpose: Purpose, _ citation: Citation) {
    remember([citation.sha256])
    purposes.add(purpose, citation, revision: purpose.revision)
  }

  mutating func add(_ damage: Damage, _ citation: Citation) {
    remember([citation.sha256])
    damages.add(damage, citation, revision: damage.revision)
  }

  /// Everything that replaces an earlier event of the same source, by when.
  func lines() -> [[Citation]] {
    [revisions] + attributions.lines + purposes.lines + damages.lines
  }

  /// What stands now: the incident and each assessment.
  public var assessments: [Citation] {
    [current.citation] + attributions.current.map(\.citation) + purposes.current.map(\.citation)
      + damages.current.map(\.citation)
  }
}

/// Assessments of one kind: for each source the newest, and where the older ones stand. What a source says in an exercise or of a
/// replay stands beside what it says for real, and replaces none of it.
public struct Series<Value: Codable & Hashable & Sendable>: Sendable {
  /// In the order in which the sources first spoke.
  public private(set) var current: [Cited<Value>] = []
  private var revisions: [Int] = []
  private(set) var lines: [[Citation]] = []

  mutating func add(_ value: Value, _ citation: Citation, revision: Int) {
    let place = current.firstIndex { citation.origin.isOwn(of: $0.citation.origin) }
    guard let index = place else {
      current.append(Cited(value, citation))
      revisions.append(revision)
      lines.append([citation])
      return
    }
    lines[index].append(citation)
    if revision >= revisions[index] {
      current[index] = Cited(value, citation)
      revisions[index] = revision
    }
    current[index].superseded = lines[index].count - 1
  }

  /// Those that a newer one of the same source replaced.
  public var superseded: Int { current.reduce(0) { $0 + $1.superseded } }
}
