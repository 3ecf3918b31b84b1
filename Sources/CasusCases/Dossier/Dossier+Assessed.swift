internal import CasusEvents

// What analyzers made of it, side by side: nobody's answer is *the* answer.
extension Dossier {
  func writeAttribution(_ page: inout MarkdownWriter) {
    page.heading(2, "Who may be behind it")
    if attributions.isEmpty { return page.paragraph("Nobody has assessed it.") }
    var ids: [String] = []
    for hypothesis in attributions.flatMap({ $0.data.hypotheses.prefix(8) }) where !ids.contains(hypothesis.id) {
      ids.append(hypothesis.id)
    }
    page.table(
      ["Hypothesis"] + attributions.map(Self.column),
      ids.map { id in
        let all = attributions.map { $0.data.hypotheses.first { $0.id == id } }
        let label = all.lazy.compactMap { $0 }.first.map { $0.label + ($0.nation.map { ", suspected \($0)" } ?? "") }
        return [Markdown(label ?? id)]
          + all.map { hypothesis in
            guard let hypothesis else { return "not listed" }
            let interval = hypothesis.interval.map { "; \(Text.interval($0, percent: true))" } ?? ""
            return Markdown(Text.probability(hypothesis.probability) + interval)
          }
      } + [["any other"] + attributions.map { Markdown(Text.percent($0.data.otherProbability)) }]
        + [["**conclusion**"] + attributions.map { "**\($0.data.conclusionLabel)**" }]
        + [["confidence in the basis"] + attributions.map { Markdown($0.data.confidence.level.rawValue) }])
    for attribution in attributions { writeDetail(attribution, &page) }
    write(disagreements: "attribution", &page)
  }

  private func writeDetail(_ attribution: Cited<Attribution>, _ page: inout MarkdownWriter) {
    let data = attribution.data
    page.heading(3, "\(attribution.citation.sender), revision \(data.revision)")
    let calibration: Markdown =
      data.calibration.map { ", log-odds divided by \(Text.decimal($0.temperature, 2)) (\($0.fittedOn))" } ?? ""
    page.paragraph(
      """
      Question answered: \(data.level.rawValue). Method: \(data.method.name) \(data.method.version)\(calibration). \
      \(attribution.citation.mark)
      """)
    page.list(
      "Confidence in the basis is \(data.confidence.level.rawValue):", data.confidence.reasons.map { Markdown($0) })
    page.list(
      "States, through the groups that open sources suspect them behind:",
      (data.states ?? []).map { "\($0.nation): \(Text.probability($0.probability))" as Markdown })
    if let responsibility = data.stateResponsibility {
      page.paragraph(
        """
        State responsibility of \(responsibility.nation): \(responsibility.lowest.rawValue) to \
        \(responsibility.highest.rawValue), \(Text.probability(responsibility.probability)). \
        \(responsibility.reasons.map { Markdown($0) }.joined(separator: " "))
        """)
    }
    page.list("Assumed:", data.assumptions.map { Markdown($0) })
    let strongest = data.evidence.sorted { $0.strength > $1.strength }.prefix(8)
    page.table(
      ["Evidence", "Speaks for", "Speaks against", "Forgeable", "Source's reliability", "Events"],
      strongest.map { evidence in
        [
          Markdown(evidence.summary), Markdown(evidence.ratios(positive: true, data)),
          Markdown(evidence.ratios(positive: false, data)), Markdown(evidence.forgeability.rawValue),
          Markdown(Text.percent(evidence.reliability)), marks(evidence.refs),
        ]
      })
    write(flips: data.flips, &page)
  }

  /// The head of an analyzer's column: who, and that the assessment is marked, where it is.
  static func column(_ cited: Cited<some Any>) -> Markdown {
    let flags: Markdown = cited.citation.flags.isEmpty ? "" : " **\(cited.citation.flags.joined(separator: ", "))**"
    return "\(cited.citation.sender) \(cited.citation.mark)\(flags)"
  }

  func write(flips: [Flip], _ page: inout MarkdownWriter) {
    if flips.isEmpty { return page.paragraph("No single change that was tried would flip the result.") }
    page.list(
      "What would flip the result:",
      flips.map { flip in
        let probability: Markdown = flip.probability.map { " at \(Text.probability($0))" } ?? ""
        return "\(flip.change): then \(flip.result)\(probability). \(marks(flip.refs))"
      })
  }

  func write(disagreements topic: String, _ page: inout MarkdownWriter) {
    let found = disagreements.filter { $0.topic == topic }
    guard !found.isEmpty else { return }
    page.heading(3, "Where they disagree")
    page.list(found.map { "\($0.statement) \($0.between.map(\.mark).line)" })
  }

  func writePurpose(_ page: inout MarkdownWriter) {
    page.heading(2, "Espionage or disruption")
    if purposes.isEmpty { return page.paragraph("Nobody has assessed it.") }
    func row(_ name: Markdown, _ value: (Purpose) -> Markdown) -> [Markdown] {
      [name] + purposes.map { value($0.data) }
    }
    page.table(
      [""] + purposes.map(Self.column),
      [
        row("espionage (exploitation)") { "\(Text.probability($0.exploitation))" },
        row("disruption (attack)") { "\(Text.probability($0.attack))" },
        row("undetermined intrusion") { "\(Text.probability($0.undetermined))" },
        row("a later attack is being prepared") { "\(Text.probability($0.prepositioning))" },
        row("**conclusion**") { "**\($0.conclusion.label)**" },
        row("confidence in the basis") { "\($0.confidence.level.rawValue)" },
      ])
    for purpose in purposes {
      page.heading(3, "\(purpose.citation.sender), revision \(purpose.data.revision)")
      let confidence = purpose.data.confidence
      page.list("Confidence in the basis is \(confidence.level.rawValue):", confidence.reasons.map { Markdown($0) })
      page.table(
        ["Evidence", "Points to", "Log likelihood ratio", "Events"],
        purpose.data.evidence.sorted { abs($0.logRatio) > abs($1.logRatio) }.prefix(8).map {
          [
            Markdown($0.summary), Markdown($0.indicates.rawValue), Markdown(Text.decimal($0.logRatio, 2)),
            marks($0.refs),
          ]
        })
      write(flips: purpose.data.flips, &page)
    }
    write(disagreements: "purpose", &page)
  }
}

extension AttributionEvidence {
  /// The largest step it makes for or against any hypothesis.
  var strength: Double { ratios.map { abs($0.logRatio) }.max() ?? 0 }

  /// The two hypotheses it moves most in one direction, with their log likelihood ratios.
  func ratios(positive: Bool, _ attribution: Attribution) -> String {
    let chosen = ratios.filter { positive ? $0.logRatio > 0.005 : $0.logRatio < -0.005 }
      .sorted { abs($0.logRatio) > abs($1.logRatio) }.prefix(2)
    let texts = chosen.map { ratio in
      let label = attribution.hypotheses.first { $0.id == ratio.hypothesis }?.label ?? ratio.hypothesis
      return "\(label) \(ratio.logRatio > 0 ? "+" : "")\(Text.decimal(ratio.logRatio, 2))"
    }
    return texts.isEmpty ? "none" : texts.joined(separator: ", ")
  }
}
