internal import CasusEvents

extension Dossier {
  /// Rows that the page shows; `dossier.json` has all.
  private static let rows = 60

  /// What others doubt of the above. It stays where it is: only its own publisher takes it back.
  func writeDisputes(_ page: inout MarkdownWriter) {
    guard !disputes.isEmpty || disputesForgotten != nil else { return }
    page.heading(2, "Disputed")
    if let disputesForgotten { page.paragraph("Of all cases of the journal, \(disputesForgotten).") }
    guard !disputes.isEmpty else { return }
    page.paragraph("Others doubt these events. Nothing above was changed for that.")
    page.table(
      ["What is doubted", "By", "What is said to be wrong", "Why", "Event"],
      disputes.prefix(Self.rows).map { dispute in
        let by: Markdown = dispute.data.by.map { "\($0.label), " } ?? ""
        return [
          Markdown(mark(dispute.data.about)), by + Markdown(dispute.citation.sender),
          Markdown(dispute.data.ground.rawValue), Markdown(dispute.data.reason), Markdown(dispute.citation.mark),
        ]
      })
    let more = disputes.count - Self.rows
    if more > 0 { page.paragraph("Disputes that are not listed here: \(more).") }
  }
}
