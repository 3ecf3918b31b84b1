import Testing
import YAML

/// A node without its places, as a text to compare with: `{a: [1, "x"]}`, quoted scalars in double quotes.
func outline(_ node: YAMLNode) -> String {
  switch node.content {
  case .scalar(let scalar):
    let text = scalar.isPlain ? scalar.text : "\"\(scalar.text)\""
    return node.tag.map { "<\($0)>\(text)" } ?? text
  case .sequence(let elements): return "[\(elements.map(outline).joined(separator: ", "))]"
  case .mapping(let members): return "{\(members.map { "\($0.name): \(outline($0.value))" }.joined(separator: ", "))}"
  }
}

func read(_ text: String) throws(YAMLError) -> String? { try YAMLNode.parse(text).map(outline) }

/// The refusal as people see it.
func refusal(_ text: String, limits: YAMLLimits = YAMLLimits()) -> String? {
  do {
    _ = try YAMLNode.parse(text, limits: limits)
    return nil
  } catch { return "\(error)" }
}

@Suite("A YAML text is read")
struct YAMLTests {
  @Test(arguments: [
    ("a: 1\nb:\n  - x\n  - y: z\n", "{a: 1, b: [x, {y: z}]}"),
    ("- - 1\n  - 2\n- [3, [4]]\n", "[[1, 2], [3, [4]]]"),
    ("{a: [1, 2], \"b\": {c: d},}", "{a: [1, 2], b: {c: d}}"),
    ("? a\n: b\n? c\n", "{a: b, c: }"),
    ("a:\nb: ~\n", "{a: , b: ~}"),
    ("plain", "plain"), ("[]", "[]"), ("{}", "{}"), ("---\n", ""), ("--- a\n...\n", "a"),
    ("%YAML 1.2\n---\na: b\n", "{a: b}"),
    ("{\"a\":[1,true,null,\"x\\u00e9\\n\\/\"]}", "{a: [1, true, null, \"xé\n/\"]}"),
  ])
  func `in block and in flow style`(text: String, outline: String) throws {
    #expect(try read(text) == outline)
  }

  @Test(arguments: ["", "\n\n", "# only a comment\n", "  \n# a\n\n", "\u{FEFF}"])
  func `with nothing in it as nothing`(text: String) throws {
    #expect(try YAMLNode.parse(text) == nil)
  }

  @Test
  func `with each way of writing a scalar told from the others`() throws {
    let text = """
      plain: it's one # a comment
      single: 'it''s ''one'''
      double: "tab\\t \\x41 \\u3042 \\U0001F600"
      literal: |
        two
          lines
      folded: >-
        one
        line
      over: two
        lines
      number: "5"
      tagged: !file x.yaml
      text: !!str 5
      list: !a [1]
      map: !b {c: d}
      """
    let root = try #require(try YAMLNode.parse(text))
    func scalar(_ name: String) -> YAMLScalar? { root[name]?.scalar }
    #expect(scalar("plain") == YAMLScalar(text: "it's one", style: .plain))
    #expect(scalar("single") == YAMLScalar(text: "it's 'one'", style: .singleQuoted))
    #expect(scalar("double") == YAMLScalar(text: "tab\t A あ 😀", style: .doubleQuoted))
    #expect(scalar("literal") == YAMLScalar(text: "two\n  lines\n", style: .literal))
    #expect(scalar("folded") == YAMLScalar(text: "one line", style: .folded))
    #expect(scalar("over") == YAMLScalar(text: "two lines", style: .plain))
    #expect(scalar("tagged") == YAMLScalar(text: "x.yaml", style: .plain) && root["tagged"]?.tag == "!file")
    #expect(scalar("text") == YAMLScalar(text: "5", style: .plain) && root["text"]?.tag == "tag:yaml.org,2002:str")
    #expect(root["list"]?.tag == "!a" && root["map"]?.tag == "!b" && root["number"]?.tag == nil)
    #expect(root["number"]?.int == nil)
    #expect(root["number"]?.string == "5")
  }

