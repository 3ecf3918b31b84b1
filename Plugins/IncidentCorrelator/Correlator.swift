import CasusEvents

/// Groups detections and effects into incidents. A fold: what it returns depends on the events and their order alone.
///
/// An item joins every group it has a link with, and joins these groups to each other; the oldest survives. A group is
/// published once it is worth an incident, and again when it says something new or has doubled, and when a case is opened on it. Groups are not split:
/// when an item that held two parts together is taken back, they stay together as long as any evidence is left.
///
/// Cost: that of the item's own links and techniques; a withdrawal costs as much as its group is large.
struct Correlator: Sendable {
  let policy: CorrelatorSettings
  /// `//jp.nisc/correlator-1`, for references to its own earlier revisions.
  let source: String

  /// Exercise, replayed and live evidence never meet.
  struct World: Codable, Hashable, Sendable {
    var exercise: Bool
    var replayed: Bool
  }

  /// All that follows from the events so far.
  var worlds: [World: Groups] = [:]

  /// What is held back of sources that send too much, for the plugin's health.
  var note: String? {
    let notes = worlds.values.compactMap { $0.budget.note(policy) }
    return notes.isEmpty ? nil : notes.sorted().joined(separator: "; ")
  }

  init(policy: CorrelatorSettings, source: String) {
    self.policy = policy
    self.source = source
  }

  /// What an accepted event leads to, mostly nothing. Throws when the event's data aren't what its type says.
  mutating func handle(_ event: RecordedEvent) throws(EventError) -> [Draft] {
    let world = World(
      exercise: event.envelope.exercise || event.stamp.flags.contains(.exercise),
      replayed: event.stamp.flags.isReplay)
    let change: Change
    switch event.envelope.type {
    case .caseFile:
      // People begin to judge it: let them have all there is.
      let file = try event.data(as: CaseFile.self)
      return try worlds[world, default: Groups(exercise: world.exercise)].bringUpToDate(
        file.incident, policy, source: source, cause: .init(id: event.envelope.id, time: event.envelope.time))
    case .detection:
      let detection = try event.data(as: Detection.self)
      change = Change(
        item: Item(detection, of: event), supersedes: detection.supersedes, isWithdrawn: detection.withdrawal != nil)
    case .effect:
      let effect = try event.data(as: Effect.self)
      change = Change(
        item: Item(effect, of: event), supersedes: effect.supersedes, isWithdrawn: effect.withdrawal != nil,
        // What has another cause is nobody's attack.
        isEvidence: effect.cause == .maliciousAction || effect.cause == .unknown)
    default: return []
    }
    return try worlds[world, default: Groups(exercise: world.exercise)].take(change, policy, source: source)
  }
}

/// What one event does to the evidence.
struct Change: Sendable {
  var item: Item
  var supersedes: EventReference?
  /// The item only takes back what it supersedes.
  var isWithdrawn = false
  var isEvidence = true
}
