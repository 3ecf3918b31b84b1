import CasusNames
import Testing

@Suite struct NameTests {
  @Test func `a name is lower case words joined by dots`() {
    for name in ["a", "jp.nisc", "suricata-1", "a.-", "0", "a.b.c", String(repeating: "x", count: 60)] {
      #expect(Name.isValid(name), "\(name)")
    }
    for wrong in [
      "", ".", "a.", ".a", "a..b", "A", "a_b", "a b", "a/b", "é", "a\u{0}", "-", "-a",
      String(repeating: "x", count: 61),
    ] {
      #expect(!Name.isValid(wrong), "\(wrong)")
    }
  }

  @Test(arguments: ["a", "a/", "/a", "a/b/c", "A/b", "a b/c", "a..b/c", "é/b", ""])
  func `a plugins name is an agency and a plugin`(wrong: String) {
    #expect(PluginName(wrong) == nil)
    #expect(PluginName("jp.nisc/suricata-1")?.agency == "jp.nisc")
    #expect(PluginName("jp.nisc/suricata-1")?.description == "jp.nisc/suricata-1")
  }

  @Test func `the vocabulary is casus and what begins with it`() {
    #expect(Name.isVocabulary("casus") && Name.isVocabulary("casus.bus"))
    #expect(!Name.isVocabulary("casusx") && !Name.isVocabulary("jp.casus") && !Name.isVocabulary(""))
  }

  @Test func `a party is capitals`() {
    #expect(Name.isParty("JP") && Name.isParty("US-CYBER2"))
    for wrong in ["", "jp", "2A", "-A", "A.B", String(repeating: "A", count: 33)] { #expect(!Name.isParty(wrong)) }
  }

  @Test func `a suggestion is near or there is none`() {
    #expect(Suggestion.nearest(to: "plugin", among: ["broker", "plugins"]) == "plugins")
    #expect(Suggestion.nearest(to: "nmae", among: ["name"]) == "name")
    #expect(Suggestion.nearest(to: "colour", among: ["name", "run"]) == nil)
    #expect(Suggestion.edits(Array("kitten".utf8), Array("sitting".utf8)) == 3)
  }
}
