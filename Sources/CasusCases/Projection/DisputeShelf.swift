internal import CasusEvents

/// What is doubted, by whom: every dispute that was not taken back, by the event that it names.
///
/// A fold. Bounded twice: of one disputer about one event the newest `mostOfOne` of each marking stay, and from twice `limit` disputes on the oldest
/// are forgotten.
struct DisputeShelf: Sendable {
  /// Disputes of one source about one event.
  static let mostOfOne = 16

  private var disputes: [EventReference: [Cited<Dispute>]] = [:]
  /// What each dispute is about, by its own reference.
  private var abouts: [EventReference: EventReference] = [:]
  /// The disputes by age.
  private var order: [EventReference] = []
  private let limit: Int

  init(limit: Int) { self.limit = max(1, limit) }

  /// A withdrawal takes back what it names in full, of a source that it may speak for, and what is marked as it is itself: what an
  /// exercise or a replay takes back was never said for real.
  mutating func add(_ dispute: Dispute, _ citation: Citation) {
    if let old = dispute.supersedes?.everywhere, let owner = self[old]?.citation, citation.mayReplace(owner) {
      remove(old)
    }
    guard dispute.withdrawal == nil else { return }
    let about = dispute.about.everywhere
    let own = (disputes[about] ?? []).filter {
      $0.citation.source.utf8.elementsEqual(citation.source.utf8) && $0.citation.flags == citation.flags
    }
    if own.count >= Self.mostOfOne { remove(own[0].citation.reference) }
    disputes[about, default: []].append(Cited(dispute, citation))
    abouts[citation.reference] = about
    order.append(citation.reference)
    guard order.count >= 2 * limit else { return }
    order.removeAll { abouts[$0] == nil }
    let older = order.prefix(max(0, order.count - limit))
    for old in older { remove(old) }
    order.removeFirst(older.count)
  }

  private subscript(dispute: EventReference) -> Cited<Dispute>? {
    abouts[dispute].flatMap { disputes[$0] }?.first { $0.citation.reference == dispute }
  }

  private mutating func remove(_ dispute: EventReference) {
    guard let about = abouts.removeValue(forKey: dispute) else { return }
    disputes[about]?.removeAll { $0.citation.reference == dispute }
    if disputes[about]?.isEmpty == true { disputes[about] = nil }
  }

  /// Those about any of some events, in the order of the journal, each with its event's place.
  func about(_ citations: some Sequence<Citation>) -> [Cited<Dispute>] {
    citations.flatMap { citation in
      (disputes[citation.reference] ?? []).map { dispute in
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
