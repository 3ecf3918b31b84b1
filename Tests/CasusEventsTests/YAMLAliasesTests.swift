import CasusEvents
import Testing

@Suite("A YAML file may have a few aliases")
struct YAMLAliasesTests {
  /// Nine lines whose value has 10^8 elements.
  static let bomb = (1...8).reduce("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n") { text, level in
    text + "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", "))]\n"
  }

  @Test("and with more it is refused before it is read")
  func many() {
    #expect(YAMLAliases.areTooMany(in: Self.bomb))
    #expect(YAMLAliases.areTooMany(in: "{a: &a 1, b: [" + String(repeating: "*a,", count: 20) + "]}"))
    #expect(YAMLAliases.areTooMany(in: "&a x: \n" + String(repeating: "- *a\n", count: 17)))
  }

  @Test("and none is overlooked behind or between quotes")
  func betweenQuotes() {
    let key = "'" + String(repeating: "a", count: 40) + "'"
    for aliases in [
      Array(repeating: "*a", count: 17).joined(separator: ","),
      Array(repeating: "\(key),*a", count: 17).joined(separator: ","),
      Array(repeating: "\"'\",*a,\"'\"", count: 17).joined(separator: ","),
    ] {
      #expect(YAMLAliases.areTooMany(in: "{a: &a 1, b: [\(aliases)]}"), "\(aliases)")
    }
  }

  @Test("and a key in quotes is none, whatever its characters")
  func keys() {
    let key = "[&a:*b{*c" + String(repeating: "*", count: 31)
    #expect(!YAMLAliases.areTooMany(in: String(repeating: "- {name: a, key: '\(key)'}\n", count: 50)))
    #expect(!YAMLAliases.areTooMany(in: String(repeating: "- {name: a, key: \"\(key)\"}\n", count: 50)))
    #expect(YAMLAliases.areTooMany(in: String(repeating: "- {name: a, key: '\(key)x'}\n", count: 50)))
  }

  @Test("and what only looks like one, or has nothing to name, is no matter")
  func few() {
    #expect(!YAMLAliases.areTooMany(in: "a: &a {x: 1}\nb: *a\nc: [*a, *a]\n"))
    #expect(!YAMLAliases.areTooMany(in: "a: &a 1\nb:\n" + String(repeating: "- \"casus.*.v1\"\n", count: 50)))
    #expect(!YAMLAliases.areTooMany(in: "b:\n" + String(repeating: "- ls *.txt; cat *.md\n", count: 50)))
    #expect(!YAMLAliases.areTooMany(in: "a: &a 1\nb:\n" + String(repeating: "- 2 * 3\n", count: 50)))
  }
}
