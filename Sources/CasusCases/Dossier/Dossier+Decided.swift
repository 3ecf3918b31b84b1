internal import CasusEvents

// What people said and signed.
extension Dossier {
  func writeConsultation(_ page: inout MarkdownWriter) {
    page.heading(2, "Consultation")
    if consultation.lines.isEmpty {
      page.paragraph("The policy names nobody who must be consulted, or is not known here.")
    } else {
      let state: Markdown =
        consultation.complete ? "Complete: everyone whom the policy names has been heard." : "**Not complete.**"
      page.paragraph("\(state) \(consultation.events.map(\.mark).line)")
    }
    page.table(
      ["Party", "Office", "Due (UTC)", "Heard (UTC)", "Event"],
      consultation.lines.map { line in
        let overdue = line.heard == nil && (line.due.map { $0 < asOf.recorded } ?? false)
        return [
          Markdown(line.title.map { "\(line.party), \($0)" } ?? line.party), Markdown(line.office ?? ""),
          line.due.map { "\(Text.time($0))" } ?? "no limit",
          line.heard.map { "\(Text.time($0))\(line.late ? " (late)" : "")" } ?? (overdue ? "**overdue**" : "awaited"),
          line.citation.map { Markdown($0.mark) } ?? "",
        ]
      })
    for position in positions { write(position, &page) }
  }

  private func write(_ position: PositionRecord, _ page: inout MarkdownWriter) {
    let statement = position.statement
    let isReplaced = positions.contains { $0.statement.replaces == position.payloadSHA256 }
    page.heading(
      3,
      "Position of \(statement.party): \(statement.finding.rawValue)\(isReplaced ? " (replaced by a newer one)" : "")")
    let signers = position.signatures.map { "\($0.name) (key \($0.keyid.prefix(8)))" }.joined(separator: ", ")
    page.paragraph(
      """
      Stated \(Text.time(statement.stated)) by \(statement.statedBy.label); signed by \(signers); on \
      \(statement.snapshot.coverage). \(position.citation.mark)
      """)
    page.table(
      ["Prong", "Probability", "Basis"],
      [
        ("damage on a par with that of a physical attack", statement.prongs.damageComparable),
        ("carried out in a systematic and premeditated way", statement.prongs.systematicPremeditated),
      ].map { name, prong in
        let interval = prong.interval.map { "; \(Text.interval($0, percent: true))" } ?? ""
        return [
          Markdown(name), Markdown(Text.probability(prong.probability) + interval),
          prong.basis.map { Markdown($0) }.joined(separator: " "),
        ]
      })
    page.table(
      ["Factor (a profile, never a sum)", "0 to 10", "Reasons", "Analyst"],
      statement.factors.map {
        [
          Markdown($0.factor.rawValue), "\($0.rating)", $0.reasons.map { Markdown($0) }.joined(separator: " "),
          Markdown($0.analyst ?? ""),
        ]
      })
    page.list(
      statement.reasons.map { "Reason: \($0)" as Markdown }
        + statement.dissent.map { "Dissent of \($0.by): \($0.text)" as Markdown })
  }

  func writeDecision(_ page: inout MarkdownWriter) {
    page.heading(2, "Decision")
    page.paragraph("\(notice)")
    if decision.stands, let outcome = decision.outcome {
      page.paragraph("**\(outcome.rawValue)**, signed by the quorum of every party over the same bytes.")
    } else {
      page.paragraph("**There is no decision:**")
      page.list(decision.missing.map { Markdown($0) })
    }
    guard let statement = decision.statement else { return }
    if !decision.stands { page.paragraph("The text that has come furthest: \(statement.outcome.rawValue).") }
    page.paragraph("> \(statement.text)")
    let review: [Markdown] = statement.reviewBy.map { ["To be reviewed by \(Text.time($0))."] } ?? []
    page.list(
      statement.reasons.map { "Reason: \($0)" as Markdown }
        + statement.dissent.map { "Dissent of \($0.by), on the record: \($0.text)" as Markdown } + review)
    page.table(
      ["Party", "Signatures", "Who", "Key", "Event"],
      decision.tallies.flatMap { tally -> [[Markdown]] in
        let count: Markdown = "\(tally.signatures.count) of \(tally.needed)"
        if tally.signatures.isEmpty { return [[Markdown(tally.party), count, "nobody", "", ""]] }
        return tally.signatures.map { line in
          let who = line.name + (line.role.map { ", \($0)" } ?? "")
          return [
            Markdown(line.party), count, Markdown(who), Markdown(String(line.keyid.prefix(16))),
            Markdown(line.citation.mark),
          ]
        }
      })
    let snapshot = statement.snapshot
    let root: Markdown =
      decision.rootChecked ? "equal to this journal's at that size" : "**not compared** with this journal"
    var items: [Markdown] = [
      "Signed bytes: SHA-256 \(decision.payloadSHA256 ?? "unknown").",
      "Evidence snapshot: \(snapshot.coverage) (\(sequences(snapshot))); Merkle root \(snapshot.root), \(root).",
    ]
    if !decision.movedOn.isEmpty {
      items.append("The evidence has moved on since: \(decision.movedOn.map(\.mark).line)")
    }
    if decision.otherTexts > 0 { items.append("\(decision.otherTexts) other texts were signed and do not stand.") }
    page.list(items)
  }

  /// `3, 5, 8 and 12 more`.
  private func sequences(_ snapshot: EvidenceSnapshot) -> String {
    let more = snapshot.events.count > 40 ? " and \(snapshot.events.count - 40) more" : ""
    return snapshot.events.prefix(40).map(\.sequence).joined(separator: ", ") + more
  }
}

extension EvidenceSnapshot {
  /// How much of the evidence it rests on, and of how much.
  var coverage: String {
    "\(events.count) of the \(evidenceCount) events of evidence that there were up to event \(treeSize)"
  }
}
