/// Collects the lines of a Markdown page.
struct MarkdownWriter {
  private(set) var lines: [Markdown] = []

  var text: String { lines.map(\.text).joined(separator: "\n") + "\n" }

  mutating func heading(_ level: Int, _ text: Markdown) {
    blank()
    lines.append((0..<level).map { _ in "#" as Markdown }.joined() + " " + text)
    lines.append("")
  }

  mutating func paragraph(_ text: Markdown) {
    lines.append(text)
    lines.append("")
  }

  /// Items without empty lines between them; nothing for none.
  mutating func list(_ items: [Markdown]) {
    guard !items.isEmpty else { return }
    lines += items.map { "- \($0)" }
    lines.append("")
  }

  /// Items under a line that leads to them; nothing for none.
  mutating func list(_ lead: Markdown, _ items: [Markdown]) {
    guard !items.isEmpty else { return }
    paragraph(lead)
    list(items)
  }

  /// A table; nothing when it has no rows.
  mutating func table(_ header: [Markdown], _ rows: [[Markdown]]) {
    guard !rows.isEmpty else { return }
    func row(_ cells: [Markdown]) -> Markdown { "| \(cells.joined(separator: " | ")) |" }
    lines.append(row(header))
    lines.append("|" + header.map { _ in "---|" as Markdown }.joined())
    lines += rows.map(row)
    lines.append("")
  }

  private mutating func blank() {
    if let last = lines.last, !last.text.isEmpty { lines.append("") }
  }
}
