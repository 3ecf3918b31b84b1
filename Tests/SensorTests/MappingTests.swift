import CasusConfiguration
import CasusEvents
import CasusSensor
import IJSON
import Testing
import YAML

@Suite("The mapping file") struct MappingTests {
  private static let head = "version: 1\nrules:\n"

  @Test
  func `that ships is valid, and every rule has its own name`() throws {
    let mapping = try Mapping.shipped()
    #expect(mapping.rules.count > 40)
    #expect(Set(mapping.rules.map(\.name)).count == mapping.rules.count)
  }

  @Test(arguments: [
    ("version: 2\nrules: []\n", 1, "is no choice: 1"),
    ("version: 1\nrulez: []\n", 2, "there is no setting \"rulez\""),
    (head + "  - {name: a, when: {x: 1}, titel: t}\n", 3, "there is no setting \"titel\""),
    (head + "  - {when: {x: 1}, title: t}\n", 3, "needs 'name'"),
    (head + "  - {name: a, title: t}\n", 3, "needs 'when'"),
    (head + "  - name: a\n    when: {x: 1}\n", 3, "needs a title"),
    (head + "  - name: a\n    when: {}\n    title: t\n", 4, "'when' is empty"),
    (head + "  - name: a\n    when: {x: {containz: y}}\n    title: t\n", 4, "there is no setting \"containz\""),
    (head + "  - name: a\n    when: {x: {cidr: 10.0.0.0/40}}\n    title: t\n", 4, "cidr must be"),
    (head + "  - name: a\n    when: {a..b: 1}\n    title: t\n", 4, "not a dotted path"),
    (head + "  - name: a\n    when: {x: 1}\n    title: 'open {x'\n", 5, "not closed"),
    (
      head + "  - name: a\n    when: {x: 1}\n    title: t\n    severity: 9\n", 6,
      "severity is a whole number from 0 to 6"
    ),
    (head + "  - name: a\n    when: {x: 1}\n    title: t\n    asset: both\n", 6, "\"both\" is no choice"),
    (
      head
        + "  - name: a\n    when: {x: 1}\n    title: t\n    techniques:\n      - {id: X1, domain: ics, probability: 1}\n",
      7, "T and four digits"
    ),
    (
      head
        + "  - name: a\n    when: {x: 1}\n    title: t\n    techniques: [{id: T0855, domain: enterprise, probability: 1}]\n",
      6, "not of the domain"
    ),
    (
      head
        + "  - name: a\n    when: {x: 1}\n    title: t\n    techniques: [{id: T0855, domain: ics, probability: 1.5}]\n",
      6, "from 0.0 to 1.0"
    ),
    (head + "  - name: a\n    when: {x: 1}\n    ignore: true\n    title: t\n", 5, "stands alone"),
    (head + "  - name: a\n   when: {x: 1}\n", 4, ""),
  ])
  func `tells the line of a mistake and what is wrong`(text: String, line: Int, message: String) {
    #expect {
      try Mapping(yaml: text, file: "mine.yaml")
    } throws: { error in
      guard let faults = (error as? ConfigurationError)?.faults else { return false }
      return faults.contains { fault in
        fault.file == "mine.yaml" && fault.place?.line == line && (message.isEmpty || fault.message.contains(message))
      }
    }
  }

  @Test
  func `may be JSON as well, with the same lines in its mistakes`() throws {
    let text = #"{"version": 1, "rules": [{"name": "a", "when": {"x": [1, 2]}, "title": "t"}]}"#
    #expect(try Mapping(yaml: text, file: "m.json").rules.count == 1)
    #expect(
      throws: ConfigurationError([
        ConfigurationFault(
          file: "m.json", place: YAMLPlace(line: 2, column: 1), "a rule needs a title, or 'ignore: true'")
      ])
    ) {
      try Mapping(yaml: "{\"version\": 1, \"rules\": [\n{\"name\": \"a\", \"when\": {\"x\": 1}}]}", file: "m.json")
    }
  }

  @Test
  func `matches by each kind of test`() throws {
    let record = try JSONDocument(
      Array(
        #"{"n":5,"s":"ET Scan NMAP","list":["a","b"],"ip":"10.30.1.9","own":"x","same":"x","yes":true,"deep":[{"v":1}]}"#
          .utf8))
    func holds(_ when: String) throws -> Bool {
      let mapping = try Mapping(
        yaml: Self.head + "  - name: a\n    when: {\(when)}\n    title: t\n", file: "m")
      return record.read { mapping.rule(for: $0) != nil }
    }
    for when in [
      "n: 5", "n: 5.0", "n: '5'", "n: [4, 5]", "n: {at-least: 5, at-most: 5}", "s: {contains: nmap}",
      "s: {starts: [zz, 'et ']}", "s: {ends: NMAP}", "list: b", "ip: {cidr: [10.30.0.0/16]}", "own: {same-as: same}",
      "yes: true", "deep.v: 1", "gone: {present: false}", "n: {not: [4]}", "s: {not-contains: [snort]}", "n: {is: 5}",
    ] {
      #expect(try holds(when), "\(when)")
    }
    for when in [
      "n: 6", "s: NMAP", "list: c", "ip: {cidr: [10.31.0.0/16, '2001:db8::/32']}", "own: {same-as: n}", "gone: 1",
      "gone: {not: [4]}", "n: {present: false}", "n: {not: [4, 5]}", "n: {at-least: 6}", "deep: 1",
    ] {
      #expect(try !holds(when), "\(when)")
    }
  }

  @Test
  func `lets the first rule that matches decide`() throws {
    let mapping = try Mapping(
      yaml: Self.head
        + "  - {name: first, when: {x: 1}, ignore: true}\n  - {name: second, when: {x: [1, 2]}, title: t}\n",
      file: "m")
    func rule(_ text: String) throws -> String? {
      try JSONDocument(Array(text.utf8)).read { mapping.rule(for: $0)?.name }
    }
    #expect(try rule(#"{"x":1}"#) == "first")
    #expect(try rule(#"{"x":2}"#) == "second")
    #expect(try rule(#"{"x":3}"#) == nil)
  }

  @Test
  func `reads ATT&CK ids as rule sets write them and nothing else`() {
    #expect(Technique(attack: "T1566_001", probability: 0.5)?.id == "T1566.001")
    #expect(Technique(attack: "T0855", probability: 0.5)?.domain == .ics)
    for text in ["T15", "1566", "T1566.1", "T1566.001.2", "TA0001", "t1566", ""] {
      #expect(Technique(attack: text, probability: 0.5) == nil, "\(text)")
    }
  }
}

