/// Collects the lines of a Markdown page.
struct MarkdownWriter {
  private(set) var lines: [String] = []

  var text: String { lines.joined(separator: "\n") + "\n" }

  mutating func heading(_ level: Int, _ text: String) {
    blank()
    lines.append(String(repeating: "#", count: level) + " " + text)
    lines.append("")
  }

  mutating func paragraph(_ text: String) {
    lines.append(text)
    lines.append("")
  }

  /// Items without empty lines between them; nothing for none.
  mutating func list(_ items: [String]) {
    guard !items.isEmpty else { return }
    lines += items.map { "- " + $0 }
    lines.append("")
  }

  /// Items under a line that leads to them; nothing for none.
  mutating func list(_ lead: String, _ items: [String]) {
    guard !items.isEmpty else { return }
    paragraph(lead)
    list(items)
  }

  /// A table; nothing when it has no rows. Its cells must be `Text.plain` where they come from events.
  mutating func table(_ header: [String], _ rows: [[String]]) {
    guard !rows.isEmpty else { return }
    func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
    lines.append(row(header))
    lines.append("|" + String(repeating: "---|", count: header.count))
    lines += rows.map(row)
    lines.append("")
  }

  private mutating func blank() {
    if let last = lines.last, !last.isEmpty { lines.append("") }
  }
}
