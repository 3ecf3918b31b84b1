import CasusConfiguration
import CasusWire
import Testing
import YAML

@Suite struct ReaderTests {
  private static let inner = FieldTable(
    "an inner one", [Field("word", .name, required: true, "A word."), Field("share", .number(0...1), "A share.")])
  private static let table = FieldTable(
    "the file",
    [
      Field("name", .name, required: true, "Its name."), Field("count", .integer(1...9), standard: "3", "How many."),
      Field("flag", .flag, "Whether."), Field("pause", .span, "How long."),
      Field("mode", .choice([("fast", "in haste"), ("slow", "")]), "How."),
      Field("types", .list(.pattern), "Which."), Field("one", .oneOrMore(.text), "Some."),
      Field("inner", .table(inner), "One."), Field("list", .list(.table(inner)), "Many."),
      Field("map", .map(.text), "Any names."),
    ])

  private func faults(_ text: String, variables: [String: String]? = nil, _ body: (Members) -> Void) -> [String] {
    do throws(ConfigurationError) {
      try ConfigurationReader.read(Array(text.utf8), file: "f", as: Self.table, variables: variables) { body($0) }
      return []
    } catch {
      return error.faults.map(\.description)
    }
  }

  @Test func `every value is read by its row`() {
    let text = """
      name: a.b
      count: 4
      flag: true
      pause: 1.5s
      mode: slow
      types: [a.*, ">"]
      one: x
      inner: {word: w, share: 0.5}
      list: [{word: v}]
      map: {k: v}
      """
    let found = faults(text) { top in
      #expect(top.text("name") == "a.b" && top.integer("count") == 4 && top.flag("flag") == true)
      #expect(top.span("pause") == 1_500_000_000 && top.text("mode") == "slow")
      #expect(top.texts("types") == ["a.*", ">"] && top.texts("one") == ["x"])
      #expect(top.members("inner")?.number("share") == 0.5 && top.list("list").count == 1)
      #expect(top.map("map").map(\.name) == ["k"])
    }
    #expect(found == [])
  }

  @Test func `a fault is one line whatever the file holds`() {
    let found = faults("name: x\n\"\\e[2J\\nfine\": 1\ncount: \"\\u009b7\"\n") { _ = $0.integer("count") }
    #expect(found.count == 2)
    #expect(found.first?.hasPrefix(#"f:2:1: there is no setting "\x1b[2J\nfine" in the file"#) == true)
    #expect(found.last == #"f:3:8: count is a whole number from 1 to 9, not "\x9b7""#)
  }

