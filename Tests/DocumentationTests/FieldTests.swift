import CasusConfiguration
import CasusTestKit
import Foundation
import TestSupport
import Testing

@testable import CasusLaunch
@testable import CasusServer

/// Every setting stands on its page as the readers know it, and nothing else does: names, values, defaults and what they
/// mean. After a change of the code: CASUS_WRITE_DOCS=1 swift test --filter FieldTests writes them anew; marks such as links and
/// code stay where the words do.
@Suite struct FieldTests {
  struct Reference: Sendable, CustomTestStringConvertible {
    var page: String
    var mark: String
    var table: FieldTable
    var testDescription: String { "\(page), \(mark)" }
  }

  private static let topology = "docs/reference/topology.md"
  private static let broker = "docs/reference/broker.md"
  private static let registry = "docs/reference/registry.md"

  private static let references = [
    Reference(page: broker, mark: "fields: broker", table: ConfigurationFields.table),
    Reference(page: broker, mark: "fields: broker.retention", table: ConfigurationFields.retention),
    Reference(page: broker, mark: "fields: limits", table: LimitFields.table),
    Reference(page: registry, mark: "fields: registry", table: RegistryDocument.table),
    Reference(page: registry, mark: "fields: registry.plugins", table: RegistryDocument.entryTable),
    Reference(page: topology, mark: "fields: topology", table: TopologyFields.topology),
    Reference(page: topology, mark: "fields: topology.broker", table: TopologyFields.broker),
    Reference(page: topology, mark: "fields: topology.agencies", table: TopologyFields.agency),
    Reference(page: topology, mark: "fields: topology.plugins", table: TopologyFields.plugin),
    Reference(page: topology, mark: "fields: topology.people", table: TopologyFields.person),
    Reference(page: topology, mark: "fields: topology.restart", table: TopologyFields.restart),
  ]

  /// The cells of a row, as plain text.
  private static func cells(_ field: Field) -> [String] {
    [field.name, field.kind.text, field.isRequired ? "needed" : field.standard ?? "none", field.doc]
  }

  @Test(.serialized, arguments: references) func `the table is the one that is read by`(_ reference: Reference) throws {
    let page = try Page(reference.page)
    let known = reference.table.fields.map(Self.cells)
    if ProcessInfo.processInfo.environment["CASUS_WRITE_DOCS"] != nil { try page.write(known, reference) }
    #expect(try Page(reference.page).table(reference.mark) == known)
  }

  @Test func `the examples are read`() throws {
    let registry = try #require(Page(Self.registry).blocks("check=registry").first)
    #expect(try RegistryDocument.read(Array(registry.utf8), file: Self.registry).plugins.count == 2)
    let topology = try #require(Page(Self.topology).blocks("check=topology").first)
    let read = try TopologyReader.read(yaml: topology, file: Self.topology, folder: "/", environment: [:])
    #expect(read.plugins.count == 2 && read.people.count == 1)
    let broker = try #require(Page(Self.broker).blocks("check=broker").first)
    let file = FileManager.default.temporaryDirectory.appending(path: "casus-\(UUID().uuidString).yaml")
    defer { try? FileManager.default.removeItem(at: file) }
    try broker.write(to: file, atomically: true, encoding: .utf8)
    #expect(try Configuration.read(file.path).retention != nil)
  }

  @Test func `the roles are those of the registry`() throws {
    let written = try Page(Self.registry).table("roles").map { $0[0] }
    #expect(written.sorted() == RegistryDocument.roles.map(\.word).sorted())
  }
}

extension Page {
  /// Replaces a table's rows; a meaning stays as it is written where its words do.
  fileprivate func write(_ rows: [[String]], _ reference: FieldTests.Reference) throws {
    let marker = "<!-- \(reference.mark) -->\n"
    guard let start = text.range(of: marker) else { return }
    let lines = text[start.upperBound...].split(separator: "\n", omittingEmptySubsequences: false)
    let count = lines.prefix { $0.hasPrefix("|") }.count
    let written = rows.map { row in
      let old = lines.prefix(count).first { $0.hasPrefix("| `\(row[0])` |") }.flatMap(Self.meaning)
      let meaning = old.flatMap { Page.plain($0) == row[3] ? $0 : nil } ?? row[3]
      return "| `\(row[0])` | \(row[1]) | \(row[2]) | \(meaning) |"
    }
    let all = lines.prefix(2) + written.map { Substring($0) } + lines.dropFirst(count)
    let whole = text[..<start.upperBound] + all.joined(separator: "\n")
    try String(whole).write(to: Checkout.root.appending(path: name), atomically: true, encoding: .utf8)
  }

  private static func meaning(_ line: Substring) -> String? {
    line.split(separator: "|", omittingEmptySubsequences: false).dropLast().last?.trimmingCharacters(in: .whitespaces)
  }
}