@Suite("One line of a record's text") struct OneLineTests {
  @Test
  func `steers nobody's terminal, and is as long as the schemas allow`() {
    #expect(oneLine("a\u{1b}[2Jb\nc\u{9b}d\u{202e}e\u{2028}f") == "a [2Jb c d e f")
    #expect(oneLine("日本語 é", limit: 3) == "日本語")
    #expect(oneLine("") == nil)
  }
}

@Suite("Addresses") struct AddressTests {
  @Test
  func `belong to networks by their bits, whichever way they are written`() throws {
    #expect(try #require(AddressRange("10.30.0.0/15")).contains(#require(Address("10.31.255.255"))))
    #expect(try !#require(AddressRange("10.30.0.0/15")).contains(#require(Address("10.32.0.0"))))
    #expect(try #require(AddressRange("0.0.0.0/0")).contains(#require(Address("203.0.113.9"))))
    #expect(try #require(AddressRange("2001:db8::/33")).contains(#require(Address("2001:db8:7fff::1"))))
    #expect(try !#require(AddressRange("2001:db8::/33")).contains(#require(Address("2001:db8:8000::1"))))
    #expect(try #require(AddressRange("10.0.0.1")).contains(#require(Address("::ffff:10.0.0.1"))))
    for text in ["10.0.0.0/33", "10.0.0", "10.0.0.0/", "x", "::/129", "10.0.0.0/-1"] {
      #expect(AddressRange(text) == nil, "\(text)")
    }
  }

  @Test
  func `go to the asset with the narrowest network`() throws {
    let list = AssetList(
      try AssetList.entries(
        yaml: "- {addresses: 10.0.0.0/8, id: EXERCISE-all}\n- {addresses: [10.1.0.0/16, 10.2.2.2], id: EXERCISE-one}\n",
        file: "a"))
    #expect(list.asset(at: "10.1.2.3")?.id == "EXERCISE-one")
    #expect(list.asset(at: "10.2.2.2")?.id == "EXERCISE-one")
    #expect(list.asset(at: "10.2.2.3")?.id == "EXERCISE-all")
    #expect(list.asset(at: "192.0.2.1") == nil)
    #expect(list.asset(at: nil) == nil)
    #expect(
      throws: ConfigurationError([
        ConfigurationFault(
          file: "a", place: YAMLPlace(line: 2, column: 3), "an asset needs 'id': The asset's name in events.")
      ])
    ) {
      try AssetList.entries(yaml: "- {addresses: 10.0.0.1, id: x}\n- {addresses: 10.0.0.1}\n", file: "a")
    }
  }
}
