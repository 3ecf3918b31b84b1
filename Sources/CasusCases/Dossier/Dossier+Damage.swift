internal import CasusEvents

extension Dossier {
  func writeDamage(_ page: inout MarkdownWriter) {
    page.heading(2, "Damage, on each named scale")
    if damages.isEmpty { return page.paragraph("Nobody has estimated it.") }
    var names: [String] = []
    for result in damages.flatMap(\.data.scales) where !names.contains(result.scale) { names.append(result.scale) }
    page.table(
      ["Scale"] + damages.map(Self.column),
      names.map { name in
        let results = damages.map { $0.data.scales.first { $0.scale == name } }
        let title = results.lazy.compactMap { $0 }.first.map { "\($0.title) (\($0.version))" }
        return [Markdown(title ?? name)] + results.map { $0.map { Markdown($0.cell) } ?? "not estimated" }
      } + [["outlook, 6 h"] + damages.map { Markdown($0.data.outlook.rawValue) }]
        + [["confidence in the basis"] + damages.map { Markdown($0.data.confidence.level.rawValue) }])
    for damage in damages {
      let data = damage.data
      page.heading(3, "\(damage.citation.sender), revision \(data.revision)")
      if let summary = data.summary { page.paragraph(Markdown(summary)) }
      let samples: Markdown = data.samples.map { ", \($0) samples" } ?? ""
      page.paragraph(
        "Method: \(data.method.name) \(data.method.version)\(samples). \(damage.citation.mark)")
      page.list(
        "Confidence in the basis is \(data.confidence.level.rawValue):", data.confidence.reasons.map { Markdown($0) })
      page.list("Outlook for six hours: \(data.outlook.rawValue).", data.outlookReasons.map { Markdown($0) })
      page.list(
        "Notes on the scales:",
        data.scales.flatMap { scale in
          (scale.levelPolicy.map { ["its levels are cut by \($0)"] } ?? []).map { "\(scale.title): \($0)" }
            + scale.notes.map { "\(scale.title): \($0)" }
        }.map { Markdown($0) })
      page.table(
        ["Input", "Taken as", "Range", "Basis", "Scales that use it, share of their uncertainty", "Events"],
        InputRow.rows(data.scales).map { row in
          [
            Markdown(row.input.name), Markdown(row.input.taken), Markdown(row.input.range),
            Markdown(row.input.basis ?? ""),
            row.uses.map { Markdown($0) }.joined(separator: ", "), marks(row.input.refs),
          ]
        })
      page.list(
        "Unknown, and whom to ask:",
        data.unknownInputs.map { unknown in
          let scales: Markdown = unknown.scales.isEmpty ? "" : " (\(unknown.scales.joined(separator: ", ")))"
          let influence: Markdown =
            unknown.influence.map { "; explains \(Text.percent($0)) of the uncertainty over all scales" } ?? ""
          let question: Markdown = unknown.question.map { "; \($0)" } ?? ""
          return "**\(unknown.name)**\(scales)\(influence)\(question) \(damage.citation.mark)"
        })
    }
    write(disagreements: "damage", &page)
  }
}

/// An input with the scales that take it as the same: most scales ask the same questions.
struct InputRow {
  let input: ScaleInput
  /// `dcid`, `nciss 40 %`.
  private(set) var uses: [String]

  static func rows(_ scales: [ScaleResult]) -> [InputRow] {
    var rows: [InputRow] = []
    for scale in scales {
      for input in scale.inputs {
        let use = scale.scale + (input.influence.map { " \(Text.percent($0))" } ?? "")
        if let row = rows.firstIndex(where: { $0.input.saysTheSame(as: input) }) {
          rows[row].uses.append(use)
        } else {
          rows.append(InputRow(input: input, uses: [use]))
        }
      }
    }
    return rows
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
  /// But for the number that each scale makes of it where it is an option.
  func saysTheSame(as other: ScaleInput) -> Bool {
    name == other.name && known == other.known && taken == other.taken && basis == other.basis && range == other.range
      && refs == other.refs
  }

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
