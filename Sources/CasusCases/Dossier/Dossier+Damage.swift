internal import CasusEvents

extension Dossier {
  func writeDamage(_ page: inout MarkdownWriter) {
    page.heading(2, "Damage, on each named scale")
    if damages.isEmpty { return page.paragraph("Nobody has estimated it.") }
    var names: [String] = []
    for result in damages.flatMap(\.data.scales) where !names.contains(result.scale) { names.append(result.scale) }
    page.table(
      ["Scale"] + damages.map { "\($0.citation.sender) \($0.citation.mark)" },
      names.map { name in
        let results = damages.map { $0.data.scales.first { $0.scale == name } }
        let title = results.lazy.compactMap { $0 }.first.map { "\($0.title) (\($0.version))" }
        return [Text.plain(title ?? name)] + results.map { $0.map { Text.plain($0.cell) } ?? "not estimated" }
      } + [["outlook, 6 h"] + damages.map { $0.data.outlook.rawValue }]
        + [["confidence in the basis"] + damages.map { $0.data.confidence.level.rawValue }])
    for damage in damages {
      let data = damage.data
      page.heading(3, "\(damage.citation.sender), revision \(data.revision)")
      if let summary = data.summary { page.paragraph(Text.plain(summary)) }
      let samples = data.samples.map { ", \($0) samples" } ?? ""
      page.paragraph(
        "Method: \(Text.plain(data.method.name)) \(Text.plain(data.method.version))\(samples). \(damage.citation.mark)")
      page.list(
        data.confidence.reasons.map { "Confidence \(data.confidence.level.rawValue): \(Text.plain($0))" }
          + data.outlookReasons.map { "Outlook: \(Text.plain($0))" }
          + data.scales.compactMap { scale in
            scale.levelPolicy.map { "\(Text.plain(scale.title)): its levels are cut by \(Text.plain($0))." }
          } + data.scales.flatMap { scale in scale.notes.map { "\(Text.plain(scale.title)): \(Text.plain($0))" } })
      page.table(
        ["Scale", "Input", "Taken as", "Range", "Basis", "Share of the uncertainty", "Events"],
        data.scales.flatMap { scale in
          scale.inputs.map { input in
            [
              Text.plain(scale.title), Text.plain(input.name), Text.plain(input.taken), input.range,
              input.basis.map(Text.plain) ?? "", input.influence.map(Text.percent) ?? "", marks(input.refs),
            ]
          }
        })
      page.list(
        data.unknownInputs.map { unknown in
          "**Unknown:** \(Text.plain(unknown.name)) (\(unknown.scales.joined(separator: ", ")))"
            + (unknown.influence.map { "; explains \(Text.percent($0)) of the uncertainty" } ?? "")
            + (unknown.question.map { "; to ask: \(Text.plain($0))" } ?? "") + " \(damage.citation.mark)"
        })
    }
    write(disagreements: "damage", &page)
  }
}

extension ScaleResult {
  /// Level and score with their ranges.
  var cell: String {
    let parts = [level.map { "level \($0.label)" }, score?.label].compactMap { $0 }
    return parts.isEmpty ? "unknown" : parts.joined(separator: "; ")
  }
}

extension ScaleInput {
  var taken: String {
    guard known else { return "unknown" + (selected.map { ", likeliest \($0)" } ?? "") }
    return selected ?? value.map { Text.decimal($0) } ?? "known"
  }

  var range: String {
    switch (low, high) {
    case (let low?, let high?) where low != high: "\(Text.decimal(low)) to \(Text.decimal(high))"
    case (let low?, _): Text.decimal(low)
    case (nil, let high?): "at most \(Text.decimal(high))"
    case (nil, nil): value.map { Text.decimal($0) } ?? ""
    }
  }
}
