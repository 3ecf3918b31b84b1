import CasusEvents

/// Writes the incidents that one event leads to: new ones, revisions, closings, retractions.
struct IncidentWriter {
  let policy: CorrelatorSettings
  let source: String
  let exercise: Bool
  /// The event that caused it all.
  let cause: Cause
  private var drafts: [Draft] = []
  private var closings: [(group: Group, why: String)] = []
  /// Groups that took in an incident that is closed for it: what they hold now is said, whoever caused it.
  private var heirs: Set<String> = []

  struct Cause: Sendable {
    var id: String
    /// Nil where the event gives itself none.
    var time: Timestamp?
    var tlp = TLP.clear
  }

  init(policy: CorrelatorSettings, source: String, exercise: Bool, cause: Cause) {
    self.policy = policy
    self.source = source
    self.exercise = exercise
    self.cause = cause
  }

  enum Result {
    case nothing, published
    /// There is something to say, and it may not be said now.
    case heldBack
  }

  /// Publishes a group if there is something new to say, or anything at all that was not said when `all` is true.
  ///
  /// - Parameter isAllowed: whether whoever caused it may cause a publication. What takes something back is always said.
  mutating func publish(_ group: inout Group, all: Bool = false, isAllowed: Bool = true) throws(EventError) -> Result {
    if group.isFold, !all, let last = group.published?.incident, last.state == .open,
      group.eventCount < 2 * (last.detectionCount + last.effectCount)
    {
      return .nothing
    }
    let enough =
      group.published.map { all ? $0.incident.detectionCount + 1 : 2 * max(1, $0.incident.detectionCount) } ?? 0
    if let last = group.published, last.incident.state == .open, last.changes == group.changes,
      group.detectionCount < enough, !group.isFold
    {
      return .nothing
    }
    guard group.isIncident(policy), !group.items.isEmpty else {
      guard let last = group.published, last.incident.state == .open else { return .nothing }
      var incident = last.incident
      incident.state = .retracted
      incident.retraction =
        group.isFold
        ? "All events that it listed were taken back; those that it only counted cannot be shown."
        : "What is left of the evidence, \(group.items.count) events, is not worth an incident."
      incident.detectionCount = group.detectionCount
      incident.effectCount = group.items.count - group.detectionCount
      try write(incident, after: last, of: &group, content: last.content)
      return .published
    }
    // Before its content is worked out, which costs as much as the group is large.
    guard isAllowed || heirs.contains(group.incident) else { return .heldBack }
    let content = group.content(policy)
    if let last = group.published, last.incident.state == .open, last.content == content,
      group.detectionCount < enough, !group.isFold
    {
      group.published?.changes = group.changes
      return .nothing
    }
    let incident = IncidentBuilder(policy: policy, group: group, content: content).incident(maximumBytes: 60_000)
    try write(incident, after: group.published, of: &group, content: content)
    return .published
  }

  /// Notes that a group is no more. Written by `finish`, before the rest.
  mutating func close(_ group: Group, why: String) {
    if group.published?.incident.state == .open { closings.append((group, why)) }
  }

  /// Notes that a group is merged into the one of another incident.
  mutating func close(_ group: Group, into heir: String) {
    close(group, why: "Merged into incident \(heir).")
    if group.published?.incident.state == .open { heirs.insert(heir) }
  }

  /// All that was written, closings first.
  mutating func finish() throws(EventError) -> [Draft] {
    let revisions = drafts
    drafts = []
    for (group, why) in closings {
      guard let last = group.published else { continue }
      var incident = last.incident
      var closed = group
      incident.state = .closed
      incident.summary = why
      try write(incident, after: last, of: &closed, content: last.content)
    }
    defer { closings = [] }
    return drafts + revisions
  }

  private mutating func write(
    _ incident: Incident, after last: Group.Publication?, of group: inout Group, content: Group.Content
  ) throws(EventError) {
    var incident = incident
    incident.revision = (last?.incident.revision ?? 0) + 1
    incident.supersedes = last?.reference
    let time = [last?.time, group.latestTime, cause.time].compactMap { $0 }.max() ?? group.latestTime
    let draft = Draft(
      incident, id: "\(incident.incident)-r\(incident.revision)", subject: incident.incident, time: time,
      tlp: max(content.tlp, cause.tlp), exercise: exercise, correlationid: incident.incident,
      causationid: cause.id)
    let bytes: [UInt8]
    do {
      bytes = try draft.encoded(source: source)
    } catch let error as EventError {
      throw error
    } catch {
      throw EventError(.encoding, "\(error)")
    }
    let reference = EventReference(source: source, id: draft.id ?? "", sha256: sha256Hex(bytes))
    group.published = Group.Publication(
      incident: incident, reference: reference, time: time, content: content, changes: group.changes)
    drafts.append(draft)
  }
}
