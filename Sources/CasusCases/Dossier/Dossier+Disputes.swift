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
        let by = dispute.data.by.map { "\(Text.plain($0.label)), " } ?? ""
        return [
          "\(Text.plain(about.id)) of \(Text.plain(about.source)) (\(about.sha256.prefix(8)))",
          by + Text.plain(dispute.citation.sender), dispute.data.ground.rawValue, Text.plain(dispute.data.reason),
          dispute.citation.mark,
        ]
      })
  }
}
