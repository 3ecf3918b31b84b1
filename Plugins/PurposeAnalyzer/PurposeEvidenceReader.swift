import Assessment
import CasusEvents
import Knowledge

/// Collects the signs of purpose that an incident shows: its techniques, what its malware is able to do, and what
/// operators report.
struct PurposeEvidenceReader: Sendable {
  let settings: PurposeSettings
  let knowledge: AttackKnowledge

  private struct Sighting {
    var sign: Sign
    var r: Double
    var words: String
    var technique: String?
    var refs: [EventReference]
    var wasSeen: Bool
    /// Whose word it is, where it is one's: what one says of a sign again and again is said once.
    var source: String?
  }

  func evidence(_ incident: Incident, effects: [(Effect, EventReference)]) -> [SignEvidence] {
    var sightings = incident.techniques.compactMap(technique)
    sightings += incident.software.flatMap(software)
    sightings += effects.compactMap { effect($0.0, $0.1) }
    var result = Sign.allCases.compactMap { sign in together(sightings.filter { $0.sign == sign }) }
    let hides = incident.techniques.contains { $0.id.hasPrefix("T1070") && $0.probability >= 0.3 }
    dismissTracksWiped(&result, hides: hides)
    return result
  }

  private func technique(_ summary: TechniqueSummary) -> Sighting? {
    guard let feature = knowledge.feature(summary.id), let sign = Sign.of(knowledge.features[feature]) else {
      return nil
    }
    return Sighting(
      sign: sign, r: summary.probability, words: "\(summary.id) \(knowledge.features[feature].name)",
      technique: summary.id, refs: summary.refs, wasSeen: true)
  }

  /// Malware that can attack speaks for an attack even where none was seen (Kyiv 2016 shows its purpose only so), but
  /// less. What public tools can do says nothing of what they were used for, and malware is no evidence of theft: nearly
  /// all of it can gather and send.
  private func software(_ software: Software) -> [Sighting] {
    let known = software.id.flatMap { knowledge.feature($0) }.map { knowledge.features[$0] }
    guard let known, !known.isPublicTool else { return [] }
    let r = settings.capability * (software.probability ?? 1)
    return Dictionary(grouping: known.techniques.map { knowledge.features[$0] }) { Sign.of($0) }
      .compactMap { sign, techniques in
        guard let sign, sign.points != .exploitation else { return nil }
        let first = techniques.map(\.id).min()
        return Sighting(
          sign: sign, r: r, words: "\(known.name) is able to (\(first ?? known.id))", technique: first, refs: [],
          wasSeen: false)
      }
  }

  private func effect(_ effect: Effect, _ ref: EventReference) -> Sighting? {
    guard effect.cause == .maliciousAction || effect.cause == .unknown else { return nil }
    let sign: Sign? =
      switch effect.kind {
      case .outage, .degradation, .lossOfControl, .lossOfView, .physicalDamage: .loss
      case .dataTheft: .theft
      // Data lost without a service lost may be tracks wiped.
      case .dataLoss: .destruction
      case .other: nil
      }
    guard let sign else { return nil }
    let graded = effect.admiralty.map(Reliability.of) ?? settings.ungraded
    // An outage beside an intrusion, of which the operator doesn't know the cause.
    let r = graded * (effect.cause == .unknown ? 0.5 : 1)
    return Sighting(
      sign: sign, r: r, words: "\(effect.operatorName): \(effect.title)", technique: nil, refs: [ref], wasSeen: true,
      source: ref.source)
  }

  private func together(_ sightings: [Sighting]) -> SignEvidence? {
    let sorted = sightings.sorted { ($1.r, $0.words) < ($0.r, $1.words) }
    guard let first = sorted.first else { return nil }
    var heard: Set<String> = []
    let independent = sorted.filter { sighting in sighting.source.map { heard.insert($0).inserted } ?? true }
    return SignEvidence(
      sign: first.sign, reliability: Reliability.together(independent.map(\.r)),
      sightings: sorted.map(\.words), technique: sorted.lazy.compactMap(\.technique).first,
      refs: sorted.flatMap(\.refs), dismissed: nil, wasSeen: sorted.contains(where: \.wasSeen))
  }

  /// A disk wiped to hide tracks is no disruption: destruction alone, beside theft or the removal of traces, while no
  /// service was lost and nothing else was denied.
  private func dismissTracksWiped(_ evidence: inout [SignEvidence], hides: Bool) {
    guard let place = evidence.firstIndex(where: { $0.sign == .destruction }) else { return }
    let others = evidence.filter { $0.sign != .destruction && $0.wasSeen }
    let attacked = others.contains { $0.sign.points == .attack }
    let stolen = others.contains { $0.sign.points == .exploitation }
    if !attacked, stolen || hides {
      evidence[place].dismissed =
        stolen
        ? "Nothing was lost but data, beside signs of espionage: it may hide tracks."
        : "Nothing was lost but data, and traces were removed elsewhere: it may hide tracks."
    }
  }
}
