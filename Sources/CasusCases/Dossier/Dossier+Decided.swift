internal import CasusEvents

// What people said and signed.
extension Dossier {
  func writeConsultation(_ page: inout MarkdownWriter) {
    page.heading(2, "Consultation")
    if consultation.lines.isEmpty {
      page.paragraph("The policy names nobody who must be consulted, or is not known here.")
    } else {
      let marks = consultation.events.map { " " + $0.mark }.joined()
      page.paragraph(
        consultation.complete
          ? "Complete: everyone whom the policy names has been heard." + marks
          : "**Not complete.**" + marks)
    }
    page.table(
      ["Party", "Office", "Due (UTC)", "Heard (UTC)", "Event"],
      consultation.lines.map { line in
        let overdue = line.heard == nil && (line.due.map { $0 < asOf.recorded } ?? false)
        return [
          Text.plain(line.title.map { "\(line.party), \($0)" } ?? line.party), Text.plain(line.office ?? ""),
          line.due.map(Text.time) ?? "no limit",
          line.heard.map { Text.time($0) + (line.late ? " (late)" : "") } ?? (overdue ? "**overdue**" : "awaited"),
          line.citation?.mark ?? "",
        ]
      })
    for position in positions { write(position, &page) }
  }

  private func write(_ position: PositionRecord, _ page: inout MarkdownWriter) {
    let statement = position.statement
    page.heading(3, "Position of \(Text.plain(statement.party)): \(statement.finding.rawValue)")
    page.paragraph(
      "Stated \(Text.time(statement.stated)) by \(Text.plain(statement.statedBy.label)); signed by "
        + position.signatures.map { Text.plain("\($0.name) (key \($0.keyid.prefix(8)))") }.joined(separator: ", ")
        + "; on \(statement.snapshot.events.count) events of a journal of \(statement.snapshot.treeSize). "
        + position.citation.mark)
    page.table(
      ["Prong", "Probability", "Basis"],
      [
        ("damage on a par with that of a physical attack", statement.prongs.damageComparable),
        ("carried out in a systematic and premeditated way", statement.prongs.systematicPremeditated),
      ].map { name, prong in
        let interval = prong.interval.map { "; \(Text.interval($0, percent: true))" } ?? ""
        return [
          name, Text.probability(prong.probability) + interval, prong.basis.map(Text.plain).joined(separator: " "),
        ]
      })
    page.table(
      ["Factor (a profile, never a sum)", "0 to 10", "Reasons", "Analyst"],
      statement.factors.map {
        [
          $0.factor.rawValue, "\($0.rating)", $0.reasons.map(Text.plain).joined(separator: " "),
          Text.plain($0.analyst ?? ""),
        ]
      })
    page.list(
      statement.reasons.map { "Reason: \(Text.plain($0))" }
        + statement.dissent.map { "Dissent of \(Text.plain($0.by)): \(Text.plain($0.text))" })
  }

  func writeDecision(_ page: inout MarkdownWriter) {
    page.heading(2, "Decision")
    page.paragraph(notice)
    if decision.stands, let outcome = decision.outcome {
      page.paragraph("**\(outcome.rawValue)**, signed by the quorum of every party over the same bytes.")
    } else {
      page.paragraph("**There is no decision:**")
      page.list(decision.missing.map(Text.plain))
    }
    guard let statement = decision.statement else { return }
    if !decision.stands { page.paragraph("The text that has come furthest: \(statement.outcome.rawValue).") }
    page.paragraph("> \(Text.plain(statement.text))")
    page.list(
      statement.reasons.map { "Reason: \(Text.plain($0))" }
        + statement.dissent.map { "Dissent of \(Text.plain($0.by)), on the record: \(Text.plain($0.text))" }
        + [statement.reviewBy.map { "To be reviewed by \(Text.time($0))." }].compactMap { $0 })
    page.table(
      ["Party", "Signatures", "Who", "Key", "Event"],
      decision.tallies.flatMap { tally -> [[String]] in
        let count = "\(tally.signatures.count) of \(tally.needed)"
        if tally.signatures.isEmpty { return [[Text.plain(tally.party), count, "nobody", "", ""]] }
        return tally.signatures.map { line in
          let who = line.name + (line.role.map { ", \($0)" } ?? "")
          return [Text.plain(line.party), count, Text.plain(who), String(line.keyid.prefix(16)), line.citation.mark]
        }
      })
    let snapshot = statement.snapshot
    page.list(
      [
        "Signed bytes: SHA-256 \(decision.payloadSHA256 ?? "unknown").",
        "Evidence snapshot: \(snapshot.events.count) events (\(sequences(snapshot))) of a journal of \(snapshot.treeSize); "
          + "Merkle root \(snapshot.root), "
          + (decision.rootChecked ? "equal to this journal's at that size." : "**not compared** with this journal."),
      ]
        + (decision.movedOn.isEmpty
          ? []
          : [
            "The evidence has moved on since: " + decision.movedOn.map(\.mark).joined(separator: " ")
          ]) + (decision.otherTexts > 0 ? ["\(decision.otherTexts) other texts were signed and do not stand."] : []))
  }

  /// `3, 5, 8 and 12 more`.
  private func sequences(_ snapshot: EvidenceSnapshot) -> String {
    let more = snapshot.events.count > 40 ? " and \(snapshot.events.count - 40) more" : ""
    return snapshot.events.prefix(40).map(\.sequence).joined(separator: ", ") + more
  }
}
