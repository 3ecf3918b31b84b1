package import CasusConfiguration
package import CasusEvents

/// What every sensor may be told about the events that it publishes.
package enum SensorFields {
  private static let admiralty = FieldTable(
    "an Admiralty grade",
    [
      Field(
        "reliability", .words(SourceReliability.allCases.map(\.rawValue)), required: true,
        "Of the source: A completely reliable to E unreliable; F cannot be judged."),
      Field(
        "credibility", .integer(1...6), required: true,
        "Of what it says: 1 confirmed to 5 improbable; 6 cannot be judged."),
    ])

  package static let marks = [
    Field("tlp", .words(TLP.allCases.map(\.rawValue)), standard: TLP.amber.rawValue, "The marking of its events."),
    Field("exercise", .flag, standard: "false", "Its events are part of an exercise."),
    Field("admiralty", .table(admiralty), "How far its source is to be believed."),
  ]
}

extension Members {
  package func admiralty() -> Admiralty? {
    guard let grade = members("admiralty"), let reliability = grade.choice("reliability", as: SourceReliability.self),
      let credibility = grade.integer("credibility")
    else { return nil }
    return Admiralty(reliability: reliability, credibility: credibility)
  }
}
