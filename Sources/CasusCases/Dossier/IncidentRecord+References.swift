internal import CasusEvents

extension IncidentRecord {
  /// Every event that the incident and its current assessments name.
  var references: [EventReference] { current.data.named + assessed.flatMap(\.references) }

  /// The current assessments, each with what it rests on.
  var assessed: [(citation: Citation, references: [EventReference])] {
    attributions.current.map { ($0.citation, $0.data.named) } + purposes.current.map { ($0.citation, $0.data.named) }
      + damages.current.map { ($0.citation, $0.data.named) }
  }
}

// Every event that an assessment names as its own.

extension Attribution {
  var named: [EventReference] { refs + evidence.flatMap(\.refs) + flips.flatMap(\.refs) }
}

extension Purpose {
  var named: [EventReference] { refs + evidence.flatMap(\.refs) + flips.flatMap(\.refs) }
}

extension Damage {
  var named: [EventReference] { refs + scales.flatMap { $0.inputs.flatMap(\.refs) } }
}
