import Assessment
import CasusEvents

/// Espionage, disruption, or neither shown: what the signs come to. Pure.
///
/// "Technically different only in the payload" (NRC 2009), so most of an intrusion says nothing: log-odds start with
/// half on undetermined. A sign adds ln(r·ratio + 1 − r) to its own purpose; the strongest counts whole, each further
/// sign of the same purpose half of the one before, since they come from one operation.
struct PurposeJudgement: Sendable {
  let evidence: [SignEvidence]
  let settings: PurposeSettings
  let exploitation: Double
  let attack: Double
  let undetermined: Double

  init(_ evidence: [SignEvidence], _ settings: PurposeSettings) {
    self.evidence = evidence
    self.settings = settings
    func total(_ points: PurposeIndication) -> Double {
      evidence.filter { $0.sign.points == points }.map { Self.logRatio($0, settings) }.sorted(by: >)
        .enumerated().reduce(0) { $0 + $1.element / Double(1 << min($1.offset, 30)) }
    }
    let prior = settings.prior
    let shown = 1 - prior.undetermined
    let weights = [
      shown * (1 - prior.attackOfShown) * exponential(total(.exploitation)),
      shown * prior.attackOfShown * exponential(total(.attack)),
      prior.undetermined,
    ]
    let sum = weights.reduce(0, +)
    (exploitation, attack, undetermined) = (weights[0] / sum, weights[1] / sum, weights[2] / sum)
  }

  static func logRatio(_ piece: SignEvidence, _ settings: PurposeSettings) -> Double {
    guard piece.dismissed == nil else { return 0 }
    return ln(piece.reliability * piece.sign.ratio(settings) + 1 - piece.reliability)
  }

  var conclusion: PurposeConclusion {
    let ranked = [(exploitation, PurposeConclusion.exploitation), (attack, .attack), (undetermined, .undetermined)]
      .sorted { $0.0 > $1.0 }
    let dominates = ranked[0].0 >= settings.minimum && ranked[0].0 >= settings.ratio * ranked[1].0
    return dominates ? ranked[0].1 : .undetermined
  }

  /// Of the conclusion.
  var probability: Double {
    switch conclusion {
    case .exploitation: exploitation
    case .attack: attack
    case .undetermined: undetermined
    }
  }

  func flips() -> [Flip] {
    var flips: [Flip] = []
    func consider(_ change: String, _ then: [SignEvidence], _ refs: [EventReference]) {
      let other = PurposeJudgement(then, settings)
      guard other.conclusion != conclusion else { return }
      flips.append(
        Flip(
          change: change, result: other.conclusion.rawValue, probability: rounded(other.probability), refs: refs))
    }
    for piece in evidence where piece.dismissed == nil {
      consider(
        "without the signs of \(piece.sign.rawValue)", evidence.filter { $0.sign != piece.sign },
        Array(piece.refs.prefix(2)))
    }
    for piece in evidence where piece.dismissed != nil {
      var counted = evidence
      counted[counted.firstIndex(of: piece)!].dismissed = nil
      consider("if the \(piece.sign.rawValue) was meant to disrupt", counted, Array(piece.refs.prefix(2)))
    }
    for (sign, words) in [
      (Sign.loss, "if an operator reported a service lost to it"), (.theft, "if data were found to have left"),
    ] where !evidence.contains(where: { $0.sign == sign }) {
      let added = SignEvidence(
        sign: sign, reliability: 0.75, sightings: [], technique: nil, refs: [], dismissed: nil, wasSeen: true)
      consider(words, evidence + [added], [])
    }
    return flips
  }
}
