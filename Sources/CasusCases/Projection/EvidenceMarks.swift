internal import CasusEvents

/// How much of an incident's evidence carries a mark. What is marked is none in a live case.
public struct EvidenceMarks: Codable, Hashable, Sendable {
  /// Events that a capture brought.
  public var replayed = 0
  /// Events of an exercise.
  public var exercise = 0

  public init() {}

  public var isEmpty: Bool { replayed == 0 && exercise == 0 }

  /// `2 replayed events and 1 event of an exercise`; nil for none.
  public var text: String? {
    func events(_ count: Int, _ before: String, _ after: String) -> String? {
      count == 0 ? nil : "\(count) \(before)event\(count == 1 ? "" : "s")\(after)"
    }
    let parts = [events(replayed, "replayed ", ""), events(exercise, "", " of an exercise")].compactMap { $0 }
    return parts.isEmpty ? nil : parts.joined(separator: " and ")
  }

  public mutating func count(_ entry: EvidenceEntry) {
    if entry.replayed { replayed += 1 }
    if entry.exercise { exercise += 1 }
  }
}

extension CaseProjection {
  /// The marks of an incident's newest revision and of all that it names; none for an incident that isn't there.
  public func marks(of incident: String) -> EvidenceMarks {
    var marks = EvidenceMarks()
    guard let record = incidents[incident] else { return marks }
    var digests = Set(record.standing.facts.named)
    if let own = SHA256Digest(hex: record.standing.citation.sha256) { digests.insert(own) }
    for digest in digests {
      if let entry = evidence[digest] { marks.count(entry) }
    }
    return marks
  }

  /// Current assessments that are marked or rest on what is: a live statement leaves them out, and says so.
  public func markedAssessments(of incident: String) -> [Citation] {
    guard let record = incidents[incident] else { return [] }
    return record.assessed.filter { citation, references in
      ([citation.sha256] + references.map(\.sha256)).contains { sha256 in
        guard let entry = SHA256Digest(hex: sha256).flatMap({ evidence[$0] }) else { return false }
        return entry.replayed || entry.exercise
      }
    }.map(\.citation)
  }
}

extension Incident {
  /// Every event that it names as its own.
  var named: [EventReference] {
    detections + effects + steps.compactMap(\.ref) + techniques.flatMap(\.refs) + (refs ?? [])
  }
}
