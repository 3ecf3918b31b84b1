internal import CasusEvents
internal import CasusLedger

/// What a statement says of the case it belongs to and of the evidence it rests on.
struct Claims {
  let incident: String
  let exercise: Bool
  let snapshot: EvidenceSnapshot
}

extension CaseProjection {
  /// Whether a statement may count in its case: same incident, same reality, and a snapshot that is true. Notes every
  /// reason why not.
  mutating func accept(_ claims: Claims, _ record: CaseRecord, _ event: RecordedEvent, _ citation: Citation) -> Bool {
    var problems: [(CaseFinding.Code, String)] = []
    if claims.incident != record.opened.data.incident {
      problems.append((.mismatch, "the statement is on incident \(claims.incident), the case on another"))
    }
    if claims.exercise != (record.mode == .exercise) || event.envelope.exercise != (record.mode == .exercise) {
      problems.append((.exerciseMismatch, "exercise and reality are mixed"))
    }
    problems += check(claims.snapshot, record, event)
    for (code, message) in problems { note(CaseFinding(code, message, citation), in: record.id) }
    return problems.isEmpty
  }

  private func check(_ snapshot: EvidenceSnapshot, _ record: CaseRecord, _ event: RecordedEvent)
    -> [(CaseFinding.Code, String)]
  {
    // In a replay the journal is another one: events are known by their digests, sequences and roots mean nothing.
    let isReplayed = event.stamp.flags.contains(.replayed)
    var problems: [(CaseFinding.Code, String)] = []
    guard let size = UInt64(snapshot.treeSize), isReplayed || size < event.stamp.sequence else {
      return [(.wrongRoot, "the journal had not come to \(snapshot.treeSize) before this event")]
    }
    let incident = incidents[record.opened.data.incident]
    for item in snapshot.events {
      guard let entry = find(item, isReplayed, size) else {
        problems.append(
          (.unknownEvidence, "event \(item.sequence) with digest \(item.sha256.prefix(8)) is not known here"))
        continue
      }
      if let incident, !incident.members.contains(entry.digest) {
        problems.append(
          (.foreignEvidence, "event \(item.sequence) is no evidence of incident \(record.opened.data.incident)"))
      }
      guard record.mode == .live else { continue }
      if entry.replayed { problems.append((.replayedEvidence, "event \(item.sequence) was replayed")) }
      if entry.exercise { problems.append((.exerciseEvidence, "event \(item.sequence) is an exercise's")) }
    }
    if record.mode == .live {
      let marks = marks(of: record.opened.data.incident)
      if marks.replayed > 0 {
        problems.append((.replayedEvidence, "replayed events that the incident rests on: \(marks.replayed)"))
      }
      if marks.exercise > 0 {
        problems.append((.exerciseEvidence, "events of an exercise that the incident rests on: \(marks.exercise)"))
      }
    }
    if isReplayed { return problems }
    if let root = history?.root(at: size), root.hex != snapshot.root {
      problems.append(
        (.wrongRoot, "the journal's root at \(size) is \(root.hex.prefix(8)), not \(snapshot.root.prefix(8))"))
    }
    return problems + stale(snapshot, size, record)
  }

  private func find(_ item: EvidenceItem, _ isReplayed: Bool, _ size: UInt64) -> EvidenceEntry? {
    guard let digest = SHA256Digest(hex: item.sha256) else { return nil }
    if isReplayed { return evidence[digest].flatMap { $0.replayed ? $0 : nil } }
    guard let sequence = UInt64(item.sequence), sequence <= size, let entry = evidence[sequence],
      entry.digest == digest
    else { return nil }
    return entry
  }

  /// A snapshot must show the incident as it was known at its size; what came after is no fault of it.
  private func stale(_ snapshot: EvidenceSnapshot, _ size: UInt64, _ record: CaseRecord)
    -> [(CaseFinding.Code, String)]
  {
    guard let incident = incidents[record.opened.data.incident] else {
      return [(.staleSnapshot, "incident \(record.opened.data.incident) is not known here")]
    }
    guard let count = incident.evidenceCount(at: size) else {
      let message = "the journal up to \(size) had nothing of incident \(record.opened.data.incident) yet"
      return [(.staleSnapshot, message)]
    }
    let listed = Set(snapshot.events.map(\.sequence))
    var problems: [(CaseFinding.Code, String)] = []
    if snapshot.evidenceCount != count {
      problems.append(
        (.wrongCoverage, "says that the incident had \(snapshot.evidenceCount) events of evidence; it had \(count)"))
    }
    for (index, line) in incident.lines().enumerated() {
      let then = line.filter { $0.number <= size }
      guard let newest = then.last else { continue }
      let usesOlder = then.dropLast().contains { listed.contains($0.sequence) }
      if usesOlder, !listed.contains(newest.sequence) {
        problems.append((.staleSnapshot, "rests on a revision that event \(newest.sequence) had already replaced"))
      } else if index == 0, !listed.contains(newest.sequence) {
        problems.append((.staleSnapshot, "leaves out the incident itself, event \(newest.sequence)"))
      }
    }
    return problems
  }
}
