import Foundation
import TestSupport
import Testing

/// A page of the documentation, and the tables in it.
struct Page {
  let name: String
  let text: String

  /// - Parameter name: its path from the project's root.
  init(_ name: String) throws {
    self.name = name
    text = try String(contentsOf: Checkout.root.appending(path: name), encoding: .utf8)
  }

  /// The cells of the table behind `<!-- mark -->`, without its head, as plain text.
  func table(_ mark: String) throws -> [[String]] {
    let start = try #require(text.range(of: "<!-- \(mark) -->\n"), "\(name) has no table \(mark)")
    let lines = text[start.upperBound...].split(separator: "\n", omittingEmptySubsequences: false)
      .prefix { $0.hasPrefix("|") }
    let rows = lines.dropFirst(2).map { line in
      line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
        .map { Self.plain($0.trimmingCharacters(in: .whitespaces)) }
    }
    try #require(!rows.isEmpty, "the table \(mark) of \(name) is empty")
    return rows
  }

  /// Words without code's marks, and without a link that stands in brackets behind them.
  static func plain(_ text: String) -> String {
    text.replacing(/\s*\(\[[^\]]*\]\([^)]*\)[^)]*\)/, with: "").replacingOccurrences(of: "`", with: "")
  }

  /// The fenced blocks whose first line has this word.
  func blocks(_ word: String) -> [String] {
    var blocks: [String] = []
    var block: [Substring]?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if let lines = block {
        if line == "```" {
          blocks.append(lines.joined(separator: "\n") + "\n")
          block = nil
        } else {
          block = lines + [line]
        }
      } else if line.hasPrefix("```"), line.split(separator: " ").contains(Substring(word)) {
        block = []
      }
    }
    return blocks
  }

  /// What its links name: files of the project, as paths from the page's folder.
  var links: [String] {
    text.matches(of: /\]\(([^)\s#]+)(#[^)]*)?\)/).map { String($0.1) }.filter { !$0.contains("://") }
  }
}
