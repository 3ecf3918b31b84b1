public import CasusEvents

/// Numbers an analyzer's assessments: one series of revisions an incident, each superseding the one before.
///
/// A pure fold: ids follow from the incident and the count, times from the inputs, so that the same inputs in the same
/// order give the same bytes. An input that comes again gives the same drafts again and no new revision.
///
/// A value; grows by some 600 bytes an incident, up to `mostIncidents`, beyond which the oldest of whoever publishes most are
/// forgotten. The drafts of the last `mostDrafts` assessments are kept beside.
public struct AssessmentLog: Sendable {
  /// What is known of an incident.
  private struct Entry: Sendable {
    /// Whose it is, and of which marks: exercise, replayed and live evidence never meet.
    let origin: Origin
    /// The first event that was seen of it: a series that begins anew has other ids.
    let first: String
    var last: Assessment?
  }

  private struct Assessment: Sendable {
    var revision: Int
    var reference: EventReference
    var trigger: EventReference
  }

  public static let mostIncidents = 100_000
  /// What comes again is what was in hand when a process ended.
  public static let mostDrafts = 1000

  private let kind: String
  private let source: String
  private var entries: SourceShelf<String, Entry>
  /// By incident.
  private var drafts: SourceShelf<String, [Draft]>

  /// `kind` is the first part of the ids, `attribution`; `identity` the plugin's own, `jp.nisc/attribution-1`.
  public init(kind: String, identity: String) {
    self.init(kind: kind, identity: identity, mostIncidents: Self.mostIncidents)
  }

  init(kind: String, identity: String, mostIncidents: Int) {
    self.kind = kind
    source = "//" + identity
    entries = SourceShelf(capacity: mostIncidents)
    drafts = SourceShelf(capacity: min(Self.mostDrafts, mostIncidents))
  }

  /// What had to go for want of room.
  public var fallen: Fallen { entries.fallen }

  /// Whether an incident's revision counts: its correlator's own, and marked as its first one was. Another's says nothing of it.
  public mutating func admits(_ incident: Incident, _ event: RecordedEvent) -> Bool {
    guard let first = entries[incident.incident] else {
      entries.insert(Entry(origin: event.origin, first: event.sha256), for: incident.incident, of: Holder(event))
      return true
    }
    return event.origin.mayReplace(first.origin)
  }

  /// Whether what somebody says of an incident may be used beside it: it carries no mark that the incident does not. Of an incident
  /// that nobody has seen yet nothing is known, and what is marked is not used.
  public func isOfTheSameWorld(_ incident: String, _ event: RecordedEvent) -> Bool {
    event.stamp.flags.marks.isSubset(of: entries[incident]?.origin.marks ?? [])
  }

  /// What the last assessment of this incident was, if `trigger` is what caused it; nothing to say where that was long ago.
  public func repeated(incident: String, trigger: EventReference) -> [Draft]? {
    guard let last = entries[incident]?.last, last.trigger == trigger else { return nil }
    return drafts[incident] ?? []
  }

  /// The number and the predecessor of the next assessment of an incident. Where the first ones are not known (the journal no
  /// longer has its beginning, or the incident was forgotten) it goes on from the incident's own number.
  public func next(_ incident: Incident) -> (revision: Int, supersedes: EventReference?) {
    guard let last = entries[incident.incident]?.last else { return (max(1, incident.revision), nil) }
    return (last.revision + 1, last.reference)
  }

  /// Keeps an assessment made with ``next(_:)``'s numbers, of an incident that was admitted, and gives the draft to publish.
  public mutating func publish<P: Payload>(
    _ assessment: P, revision: Int, incident: String, trigger: RecordedEvent, marks: Marks
  ) throws -> [Draft] {
    let id = derivedID(kind, incident, entries[incident]?.first ?? "") + "-r\(revision)"
    let draft = Draft(
      assessment, id: id, subject: incident, time: marks.time, tlp: marks.tlp, exercise: marks.exercise,
      correlationid: trigger.envelope.correlationid ?? incident, causationid: trigger.envelope.id)
    let reference = EventReference(source: source, id: id, sha256: sha256Hex(try draft.encoded(source: source)))
    if var entry = entries[incident] {
      entry.last = Assessment(revision: revision, reference: reference, trigger: trigger.reference)
      entries.insert(entry, for: incident, of: Holder(trigger))
    }
    // Removed first, so that what was said last is the youngest.
    drafts.remove(incident)
    drafts.insert([draft], for: incident, of: Holder(trigger))
    return [draft]
  }
}

/// What an assessment inherits from its inputs: the latest time, the strictest marking, and whether any was exercise.
public struct Marks: Sendable, Equatable {
  public var time: Timestamp?
  public var tlp: TLP
  public var exercise: Bool

  public init(time: Timestamp?, tlp: TLP, exercise: Bool) {
    self.time = time
    self.tlp = tlp
    self.exercise = exercise
  }

  public init(_ envelope: Envelope) {
    self.init(time: envelope.time, tlp: envelope.tlp, exercise: envelope.exercise)
  }

  public mutating func inherit(_ other: Marks) {
    time = [time, other.time].compactMap { $0 }.max()
    tlp = max(tlp, other.tlp)
    exercise = exercise || other.exercise
  }
}
