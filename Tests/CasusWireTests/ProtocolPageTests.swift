import Foundation
import TestSupport
import Testing

@testable import CasusWire

/// PROTOCOL.md is what other agencies write clients from: its tables and examples have to be what the code does.
@Suite struct ProtocolPage {
  private static let page = (try? String(contentsOfFile: Checkout.path("docs/PROTOCOL.md"), encoding: .utf8)) ?? ""

  /// The lines of the section that begins with this number.
  private static func section(_ number: Int) -> [Substring] {
    let lines = page.split(separator: "\n", omittingEmptySubsequences: false)
    guard let start = lines.firstIndex(where: { $0.hasPrefix("## \(number). ") }) else { return [] }
    return Array(lines[(start + 1)...].prefix { !$0.hasPrefix("## ") })
  }

  /// The cells of each row of the table whose first heading is this one, without backquotes.
  private static func table(_ heading: String, in section: Int) -> [[String]] {
    let lines = Self.section(section)
    guard let start = lines.firstIndex(where: { $0.hasPrefix("| \(heading) |") }) else { return [] }
    return lines[(start + 2)...].prefix { $0.hasPrefix("|") }.map { line in
      line.split(separator: "|").map { cell in
        cell.replacingOccurrences(of: "`", with: "").trimmingCharacters(in: .whitespaces)
      }
    }
  }

  @Test func `the errors are those of the table`() {
    let rows = Self.table("code", in: 9)
    let expected = ErrorTable.shared.entries.map {
      [String($0.code), $0.name, $0.retriable ? "yes" : "no", $0.summary]
    }
    #expect(rows == expected)
  }

  @Test func `the limits are those of the table`() {
    let rows = Self.table("limit", in: 6).map { Array($0.prefix(5)) }
    let expected = Limit.told.map {
      [$0.name, $0.unit.rawValue, String($0.standard), String($0.range.lowerBound), String($0.range.upperBound)]
    }
    #expect(rows.sorted { $0[0] < $1[0] } == expected.sorted { $0[0] < $1[0] })
    for relation in LimitRelation.all where relation.greater.isTold {
      let row = Self.table("limit", in: 6).first { $0[0] == relation.greater.name }
      #expect(row?.last?.contains("at least \(relation.least.name)") == true, "\(relation)")
    }
  }

  @Test(arguments: [(5, ClientCommand.ops), (6, BrokerReply.ops)])
  func `each message has a paragraph`(section: Int, ops: [String]) {
    let openings = Self.section(section).filter { $0.hasPrefix("`") }.map { line in
      // `pong`, `reply`, `unsubscribed`, `bye`: or `ack` (durable): …
      line.prefix { $0 != ":" }.split(separator: "`").filter { $0.first?.isLetter == true }
    }
    let described = Set(openings.joined().map(String.init))
    for op in ops { #expect(described.contains(op), "section \(section) does not describe \(op)") }
    let others = Set((ClientCommand.ops + BrokerReply.ops)).subtracting(ops)
    #expect(openings.compactMap(\.first).allSatisfy { !others.contains(String($0)) })
  }

  /// What stands for more (`…`) is left out.
  @Test func `each example is a frame that is taken`() {
    var count = 0
    for (section, read) in [
      (5, { try ClientCommand.read($0).op }), (6, { try BrokerReply.read($0).op }),
    ] as [(Int, ([UInt8]) throws -> String)] {
      let text = Self.section(section).filter { $0.hasPrefix("    ") || $0.isEmpty }.joined(separator: "\n")
      for example in text.components(separatedBy: "{\"op\"").dropFirst() where !example.contains("…") {
        count += 1
        #expect(throws: Never.self, "{\"op\"\(example)") { try read(Array("{\"op\"\(example)".utf8)) }
      }
    }
    #expect(count >= 15)
  }
}
