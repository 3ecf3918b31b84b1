import Testing
import YAML

@Suite("A value is written as YAML") struct YAMLTextTests {
  @Test
  func `and is read back as the text it was, whatever it looks like`() throws {
    let hard = [
      "", "a", "a b", "no", "NO", "y", "null", "~", "1", "1e3", "0x10", "true", "- x", "a: b", "# c", "\"q\"", "it's",
      "\\",
      "tab\t", "line\nbreak", "\u{85}\u{2028}", "日本", "👩‍👩‍👧", "{a}", "[b]", "*a", "&a", "!t", "%x", "@x", "`x", "a,b", "-",
      ".", "2026-01-01", "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7",
    ]
    let value = YAMLText.mapping([
      ("flow", .texts(hard)), ("block", .list([.mapping(hard.map { ($0, .text($0)) })])),
      ("inner", .mapping([("n", .integer(-7)), ("f", .flag(false)), ("empty", .list([]))])),
    ])
    let node = try #require(try YAMLNode.parse(value.file(comment: "made by a test")))
    #expect(node["flow"]?.sequence?.map(\.string) == hard)
    #expect(node["block"]?.sequence?.first?.mapping?.map(\.name) == hard)
    #expect(node["inner"]?["n"]?.int == -7 && node["inner"]?["f"]?.string == "false")
  }

  @Test
  func `with a line for each member, and for each mapping of a list`() {
    let value = YAMLText.mapping([
      ("agency", .text("jp.nisc")),
      ("plugins", .list([.mapping([("name", .text("a")), ("roles", .texts(["x", "y"]))])])),
      ("none", .list([])),
    ])
    #expect(
      value.file(comment: "c") == "# c\nagency: jp.nisc\nplugins:\n  - {name: a, roles: [x, \"y\"]}\nnone: []\n")
  }
}