  @Test func `everything that is wrong is said at its own place and at once`() {
    let text = """
      nmae: x
      count: 10
      flag: maybe
      pause: soon
      mode: fsat
      types: [a..b, ok]
      inner: {share: 2}
      list: 7
      """
    let found = faults(text) { top in
      _ = (top.text("name"), top.integer("count"), top.flag("flag"), top.span("pause"), top.text("mode"))
      _ = (top.texts("types"), top.members("inner")?.number("share"), top.list("list"))
    }
    #expect(
      found == [
        "f:1:1: there is no setting \"nmae\" in the file (did you mean \"name\"?)",
        "f:1:1: the file needs 'name': Its name.",
        "f:2:8: count is a whole number from 1 to 9, not \"10\"",
        "f:3:7: flag is true or false, not \"maybe\"",
        "f:4:8: \"soon\" is no span of time as 500ms, 30s, 5m or 2h",
        "f:5:7: \"fsat\" is no choice: fast (in haste), slow (did you mean \"fast\"?)",
        "f:6:9: \"a..b\" is no type pattern: words joined by dots, * for one word, a last > for the rest",
        "f:7:8: an inner one needs 'word': A word.",
        "f:7:16: share is a number from 0.0 to 1.0, not \"2\"",
        "f:8:7: list is a list: [a, b]",
      ])
  }

  @Test func `a key that stands twice hides nothing else`() {
    let found = faults("name: a\ncount: 4\ncount: 10\nflag: maybe\ninner: {word: w, word: v, share: 2}\nname: B") {
      top in
      _ = (top.text("name"), top.integer("count"), top.flag("flag"), top.members("inner")?.number("share"))
    }
    #expect(
      found.map { $0.prefix(6) } == ["f:3:1:", "f:4:7:", "f:5:18", "f:5:34", "f:6:1:"], "\(found)")
  }

  @Test(arguments: [
    ("name: !x a", "f:2:7: the tag !x means"), ("name: !!str a", "f:2:7: the tag !!str means"),
    ("count: !!int 4", "f:2:8: the tag !!int"), ("types: !set [a]", "f:2:8: the tag !set"),
    ("types: [!t a]", "f:2:9: the tag !t"), ("inner: !i {word: w}", "f:2:8: the tag !i"),
    ("map: !m {k: v}", "f:2:6: the tag !m"), ("map: {!k k: v}", "f:2:7: the tag !k"),
    ("!n name: a", "f:2:1: the tag !n"),
    ("list: !l [{word: v}]", "f:2:7: the tag !l"), ("one: !o x", "f:2:6: the tag !o"),
  ])
  func `a tag is not passed over`(line: String, said: String) {
    let text = line.contains("name:") ? "flag: true\n\(line)" : "name: a\n\(line)"
    let found = faults(text) { top in
      _ = (top.text("name"), top.integer("count"), top.texts("types"), top.members("inner")?.text("word"))
      _ = (top.map("map"), top.list("list").map { $0.text("word") }, top.texts("one"))
    }
    #expect(found.contains { $0.hasPrefix(said) }, "\(found)")
  }

  @Test(arguments: ["0777", "-07", "+01", "00", "01_0"])
  func `a number that readers take differently is refused`(number: String) {
    let found = faults("name: a\ncount: \(number)\ninner: {word: w, share: \(number)}") { top in
      _ = (top.integer("count"), top.members("inner")?.number("share"))
    }
    #expect(found.count == 2 && found.allSatisfy { $0.contains("write it without zeros in front") }, "\(found)")
    #expect(faults("name: a\ncount: 7\ninner: {word: w, share: 0.5}") { _ = $0.integer("count") } == [])
  }

  @Test func `a name that is near nothing is answered with all that there are`() {
    let found = faults("name: a\ncolour: red") { _ in }
    let known = Self.table.names.joined(separator: ", ")
    #expect(found == ["f:2:1: there is no setting \"colour\" in the file; it has \(known)"])
  }

  @Test func `nothing is as good as left out`() {
    let found = faults("name: a\ncount:\ninner: ~") { top in
      #expect(top.integer("count") == nil)
      #expect(top.members("inner")?.count == nil)
    }
    #expect(found == [])
  }

  @Test func `variables are put in where a file has them`() {
    let found = faults("name: ${WHO:-me}\none: $${x}", variables: [:]) { top in
      #expect(top.text("name") == "me" && top.texts("one") == ["${x}"])
    }
    #expect(found == [])
    let missing = faults("name: ${WHO}", variables: [:]) { _ = $0.text("name") }
    #expect(missing.first == "f:1:7: the environment has no variable WHO")
    let plain = faults("name: a\none: ${WHO}") { #expect($0.texts("one") == ["${WHO}"]) }
    #expect(plain == [])
  }

  @Test func `what is no YAML says where it stops being one`() {
    let (broken, empty, list) = (faults("name: [") { _ in }, faults("") { _ in }, faults("- 1") { _ in })
    #expect(broken.first?.hasPrefix("f:2:1: is no YAML here") == true)
    #expect(empty == ["f: is empty; the file is expected"])
    #expect(list.first?.hasPrefix("f:1:1: the file is a mapping of name, count") == true)
  }

  @Test func `a table lists its fields with their paths`() {
    #expect(Self.table.all.map(\.path).contains("inner.share") && Self.table.all.map(\.path).contains("list[].word"))
    for (path, field) in RegistryDocument.table.all { #expect(field.doc.hasSuffix("."), "\(path)") }
  }

  @Test func `limits under which a client would be refused for ever are a fault`() {
    let table = FieldTable("the file", [Field("limits", .table(LimitFields.table), "Limits.")])
    func faults(_ limits: String) -> [String] {
      do throws(ConfigurationError) {
        _ = try ConfigurationReader.read(Array("limits: {\(limits)}".utf8), file: "f", as: table) {
          LimitFields.read($0) ?? [:]
        }
        return []
      } catch {
        return error.faults.map(\.description)
      }
    }
    #expect(faults("window_bytes: 2048").first?.hasPrefix("f:1:24: window_bytes must be at least batch_bytes") == true)
    #expect(faults("batch_bytes: 134217728").contains { $0.contains("staged_bytes must be at least batch_bytes") })
    #expect(faults("event_bytes: 2048, batch_bytes: 4096, window_bytes: 4096, staged_bytes: 4096") == [])
  }
}
