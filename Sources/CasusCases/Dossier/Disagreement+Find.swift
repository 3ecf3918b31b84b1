internal import CasusEvents

extension Disagreement {
  /// How far two probabilities may lie apart before that is called a disagreement. A reading aid, not a measurement: the
  /// numbers stand beside each other in any case.
  static let tolerance = 0.15

  static func all(_ incident: IncidentRecord) -> [Disagreement] {
    attribution(incident.attributions.current) + purpose(incident.purposes.current)
      + damage(incident.damages.current)
  }

  private static func attribution(_ all: [Cited<Attribution>]) -> [Disagreement] {
    var found: [Disagreement] = []
    for (first, second) in pairs(all) {
      let (a, b) = (first.data, second.data)
      let names = "\(first.citation.sender) and \(second.citation.sender)"
      let between = [first.citation, second.citation]
      if a.conclusion != b.conclusion {
        found.append(
          Disagreement(
            topic: "attribution", statement: "\(names) conclude differently: \(a.conclusion) and \(b.conclusion).",
            between: between))
      }
      if let x = a.hypotheses.first, let y = b.hypotheses.first, x.id != y.id {
        let statement =
          "The likeliest hypothesis of \(names) differs: \(x.label) at \(Text.percent(x.probability)) and "
          + "\(y.label) at \(Text.percent(y.probability))."
        found.append(Disagreement(topic: "attribution", statement: statement, between: between))
      }
      for x in a.hypotheses {
        guard let y = b.hypotheses.first(where: { $0.id == x.id }), abs(x.probability - y.probability) > tolerance
        else { continue }
        let statement =
          "\(x.label): \(Text.probability(x.probability)) by \(first.citation.sender), "
          + "\(Text.probability(y.probability)) by \(second.citation.sender)."
        found.append(Disagreement(topic: "attribution", statement: statement, between: between))
      }
      if a.confidence.level != b.confidence.level {
        let statement =
          "Confidence differs: \(a.confidence.level.rawValue) and \(b.confidence.level.rawValue) (\(names))."
        found.append(Disagreement(topic: "attribution", statement: statement, between: between))
      }
    }
    return found
  }

  private static func purpose(_ all: [Cited<Purpose>]) -> [Disagreement] {
    var found: [Disagreement] = []
    for (first, second) in pairs(all) {
      let (a, b) = (first.data, second.data)
      guard a.conclusion != b.conclusion || abs(a.attack - b.attack) > tolerance else { continue }
      let statement =
        "\(first.citation.sender) says \(a.conclusion.rawValue) (disruption \(Text.percent(a.attack))), "
        + "\(second.citation.sender) \(b.conclusion.rawValue) (disruption \(Text.percent(b.attack)))."
      found.append(
        Disagreement(topic: "purpose", statement: statement, between: [first.citation, second.citation]))
    }
    return found
  }

  private static func damage(_ all: [Cited<Damage>]) -> [Disagreement] {
    var found: [Disagreement] = []
    for (first, second) in pairs(all) {
      let between = [first.citation, second.citation]
      let names = "\(first.citation.sender) and \(second.citation.sender)"
      for a in first.data.scales {
        guard let b = second.data.scales.first(where: { $0.scale == a.scale }) else { continue }
        if let x = a.level, let y = b.level, x.value != y.value {
          let statement = "\(a.title): \(names) give \(x.label) and \(y.label)."
          found.append(Disagreement(topic: "damage", statement: statement, between: between))
        } else if let x = a.score, let y = b.score,
          x.interval.high < y.interval.low || y.interval.high < x.interval.low
        {
          let statement = "\(a.title): \(names) give \(x.label) and \(y.label), without overlap."
          found.append(Disagreement(topic: "damage", statement: statement, between: between))
        }
      }
      if first.data.outlook != second.data.outlook {
        let statement =
          "Outlook: \(names) say \(first.data.outlook.rawValue) and \(second.data.outlook.rawValue)."
        found.append(Disagreement(topic: "damage", statement: statement, between: between))
      }
    }
    return found
  }

  private static func pairs<T>(_ all: [T]) -> [(T, T)] {
    all.indices.flatMap { i in all.indices.filter { $0 > i }.map { (all[i], all[$0]) } }
  }
}
