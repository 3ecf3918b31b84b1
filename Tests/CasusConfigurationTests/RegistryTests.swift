import CasusConfiguration
import CasusEvents
import CasusNames
import CasusWire
import Glibc
import SystemFiles
import Testing
import YAML

@Suite struct RegistryTests {
  static let keys = ["rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7", "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"]

  private static let text = """
    agency: jp.test
    plugins:
      # the first
      - name: a
        key: '\(keys[0])'

      - {name: b, key: "\(keys[1])"}
    """

  private func file(_ text: String, _ body: (String) throws -> Void) throws {
    let path = "/tmp/casus-registry-\(getpid())-\(UInt32.random(in: 0...(.max))).yaml"
    try Files.create(path, with: text.utf8, mode: 0o640)
    defer { Files.remove(path) }
    try body(path)
  }

  @Test(arguments: ["\n", "\r\n"])
  func `a change keeps what is not meant whichever way lines end`(end: String) throws {
    let (a, b) = (try #require(PluginName("jp.test/a")), try #require(PluginName("jp.test/b")))
    try file(Self.text.replacing("\n", with: end)) { path in
      var registry = try RegistryFile(path)
      #expect(registry.document.plugins.map(\.name) == [a, b])
      try registry.remove(a)
      try registry.setKey(Self.keys[0], of: b)
      try registry.write()
      let left = "agency: jp.test\nplugins:\n  # the first\n\n  - {name: b, key: '\(Self.keys[0])'}"
      #expect(try Files.text(path) == left.replacing("\n", with: end))
      #expect(Files.mode(path) == 0o640)
    }
  }

  @Test(arguments: [
    (text, text + "\n  - ENTRY"), (text + "\n# the end\n", text + "\n  - ENTRY\n# the end\n"),
    ("agency: jp.test", "agency: jp.test\nplugins:\n  - ENTRY\n"),
    ("agency: jp.test\n", "agency: jp.test\nplugins:\n  - ENTRY\n"),
    ("plugins: []  # none\nagency: jp.test\n", "plugins: # none\n  - ENTRY\nagency: jp.test\n"),
    (
      "agency: jp.test\nplugins:\n- name: a\n  key: '\(keys[0])'",
      "agency: jp.test\nplugins:\n- name: a\n  key: '\(keys[0])'\n- ENTRY"
    ),
  ])
  func `an entry is added behind the others and the rest stays`(text: String, wanted: String) throws {
    for end in text.contains("\n") ? ["\n", "\r\n"] : ["\n"] {
      try file(text.replacing("\n", with: end)) { path in
        var registry = try RegistryFile(path)
        let entry = RegistryDocument.Entry(
          name: try #require(PluginName("jp.test/c")), key: "wx:HkW-(2H+h%BhPtRWUpV0h0&T/efE0Y@)u5I(6",
          roles: ["observer"], subscribe: [try #require(TypePattern(">"))], clearance: .amberStrict)
        try registry.add(entry)
        try registry.write()
        let line =
          #"{name: c, key: "wx:HkW-(2H+h%BhPtRWUpV0h0&T/efE0Y@)u5I(6", roles: [observer], "#
          + #"publish: [], subscribe: [">"], clearance: "AMBER+STRICT"}"#
        #expect(try Files.text(path) == wanted.replacing("ENTRY", with: line).replacing("\n", with: end))
        #expect(throws: ConfigurationError.self) { try registry.add(entry) }
      }
    }
  }

  @Test func `an entry is not added where it would be read otherwise`() throws {
    try file("agency: jp.test\nplugins: [{name: a, key: '\(Self.keys[0])'}]\n") { path in
      var registry = try RegistryFile(path)
      let entry = RegistryDocument.Entry(name: try #require(PluginName("jp.test/c")), key: Self.keys[1])
      let error = #expect(throws: ConfigurationError.self) { try registry.add(entry) }
      #expect(error?.description.contains("edit by hand") == true)
    }
  }

  @Test(arguments: ["\r", "\u{85}", "\u{2028}"])
  func `a line that ends in a way that only YAML knows is refused`(end: String) throws {
    try file("# a\(end)" + Self.text) { path in
      let error = #expect(throws: ConfigurationError.self) { try RegistryFile(path) }
      #expect(error?.description.contains("save the file with Unix's line ends") == true)
    }
  }

  @Test func `every fault of a file is said with its place`() {
    let text = """
      agency: JP
      plugins:
        - {name: a, key: short, roles: [operater]}
        - {nmae: b}
      """
    let error = #expect(throws: ConfigurationError.self) { try RegistryDocument.read(Array(text.utf8), file: "r.yaml") }
    #expect(error?.faults.first?.description == "r.yaml:1:9: \"JP\" is no name: \(Name.alphabet)")
    #expect(error?.faults.map { $0.place?.line } == [1, 3, 3, 4, 4, 4])
    let rest = text.replacing("JP", with: "jp")
    let faults = #expect(throws: ConfigurationError.self) {
      try RegistryDocument.read(Array(rest.utf8), file: "r.yaml")
    }?.faults
    #expect(faults?.map { $0.place?.line } == [3, 3, 4, 4, 4])
    #expect(faults?.contains { $0.message.contains("did you mean \"name\"?") } == true)
  }

  @Test func `a name and a key stand once in a file`() {
    let text = "agency: a\nplugins:\n  - {name: p, key: '\(Self.keys[0])'}\n  - {name: p, key: '\(Self.keys[0])'}\n"
    let error = #expect(throws: ConfigurationError.self) { try RegistryDocument.read(Array(text.utf8), file: "r") }
    #expect(
      error?.faults.map(\.description) == [
        "r:4:12: p is registered already, at line 3", "r:4:20: this key is another's already, at line 3",
      ])
  }

  @Test func `who is given no clearance has the lowest`() throws {
    let text = "agency: a\nplugins:\n  - {name: p, key: '\(Self.keys[0])', subscribe: ['>']}\n"
    #expect(try RegistryDocument.read(Array(text.utf8), file: "r").plugins.map(\.clearance) == [.clear])
  }

  @Test func `what is written is read back as it was`() throws {
    var document = RegistryDocument(agency: "no.exercise", nation: "NO", prefixes: ["no.exercise", "y"])
    for (place, key) in Self.keys.enumerated() {
      let name = try #require(PluginName("no.exercise/p-\(place)"))
      document.plugins.append(
        RegistryDocument.Entry(
          name: name, key: key, roles: ["replay"], publish: [try #require(TypePattern("a.*.v1"))],
          subscribe: [try #require(TypePattern(">"))], clearance: place == 0 ? .red : .amberStrict, groups: ["on", "1"])
      )
    }
    let text = document.text(comment: RegistryFile.writtenByUp)
    let read = try RegistryDocument.read(Array(text.utf8), file: "r")
    #expect(read.withoutPlaces == document.withoutPlaces, "\(text)")
    try file(text) { path in
      var file = try RegistryFile(path)
      #expect(file.isWrittenByUp)
      try file.remove(document.plugins[0].name)
      #expect(file.document.plugins.map(\.key) == [Self.keys[1]])
    }
  }
}
