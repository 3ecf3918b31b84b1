import CasusWire
import Testing

@Suite struct TypePatterns {
  @Test(arguments: [
    ("casus.*.v1", "casus.damage.v1", true), ("casus.*.v1", "casus.bus.refused.v1", false),
    ("casus.bus.>", "casus.bus.refused.v1", true), ("casus.bus.>", "casus.bus", false), (">", "a", true),
    ("*", "a", true), ("*", "a.b", false), ("a.b", "a.b", true), ("a.b", "a.b.c", false), ("a.b.c", "a.b", false),
  ]) func `a pattern matches whole words`(pattern: String, type: String, expected: Bool) {
    #expect(TypePattern(pattern)?.matches(type) == expected)
  }

  @Test(arguments: [
    "", ".", "a.", ".a", "a..b", "a.>.b", "A.b", "a b", "é", "a.*b", String(repeating: "a", count: 201),
  ])
  func `what is no pattern is refused`(text: String) {
    #expect(TypePattern(text) == nil)
  }

  @Test(arguments: [
    (">", "a.*.>", true), ("a.*", "a.b", true), ("a.*", "a.*", true), ("a.b", "a.*", false), ("a.*", "a.>", false),
    ("a.>", "a.>", true), ("a.>", ">", false), ("a.>", "a.b.c", true), ("a.b", "a.b.c", false),
  ]) func `a permission covers only what it matches`(pattern: String, other: String, expected: Bool) throws {
    #expect(try #require(TypePattern(pattern)).covers(#require(TypePattern(other))) == expected)
  }
}
