import CasusEvents
import CasusLedger
import Foundation
import TestSupport
import Testing

@testable import CasusCases

/// Others' words in a page forge no markup.
@Suite struct MarkdownTests {
  static let hostile: [(words: String, page: String)] = [
    ("plain words, 5.2 and (x)", "plain words, 5.2 and (x)"),
    (
      #"\[see the annex](http://evil.example/annex) \*\*x\*\*"#,
      #"\\\[see the annex\](http\[:\]//evil.example/annex) \\\*\\\*x\\\*\\\*"#
    ),
    ("www.evil.example and a@b.example", #"www\[.\]evil.example and a\[@\]b.example"#),
    ("<b>&#x202e;&lt;", "&lt;b>&amp;#x202e;&amp;lt;"), ("a | b", #"a \| b"#),
    ("`x` ~~y~~ $z$", #"\`x\` \~\~y\~\~ \$z\$"#),
    ("_a_ b_c", #"\_a\_ b_c"#), ("# head", ##"\# head"##), ("> quote", "&gt; quote"), ("- item", #"\- item"#),
    ("12. item", #"12\. item"#), ("---", #"\---"#), ("    code", " code"), ("one\n\n# two", "one  # two"),
    (" # head", ##" \# head"##), ("   > quote", " &gt; quote"), (" - item", #" \- item"#), (" 3) item", #" 3\) item"#),
    (" ===", #" \==="#), ("\n+ item", #" \+ item"#), ("a # b > c - d", "a # b > c - d"),
    ("@jp-nisc look, @all", #"\[@\]jp-nisc look, \[@\]all"#), ("a @ b@", #"a \[@\] b\[@\]"#),
    ("a\u{202e}b\u{9b}c", #"a\\u{202e}b\\x9bc"#), ("Gr\u{456}d", #"Gr\\u{456}d"#),
  ]

  @Test(arguments: hostile.indices)
  func `words are words`(index: Int) {
    let (words, page) = Self.hostile[index]
    #expect("\(words)" as Markdown == Markdown(words))
    #expect(Markdown(words).text == page)
  }

  @Test func `a mark is made of nothing but its parts`() {
    #expect(EventMark("12", "jp.nisc/a", "9f86d081884c").description == "[12 · jp.nisc/a · 9f86d081]")
    #expect(EventMark("1](x", "a](http://x", "9f86](x)").description == "[? · ? · ?]")
  }

  /// What an attacker with the right to publish can put in every text of a case.
  @Test func `a whole dossier of hostile words has no markup of theirs`() throws {
    let words = "\\[see](http://evil.example/x) **armed-attack** <b> | \u{202e}\u{200b} `x` ![i](http://evil.example/i)"
    var journal = try CaseJournal()
    try journal.assess()
    let effect = Effect(
      report: words, kind: .outage, title: words, operatorName: words, nation: "JP", started: journal.now,
      reported: journal.now)
    let report = try journal.append(effect, id: "hostile", by: "jp.meti/outage-1").reference
    var incident = journal.projection.incidents["i-1"]!.current.data
    incident.revision = 3
    incident.title = words
    incident.summary = words
    incident.basis = [words]
    incident.effects.append(report)
    incident.effectCount += 1
    incident.victims = [Victim(operatorName: words, nation: "JP")]
    try journal.append(incident, id: "i-1-r3", by: "jp.nisc/correlator-1")
    let draft = try journal.projection.open(
      "C-1", on: "i-1", title: words, question: words, by: Person(name: words, role: words, party: "JP"),
      policy: journal.policy, at: journal.now, exercise: true)
    try journal.append(draft, by: "jp.mofa/desk")
    var statement = try journal.position("JP")
    statement.reasons = [words]
    statement.dissent = [Dissent(by: words, text: words)]
    try journal.append(
      Position(signing: statement, with: [journal.jp1]).draft(at: journal.now, exercise: true), by: "jp.mofa/desk")
    let page = try journal.projection.dossier(of: "C-1").markdown
    #expect(page.components(separatedBy: "armed-attack").count > 10)
    #expect(page.matches(of: /[^\\]\]\(/).isEmpty, "a link")
    for markup in ["**armed-attack**", "<b>", "http://", "\u{202e}", "\u{200b}", "`x`"] {
      #expect(!page.contains(markup), "\(markup)")
    }
    #expect(page.split(separator: "\n").filter { $0.hasPrefix("# ") }.count == 1)
  }
}
