internal import CasusEvents

extension Dossier {
  /// What others doubt of the above. It stays where it is: only its own publisher takes it back.
  func writeDisputes(_ page: inout MarkdownWriter) {
    guard !disputes.isEmpty else { return }
    page.heading(2, "Disputed")
    page.paragraph("Others doubt these events. Nothing above was changed for that.")
    page.table(
      ["What is doubted", "By", "What is said to be wrong", "Why", "Event"],
      disputes.map { dispute in
        let about = dispute.data.about
        let by: Markdown = dispute.data.by.map { "\($0.label), " } ?? ""
        return [
          "\(about.id) of \(about.source) (\(String(about.sha256.prefix(8))))",
          by + Markdown(dispute.citation.sender), Markdown(dispute.data.ground.rawValue),
          Markdown(dispute.data.reason), Markdown(dispute.citation.mark),
        ]
      })
  }
}
