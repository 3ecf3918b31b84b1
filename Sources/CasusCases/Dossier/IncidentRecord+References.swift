internal import CasusEvents

extension IncidentRecord {
  /// Every event that the incident and its current assessments name.
  var references: [EventReference] { current.data.named + assessed.flatMap(\.references) }

  /// The current assessments, each with what it rests on.
  var assessed: [(citation: Citation, references: [EventReference])] {
    attributions.current.map { cited in
      (cited.citation, cited.data.refs + cited.data.evidence.flatMap(\.refs) + cited.data.flips.flatMap(\.refs))
    }
      + purposes.current.map { cited in
        (cited.citation, cited.data.refs + cited.data.evidence.flatMap(\.refs) + cited.data.flips.flatMap(\.refs))
      }
      + damages.current.map { cited in
        (cited.citation, cited.data.refs + cited.data.scales.flatMap { $0.inputs.flatMap(\.refs) })
      }
  }
}
