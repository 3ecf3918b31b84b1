internal import CasusEvents

/// What is doubted, by whom: every dispute that was not taken back, by the event that it names.
///
/// A fold. Bounded twice: of one disputer about one event the newest `mostOfOne` of each marking stay, and beyond `limit` disputes the oldest
/// of whoever published most are forgotten.
struct DisputeShelf: Sendable {
  /// Disputes of one source about one event.
  static let mostOfOne = 16

  /// By their own references.
  private var disputes: SourceShelf<EventReference, Cited<Dispute>>
  /// Those about one event, the oldest first.
  private var abouts: [EventReference: [EventReference]] = [:]

  init(limit: Int) { disputes = SourceShelf(capacity: limit) }

  /// What had to go for want of room.
  var fallen: Fallen { disputes.fallen }

  /// A withdrawal takes back what it names in full, of a source that it may speak for, and what is marked as it is itself: what an
  /// exercise or a replay takes back was never said for real.
  mutating func add(_ dispute: Dispute, _ citation: Citation) {
    if let old = dispute.supersedes?.everywhere, let owner = disputes[old]?.citation,
      citation.origin.mayReplace(owner.origin)
    {
      remove(old)
    }
    guard dispute.withdrawal == nil, disputes[citation.reference] == nil else { return }
    let about = dispute.about.everywhere
    let own = (abouts[about] ?? []).filter { other in
      disputes[other].map { citation.origin.isOwn(of: $0.citation.origin) } ?? false
    }
    if own.count >= Self.mostOfOne { remove(own[0]) }
    abouts[about, default: []].append(citation.reference)
    for gone in disputes.insert(Cited(dispute, citation), for: citation.reference, of: citation.holder) {
      unlink(gone.key, gone.value)
    }
  }

  private mutating func remove(_ reference: EventReference) {
    if let dispute = disputes.remove(reference) { unlink(reference, dispute) }
  }

  private mutating func unlink(_ reference: EventReference, _ dispute: Cited<Dispute>) {
    let about = dispute.data.about.everywhere
    abouts[about]?.removeAll { $0 == reference }
    if abouts[about]?.isEmpty == true { abouts[about] = nil }
  }

  /// Those about any of some events, in the order of the journal, each with its event's place.
  func about(_ citations: some Sequence<Citation>) -> [Cited<Dispute>] {
    citations.flatMap { citation in
      (abouts[citation.reference] ?? []).compactMap { disputes[$0] }.map { dispute in
        var dispute = dispute
        dispute.data.about.sequence = citation.sequence
        return dispute
      }
    }.sorted { $0.citation.number < $1.citation.number }
  }
}

extension EventReference {
  /// As it holds in every journal: two that name the same event are equal.
  fileprivate var everywhere: EventReference { EventReference(source: source, id: id, sha256: sha256) }
}

extension CaseProjection {
  /// What is doubted of all that a case shows. A live case takes no exercise's doubt.
  func disputes(of record: CaseRecord, _ incident: IncidentRecord?) -> [Cited<Dispute>] {
    var shown = [record.opened.citation, record.current.citation] + record.positions.map(\.citation)
    shown += record.ballots.flatMap { $0.signatures.map(\.citation) }
    if let incident {
      shown += incident.revisions + incident.assessments + incident.effects.map(\.citation)
      shown += incident.detections.map(\.citation)
    }
    var seen: Set<String> = []
    return disputes.about(shown.filter { seen.insert($0.sha256).inserted })
      .filter { record.mode != .live || $0.citation.flags.isEmpty }
  }
}
