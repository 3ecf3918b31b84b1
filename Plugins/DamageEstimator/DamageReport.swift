import Assessment
import CasusEvents
import SeededRandom

/// Puts one estimate into the words and lists of `casus.damage.v1`.
struct DamageReport {
  let settings: DamageSettings
  let facts: [Fact]
  let incident: Incident
  let effects: [EffectShelf.Kept]
  /// Reports that the incident names and that are not known here.
  let missing: Int
  let outlook: (Outlook, [String])

  func damage(
    _ trigger: EventReference, revision: Int, supersedes: EventReference?, method: Method
  ) -> Damage {
    let simulation = Simulation(
      facts, seed: SeededGenerator(incident: incident.incident), samples: settings.samples)
    let (scales, influence) = ScaleBook(settings: settings, simulation: simulation).results()
    let unknown = unknownInputs(influence, scales: scales.count)
    return Damage(
      incident: incident.incident, revision: revision, scales: scales, unknownInputs: unknown, outlook: outlook.0,
      outlookReasons: outlook.1, confidence: confidence(), summary: summary(scales, unknown), method: method,
      samples: settings.samples, refs: references(trigger, then: facts.flatMap(\.refs), limit: 24),
      supersedes: supersedes)
  }

  /// What nobody said, and what is said only roughly where it moves a result. The influence is the share of variance
  /// averaged over all scales, since none of them is the score; the greatest first.
  private func unknownInputs(_ influence: [FactName: [String: Double]], scales: Int) -> [UnknownInput] {
    let inputs = facts.filter { !$0.known || influence[$0.name] != nil }.map { fact in
      let shares = influence[fact.name] ?? [:]
      let mean = shares.keys.sorted().reduce(0) { $0 + shares[$1]! } / Double(scales)
      return UnknownInput(
        name: fact.name.title, scales: shares.keys.sorted(), influence: shares.isEmpty ? nil : rounded(mean, places: 4),
        question: fact.name.question)
    }
    return inputs.enumerated().sorted {
      ($1.element.influence ?? 0, $0.offset) < ($0.element.influence ?? 0, $1.offset)
    }.map(\.element)
  }

  /// Fewer than the schema takes.
  private static let mostReasons = 12

  private func confidence() -> ConfidenceStatement {
    let decisive: [FactName] = [.service, .essential, .users, .hours, .physical]
    let open = facts.filter { decisive.contains($0.name) && !$0.known }
    var reasons: [String] = []
    guard !effects.isEmpty else {
      return ConfidenceStatement(
        level: .low,
        reasons: ["No operator reports an effect: the estimate rests on what sensors saw of the intrusion."])
    }
    let best = effects.map { $0.effect.admiralty.map(Reliability.of) ?? 0.5 }.max() ?? 0
    reasons.append(
      "\(effects.count) operator report\(effects.count == 1 ? "" : "s"), the best with r = \(rounded(best, places: 2))."
    )
    reasons.append(
      open.isEmpty
        ? "State of the service, users, duration and physical damage are all reported."
        : "Not reported: \(open.map(\.name.title).joined(separator: ", ")).")
    if missing > 0 { reasons.append("Reports that the incident names and that are not known here: \(missing).") }
    let uncounted = incident.unnamedEffects
    if uncounted > 0 {
      let more = "\(uncounted) more report\(uncounted == 1 ? " is" : "s are") not counted"
      reasons.append("\(more), since the incident does not name them: every sum is a lower bound.")
    }
    let leftOut = facts.flatMap(\.leftOut) + Plausibility.lines(of: effects.map(\.effect))
    reasons += Plausibility.fitting(leftOut, room: Self.mostReasons - reasons.count)
    let isGood = open.isEmpty && best >= 0.75 && uncounted == 0
    let level: Confidence = isGood ? .high : open.count <= 2 && best >= 0.5 ? .moderate : .low
    return ConfidenceStatement(level: level, reasons: reasons)
  }

  private func summary(_ scales: [ScaleResult], _ unknown: [UnknownInput]) -> String {
    let parts = scales.map { result in
      if let score = result.score {
        return "\(result.scale) \(score.value) (\(score.interval.low) to \(score.interval.high))"
      }
      guard let level = result.level else { return result.scale }
      let range = level.low == level.high ? "" : " (\(level.low) to \(level.high))"
      return "\(result.scale) \(level.value)\(range)"
    }
    let most = unknown.first.flatMap { $0.influence != nil ? " What matters most and isn't known: \($0.name)." : nil }
    return "The scales side by side, none of them the score: \(parts.joined(separator: "; ")).\(most ?? "")"
  }

  /// A retracted incident is what PPD-41 calls its baseline: an event that nothing substantiates.
  static func retracted(
    _ incident: Incident, _ trigger: EventReference, revision: Int, supersedes: EventReference?, method: Method
  ) -> Damage {
    let why = incident.retraction.map { ": \($0)" } ?? "."
    return Damage(
      incident: incident.incident, revision: revision,
      scales: [
        ScaleResult(
          scale: "ppd41", title: "US Cyber Incident Severity Schema", version: "PPD-41, 2016",
          level: ScaleLevel(value: 0, name: "Baseline", low: 0, high: 0), inputs: [],
          notes: ["The incident was retracted, so that nothing is estimated on any other scale."])
      ],
      unknownInputs: [], outlook: .unknown,
      confidence: ConfidenceStatement(level: .low, reasons: ["The incident was retracted\(why)"]), method: method,
      refs: [trigger], supersedes: supersedes)
  }
}
