import Assessment
import CasusEvents
import Knowledge

/// Whether a later attack is being prepared: access to what could be attacked, without the attack. Apart from the three
/// purposes, since espionage and preparation look alike until the payload comes.
struct Prepositioning: Sendable {
  struct Reason: Sendable {
    var words: String
    var logRatio: Double
    var technique: String?
    var refs: [EventReference]
  }

  let reasons: [Reason]
  let probability: Double

  init(_ incident: Incident, _ evidence: [SignEvidence], _ knowledge: AttackKnowledge, _ settings: PurposeSettings) {
    let ratios = settings.prepositioning
    let attacked = evidence.contains { $0.sign.points == .attack && $0.wasSeen && $0.dismissed == nil }
    func seen(_ tactics: Set<String>) -> [TechniqueSummary] {
      incident.techniques.filter { summary in
        guard summary.probability >= 0.3, let feature = knowledge.feature(summary.id) else { return false }
        return !tactics.isDisjoint(with: knowledge.features[feature].tactics)
      }.sorted { ($1.probability, $0.id) < ($0.probability, $1.id) }
    }
    var reasons: [Reason] = []
    if !attacked {
      if let location = incident.location, location >= .criticalSystemManagement {
        reasons.append(
          Reason(
            words: "Inside critical systems (\(location.rawValue)) and nothing done to them",
            logRatio: ln(ratios.insideCritical), technique: nil, refs: []))
      }
      for (tactics, ratio, words) in [
        (
          ["ics:discovery", "ics:collection", "ics:lateral-movement"], ratios.processReconnaissance,
          "A process is being reconnoitred"
        ),
        (["persistence", "ics:persistence"], ratios.persistence, "Ways to come back are kept"),
      ] as [(Set<String>, Double, String)] {
        guard let first = seen(tactics).first else { continue }
        reasons.append(
          Reason(
            words: "\(words) (\(first.id))",
            logRatio: ln(first.probability * ratio + 1 - first.probability), technique: first.id,
            refs: Array(first.refs.prefix(2))))
      }
      if let payload = evidence.first(where: { $0.sign.points == .attack && !$0.wasSeen }) {
        reasons.append(
          Reason(
            words: "Malware for an attack is there and hasn't been used (\(payload.sightings[0]))",
            logRatio: ln(payload.reliability * ratios.unusedPayload + 1 - payload.reliability),
            technique: payload.technique, refs: []))
      }
      if let theft = evidence.first(where: { $0.sign == .theft }) {
        reasons.append(
          Reason(
            words: "Data left, so that access may have been for them",
            logRatio: ln(theft.reliability * ratios.theft + 1 - theft.reliability), technique: theft.technique,
            refs: Array(theft.refs.prefix(2))))
      }
    }
    self.reasons = reasons
    let odds = ln(ratios.prior / (1 - ratios.prior)) + reasons.reduce(0) { $0 + $1.logRatio }
    probability = 1 / (1 + exponential(-odds))
  }
}