  @Test
  func `with words left as words; what is a number or nothing is asked of each`() throws {
    let root = try #require(try YAMLNode.parse("[no, 12, -3, 0x1F, ~, null, '', '~', 99999999999999999999, {}]"))
    let elements = try #require(root.sequence)
    #expect(elements.map(\.int) == [nil, 12, -3, nil, nil, nil, nil, nil, nil, nil])
    #expect(elements.map { $0.scalar?.isNull } == [false, false, false, false, true, true, false, false, false, nil])
    #expect(root.string == nil && root["a"] == nil && root.mapping == nil)
  }

  @Test
  func `with the line and column of every key and value, from 1, in characters`() throws {
    let text = "é: [1,\n    'two', {x: y}]\nlist:\n- a\n-   b: |\n      c\n"
    let root = try #require(try YAMLNode.parse(text))
    let members = try #require(root.mapping)
    #expect(members.map { "\($0.key.place)" } == ["1:1", "3:1"])
    #expect("\(members[0].value.place)" == "1:4")
    #expect(members[0].value.sequence?.map { "\($0.place)" } == ["1:5", "2:5", "2:12"])
    #expect(members[1].value.sequence?.map { "\($0.place)" } == ["4:3", "5:5"])
    #expect(members[1].value.sequence?[1]["b"].map { "\($0.place)" } == "5:8")
  }

  @Test
  func `with the ends of lines of any system, and the mark that some editors begin a file with`() throws {
    let text = "a: 1\nb:\n- x\n- y\n"
    let plain = try YAMLNode.parse(text)
    #expect(try YAMLNode.parse(text.replacing("\n", with: "\r\n")) == plain)
    #expect(try YAMLNode.parse(text.replacing("\n", with: "\r")) == plain)
    #expect(try YAMLNode.parse("\u{FEFF}" + text) == plain)
  }

  @Test
  func `with aliases as what they stand for, which keeps its place`() throws {
    let root = try #require(try YAMLNode.parse("a: &x {k: v}\nb: *x\nc: [*x, *x]\nd: &x 2\n*x : e\n"))
    #expect(outline(root) == "{a: {k: v}, b: {k: v}, c: [{k: v}, {k: v}], d: 2, 2: e}")
    #expect(root["b"]?.place == root["a"]?.place)
  }

  @Test
  func `and an alias of nothing, or of what it stands in, is refused`() {
    let said = "there is no &x before this *x; a text that begins with * needs quotes"
    #expect(refusal("a: *x\nb: &x 1\n") == "1:4: \(said)")
    #expect(refusal("&x [*x]") == "1:5: \(said)")
  }

  @Test
  func `and a key that stands twice in a mapping is refused, however it is written`() {
    #expect(
      refusal("name: a\nb: c\nname: d\n") == "3:1: \"name\" stands more than once in its mapping, first at line 1")
    for text in ["{a: 1, \"a\": 2}", "{1: a, '1': b}", "x: &k a\n*k : 1\na: 2\n", "- {a: {b: 1, b: 2}}"] {
      #expect(refusal(text)?.contains("stands more than once") == true, "\(text)")
    }
    #expect(refusal("- {a: 1}\n- {a: {a: 1}}\n") == nil)
  }

  @Test
  func `and all such keys are told to who asks for them, with the first values beside`() throws {
    let read = try YAMLNode.read(Array("a: 1\nb: {c: 2, c: 3}\na: 4\n".utf8))
    #expect(read.duplicates.map { "\($0.place!)" } == ["2:11", "3:1"])
    #expect(read.node.map(outline) == "{a: 1, b: {c: 2}}")
  }

  @Test(arguments: ["? [a]\n: b\n", "{{a}}", "a: {{ name }}", "{[1]: 2}"])
  func `and a key that is no text is refused`(text: String) {
    #expect(refusal(text)?.hasSuffix("cannot be a key; a text that begins with [ or { needs quotes") == true)
  }

  @Test
  func `and a second document is refused`() {
    #expect(refusal("a: 1\n---\nb: 2\n") == "2:1: another document begins here; put it into a file of its own")
    #expect(refusal("a: 1\n...\n# end\n") == nil)
  }
}
