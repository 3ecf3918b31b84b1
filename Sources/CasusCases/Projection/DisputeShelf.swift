internal import CasusEvents

/// What is doubted, by the digest of what it is: the newest of each disputer, but for those that were taken back.
///
/// A fold. Bounded: from twice `limit` disputes on the oldest are forgotten.
struct DisputeShelf: Sendable {
  private var disputes: [String: [Cited<Dispute>]] = [:]
  /// What each dispute is about, by its own digest.
  private var abouts: [String: String] = [:]
  /// The disputes' digests by age.
  private var order: [String] = []
  private let limit: Int

  init(limit: Int) { self.limit = max(1, limit) }

  mutating func add(_ dispute: Dispute, _ citation: Citation) {
    if let old = dispute.supersedes, Succession.allows(citation.source, toReplace: old.source) { remove(old.sha256) }
    guard dispute.withdrawal == nil else { return }
    let about = dispute.about.sha256
    disputes[about, default: []].append(Cited(dispute, citation))
    abouts[citation.sha256] = about
    order.append(citation.sha256)
    guard order.count >= 2 * limit else { return }
    for old in order.prefix(limit) { remove(old) }
    order.removeFirst(limit)
  }

  private mutating func remove(_ dispute: String) {
    guard let about = abouts.removeValue(forKey: dispute) else { return }
    disputes[about]?.removeAll { $0.citation.sha256 == dispute }
    if disputes[about]?.isEmpty == true { disputes[about] = nil }
  }

  /// Those about any of some events, in the order of the journal.
  func about(_ citations: some Sequence<Citation>) -> [Cited<Dispute>] {
    citations.flatMap { disputes[$0.sha256] ?? [] }.sorted { $0.citation.number < $1.citation.number }
  }
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
