import CasusEvents
import FoundationEssentials
import Glibc
import SystemFiles
import TestSupport
import Testing

@testable import CasusLaunch

/// The commands as a user runs them, over a real broker: their machine-readable forms and their exit codes.
@Suite("The casus command", .blocking, .timeLimit(.minutes(15)))
struct CommandTests {
  /// A broker alone, ready.
  private func broker(_ arguments: [String] = []) throws -> UpHarness {
    let up = try UpHarness(topology: nil, arguments: arguments)
    try #require(up.wait(for: "\"event\":\"all-ready\""), "\(up.lines) \(up.errors())")
    return up
  }

  private static let left =
    #"{"plugin":"a/b","agency":"a","reason":"bye","published":0,"refused":0,"delivered":0,"acked":0}"#
  private static let effect = """
    {"report":"EXERCISE-1","kind":"outage","title":"EXERCISE","operator":"EXERCISE","started":"2026-01-01T00:00:00Z",\
    "reported":"2026-01-01T01:00:00Z","capacity_lost":[],"cause":"unknown"}
    """

  private func event(
    _ id: String, source: String = "//local/operator", type: String = "casus.bus.left.v1", data: String = Self.left
  ) -> String {
    """
    {"specversion":"1.0","id":"\(id)","source":"\(source)","type":"\(type)","time":"2026-01-01T00:00:00Z",\
    "tlp":"GREEN","datacontenttype":"application/json","data":\(data)}
    """
  }

  private struct Published: Decodable, Equatable {
    struct Problem: Decodable, Equatable {
      var code: Int
      var name: String
      var pointer: String?
      var schema: String?
      var message: String
    }
    var id: String?
    var sequence: String?
    var durability: String?
    var duplicate: Bool?
    var error: Problem?
  }

  private func decode<T: Decodable>(_ type: T.Type, _ text: String) throws -> T {
    try JSONDecoder().decode(type, from: Data(text.utf8))
  }

  @Test
  func `publish answers every line and exits 1 when some were refused`() throws {
    let up = try broker()
    let oversized = #"{"id":"big","data":""# + String(repeating: "x", count: 70_000) + #""}"#
    let file = try up.write(
      [
        event("e1"), event("e1"), event("e2", source: "//a/b"), event("e3", type: "no.such.v1"), "{\"id\":", "",
        oversized, event("e4", type: "casus.purpose.v1"),
      ].joined(separator: "\n"), to: "events.jsonl")
    let output = try up.casus("publish", file, "--json")
    #expect(output.exit == .code(1), "\(output.errors)")
    let answers = try output.lines.map { try decode(Published.self, $0) }
    try #require(answers.count == 7)
    #expect(answers[0].durability == "disk" && answers[0].error == nil)
    #expect(answers[1].duplicate == true && answers[1].sequence == answers[0].sequence)
    #expect(
      answers.dropFirst(2).map(\.error?.name) == [
        "source-foreign", "unknown-type", "not-json", "event-too-large", "schema",
      ])
    #expect(answers.map(\.id) == ["e1", "e1", "e2", "e3", nil, "big", "e4"])
    #expect(answers[6].error?.pointer?.hasPrefix("/data") == true)
    #expect(answers[6].error?.schema == "urn:casus:schema:casus.purpose.v1")
    let again = try up.write(event("e5"), to: "one.jsonl")
    #expect(try up.casus("publish", again, "--json").exit == .code(0))
  }

  @Test
  func `tail gives a line an event, its bytes unchanged, by type, start and count`() throws {
    let up = try broker()
    let file = try up.write(event("e1") + "\n" + event("e2") + "\n", to: "events.jsonl")
    #expect(try up.casus("publish", file).exit == .code(0))
    let output = try up.casus("tail", "--json", "--from", "earliest", "--sender", "local/operator", "--once")
    #expect(output.exit == .code(0), "\(output.errors)")
    try #require(output.lines.count == 2)
    #expect(output.lines[0].hasSuffix("\"sender\":\"local/operator\",\"flags\":[],\"event\":\(event("e1"))}"))
    struct Line: Decodable {
      var sequence: String
      var recorded: String
    }
    let second = try decode(Line.self, output.lines[1])
    let counted = try up.casus("tail", "--json", "--type", "casus.bus.>", "--from", second.sequence, "--count", "1")
    #expect(counted.lines == [output.lines[1]])
    let later = try up.casus("tail", "--json", "--from", second.recorded, "--sender", "local/operator", "--once")
    // Events of one commit share its time.
    #expect(later.lines.last == output.lines[1])
  }

  @Test
  func `status adds up and is one object`() throws {
    let up = try broker()
    let file = try up.write(event("e1") + "\n" + event("e2", source: "//x/y"), to: "events.jsonl")
    #expect(try up.casus("publish", file).exit == .code(1))
    struct Status: Decodable {
      struct Journal: Decodable {
        var first: String
        var last: String
        var bytes: Int
        var segments: Int
      }
      struct Plugin: Decodable {
        var name: String
        var agency: String
        var state: String
        var published: Int
        var refused: Int
        var delivered: Int
        var acked: Int
        var pending: Int
        var lag: Int
      }
      var journal: Journal
      var plugins: [Plugin]
    }
    let output = try up.casus("status", "--json")
    let status = try decode(Status.self, output.text)
    let person = try #require(status.plugins.first { $0.name == "local/operator" })
    #expect((person.agency, person.published, person.refused) == ("local", 1, 1))
    #expect(person.delivered == person.acked + person.pending)
    #expect(status.journal.first == "1" && status.journal.bytes > 0 && status.journal.segments == 1)
    #expect(try up.casus("status", "--until", "settled").text.contains("local/operator"))
  }

  @Test
  func `verify finds a running broker's journal sound, and one with a flipped bit damaged`() throws {
    let up = try broker()
    let file = try up.write(event("e1"), to: "events.jsonl")
    #expect(try up.casus("publish", file).exit == .code(0))
    let sound = try up.casus("verify", "--json")
    #expect(sound.exit == .code(0))
    #expect(sound.text.contains("\"sound\":true") && sound.text.contains("\"root\":\""))
    up.signal(SIGTERM)
    #expect(up.end() == .code(0))
    let folder = "\(up.folder)/home/journal"
    let segment = try #require(HomeFiles.names(in: folder).first { $0.hasSuffix(".mcap") })
    let descriptor = open("\(folder)/\(segment)", O_RDWR)
    defer { close(descriptor) }
    var byte: UInt8 = 0
    #expect(pread(descriptor, &byte, 1, 400) == 1)
    byte ^= 0x10
    #expect(pwrite(descriptor, &byte, 1, 400) == 1)
    let damaged = try up.casus("verify", "--json")
    #expect(damaged.exit == .code(65))
    #expect(damaged.text.contains("\"sound\":false"))
  }

  @Test
  func `capture and replay: a fresh broker gets the same events in order, marked replayed`() throws {
    let up = try broker()
    let events = (1...5).map { event("e\($0)", type: "casus.effect.v1", data: Self.effect) }
    #expect(try up.casus("publish", up.write(events.joined(separator: "\n"), to: "e")).exit == .code(0))
    let capture = "\(up.folder)/c.mcap"
    #expect(try up.casus("capture", "-o", capture, "--json").exit == .code(0))

    let live = try up.casus("replay", capture, "--rate", "max", "--json")
    #expect(live.exit == .code(77), "a broker that was not started for it")
    #expect(live.text.contains("\"refused\":{\"replay-not-accepted\":5}"))
    let fresh = try broker(["--accept-replay"])
    let first = try fresh.casus("replay", capture, "--rate", "max", "--json")
    #expect(first.exit == .code(0), "\(first.errors)")
    #expect(first.text.contains("\"accepted\":5"))
    #expect(try fresh.casus("replay", capture, "--rate", "max", "--json").text.contains("\"duplicates\":5"))
    let tail = try fresh.casus("tail", "--json", "--type", "casus.effect.v1", "--from", "earliest", "--once")
    #expect(tail.lines.map { $0.hasSuffix("\"event\":\(events[0])}") } == [true, false, false, false, false])
    #expect(tail.lines.allSatisfy { $0.contains("\"flags\":[\"replayed\"]") })

    let journals = ["\(up.folder)/home/journal", "\(fresh.folder)/home/journal"]
    #expect(try up.casus("compare", journals[0], journals[1], "--json").text.contains("\"same\":true,\"equal\":5"))
    let another = event("e6", type: "casus.effect.v1", data: Self.effect)
    #expect(try up.casus("publish", up.write(another, to: "e6")).exit == .code(0))
    #expect(try up.casus("compare", journals[0], journals[1]).exit == .code(1))
  }

  @Test
  func `keys makes a key once, with mode 0600, and shows no secret`() throws {
    let up = try broker()
    let path = "\(up.folder)/new.key"
    #expect(try up.casus("keys", "new", "jp.nisc/x", "--out", path, "--json").exit == .code(0))
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
    #expect(try up.casus("keys", "new", "jp.nisc/x", "--out", path).exit == .code(73))
    let secret = try #require(Files.text(path).split(separator: "\n").last?.split(separator: " ").last)
    let shown = try up.casus("keys", "show", path, "--json")
    #expect(shown.text.contains("\"for\":\"jp.nisc/x\"") && !shown.text.contains(secret))
    #expect(chmod(path, 0o644) == 0)
    #expect(try up.casus("keys", "show", path).exit == .code(77))
    #expect(try up.casus("keys", "show").text.contains("local/operator"))
  }

  @Test
  func `exits 64 for wrong use, 69 without a broker and 66 for a missing file, each with one clear line`() throws {
    let up = try broker()
    #expect(try up.casus("publish").exit == .code(64))
    #expect(try up.casus("tail", "--type", "a..b").exit == .code(64))
    #expect(try up.casus("no-such-command").exit == .code(64))
    let missing = try up.casus("publish", "/no/such/file")
    #expect(missing.exit == .code(66))
    #expect(missing.errors == "casus: cannot read /no/such/file: No such file or directory\n")
    let folder = try up.casus("case", "list", "--policy", up.folder)
    #expect(folder.exit == .code(66), "the disk did not fail: \(folder.errors)")
    let schema = try up.casus("schema", "check", "/no/such/schema")
    #expect(schema.exit == .code(66))
    #expect(schema.errors == "casus: cannot read /no/such/schema: No such file or directory\n")
    let steering = try up.casus("publish", "/no/\u{1b}[2J\u{9b}m")
    #expect(steering.errors == "casus: cannot read /no/\\x1b[2J\\x9bm: No such file or directory\n")
    let etc = try up.casus("publish", "/etc")
    #expect(etc.exit == .code(66) && etc.errors == "casus: cannot read /etc: Is a directory\n")
    #expect(try up.casus("capture", "-o", "\(up.folder)/c", "--from", "5", "--to", "1").exit == .code(64))
    let signer = ["X", "--party", "JP", "--outcome", "no-action", "--text", "x", "--reason", "x"]
    #expect(try up.casus(["decide", "draft"] + signer + ["--key", "/no/such"]).exit == .code(66))
    let alone = try up.casus("status", "--home", "/no/such/home")
    #expect(alone.exit == .code(69))
    #expect(alone.errors.contains("start one with: casus up --home /no/such/home"))
    up.signal(SIGKILL)
    _ = up.end()
    #expect(try up.casus("status").exit == .code(69), "a broker that is gone")
  }

  @Test
  func `looks on without a trace in the journal: status, tail, cases, ledger, quarantine`() throws {
    let up = try broker()
    func last() throws -> String? {
      let text = try up.casus("status", "--json").text
      return text.firstRange(of: "\"last\":\"").map { String(text[$0.upperBound...].prefix { $0 != "\"" }) }
    }
    let before = try #require(try last())
    for command in [
      ["status"], ["ledger"], ["tail", "--from", "earliest", "--once"], ["case", "list"], ["case", "incidents"],
      ["quarantine", "list"], ["schema", "list"],
    ] {
      #expect(try up.casus(command).exit == .code(0), "\(command)")
      #expect(try last() == before, "\(command)")
    }
    let file = try up.write(event("e1"), to: "events.jsonl")
    #expect(try up.casus("publish", file).exit == .code(0))
    let types = try up.casus("tail", "--from", "earliest", "--once", "--json").lines
    #expect(types.contains { $0.contains("casus.bus.joined.v1") && $0.contains("casus publish") })
    #expect(types.contains { $0.contains("casus.bus.left.v1") && $0.contains("local/operator") })
  }

  @Test
  func `has an example of every type, which a broker takes as it stands`() throws {
    let up = try broker()
    let types = EventSchemas.all.map(\.type)
    var lines: [String] = []
    for type in types {
      let example = try UpHarness.casus(["schema", "example", type], in: "/tmp")
      #expect(example.exit == .code(0) && example.lines.count == 1, "\(type)")
      #expect(Array(example.lines[0].utf8) == EventSchemas.examples[type])
      lines += try UpHarness.casus(["schema", "example", type, "--source", "local/operator"], in: "/tmp").lines
    }
    // The samples share their id.
    let distinct = lines.enumerated().map { number, line in
      line.replacing(/"id":"[^"]*",("source")/, with: { "\"id\":\"x\(number)\",\($0.1)" })
    }
    let published = try up.casus("publish", up.write(distinct.joined(separator: "\n"), to: "examples.jsonl"))
    #expect(published.exit == .code(0), "\(published.text)")
    let none = try UpHarness.casus(["schema", "example", "casus.detecton.v1"], in: "/tmp")
    #expect(none.exit == .code(64) && none.errors.contains("did you mean \"casus.detection.v1\"?"))
  }

  @Test
  func `tells time, agency, severity and title in 80 columns, whatever their script`() throws {
    let up = try broker()
    let title = String(repeating: "変電所の遮断器", count: 12)
    let example = try #require(EventSchemas.examples["casus.detection.v1"].map { String(decoding: $0, as: UTF8.self) })
    let event = example.replacing("//jp.nisc/suricata-1", with: "//local/operator")
      .replacing("DNP3 direct operate", with: title)
    #expect(try up.casus("publish", up.write(event, to: "e")).exit == .code(0))
    let lines = try up.casus("tail", "--type", "casus.detection.v1", "--from", "earliest", "--once").lines
    try #require(lines.count == 1)
    #expect(lines[0].contains(" local ") && lines[0].contains(" high ") && lines[0].contains("detection: 変電所"))
    #expect(lines[0].wholeMatch(of: /\s*\d+ \d\d-\d\d \d\d:\d\d:\d\d local .*…/) != nil, "\(lines[0])")
    let columns = lines[0].unicodeScalars.reduce(0) { $0 + ($1.value > 0x2E80 ? 2 : 1) }
    #expect((79...80).contains(columns), "\(columns)")
  }

  @Test
  func `watches the status in 80 columns for as long as somebody reads`() throws {
    let up = try broker()
    let output = try UpHarness.run(
      "/bin/bash", ["-c", "\(UpHarness.program("casus")) status --watch | head -n 5"], in: up.folder)
    #expect(output.lines.count { $0.hasPrefix("plugin ") } >= 1, "\(output.text) \(output.errors)")
    #expect(output.lines.contains { $0.hasPrefix("local/operator ") })
    #expect(output.lines.allSatisfy { $0.count <= 80 })
    #expect(try up.casus("status", "--watch", "--json").exit == .code(64))
  }

  @Test(arguments: ["--help", "keys show"])
  func `ends with 74 and says why when standard output takes nothing more`(command: String) throws {
    let up = try broker()
    let output = try UpHarness.run(
      "/bin/bash", ["-c", "exec \(UpHarness.program("casus")) \(command) >/dev/full"], in: up.folder)
    #expect(output.exit == .code(74))
    #expect(output.errors == "casus: standard output cannot be written: No space left on device\n")
  }

  @Test
  func `reaches a broker by its address, with options or a plugin's variables, and says what it lacks`() throws {
    let up = try broker()
    let run = try RunFile.read(Home(path: "\(up.folder)/home"))
    let key = Home(path: "\(up.folder)/home").key(of: Home.operatorName)
    let options = ["--broker", run.broker.endpoint, "--broker-key", run.broker.key, "--key-file", key]
    let status = { (arguments: [String], environment: [String: String]) in
      try UpHarness.casus(
        ["status", "--json"] + arguments, in: "/tmp",
        environment: environment.merging(["CASUS_HOME": "/no/such"]) { a, _ in a })
    }
    let named = try status(options + ["--as", "local/operator"], [:])
    #expect(named.exit == .code(0), "\(named.errors)")
    let variables = [
      "CASUS_BROKER": run.broker.endpoint, "CASUS_BROKER_KEY": run.broker.key, "CASUS_KEY_FILE": key,
      "CASUS_IDENTITY": "local/operator",
    ]
    #expect(try status([], variables).exit == .code(0))
    #expect(try status(["--home", "/no/such"], variables).exit == .code(69), "a home that is asked for counts more")
    let lacking = try status(options, [:])
    #expect(lacking.exit == .code(64))
    #expect(lacking.errors.contains("needs --as (CASUS_IDENTITY) as well"))
    let other = try status(options + ["--as", "local/other"], [:])
    #expect(other.exit == .code(77), "\(other.errors)")
    #expect(try status(["--broker-key", run.broker.key], [:]).exit == .code(64))
    let mine = options + ["--as", "local/operator"]
    #expect(try status(mine + ["--key-file", "/no/such"], [:]).exit == .code(66))
    #expect(try status([], variables.merging(["CASUS_KEY_FILE": "/no/such"]) { $1 }).exit == .code(66))
    #expect(try up.casus("status", "--key-file", "/no/such").exit == .code(66), "in a home as well")
    let open = try up.write("public: x\nsecret: y\n", to: "open.key")
    #expect(chmod(open, 0o644) == 0)
    #expect(try status(mine + ["--key-file", open], [:]).exit == .code(77))
    #expect(chmod(open, 0o600) == 0)
    #expect(try status(mine + ["--key-file", open], [:]).exit == .code(78), "it is there, and is no key")
    #expect(try status(mine + ["--broker", "tcp://127.0.0.1"], [:]).exit == .code(64))
    #expect(try status(mine + ["--broker-key", "x"], [:]).exit == .code(64))
    #expect(
      try status(["--broker-key", run.broker.key], ["CASUS_BROKER": ""]).exit == .code(64), "it would be for nothing")
    #expect(try status([], variables.merging(["CASUS_BROKER": "tcp://x"]) { $1 }).exit == .code(78))
    #expect(try status([], variables.merging(["CASUS_BROKER_KEY": "x"]) { $1 }).exit == .code(78))
    let wrong = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
    let stranger = try status(mine + ["--broker-key", wrong], [:])
    #expect(stranger.exit == .code(69) && stranger.errors.contains("is CASUS_BROKER_KEY that broker's key?"))
  }

  @Test func `a broker that was given a name is reached by it, unless something else is said`() throws {
    let up = try broker()
    let run = try RunFile.read(Home(path: "\(up.folder)/home"))
    let key = Home(path: "\(up.folder)/home").key(of: Home.operatorName)
    let own = ["XDG_CONFIG_HOME": "\(up.folder)/config", "CASUS_HOME": ""]
    func casus(_ arguments: [String], _ environment: [String: String] = [:]) throws -> UpHarness.Output {
      try UpHarness.casus(arguments, in: up.folder, environment: own.merging(environment) { $1 })
    }
    let add = { (name: String, endpoint: String) in
      [
        "context", "add", name, "--broker", endpoint, "--broker-key", run.broker.key, "--key-file", key, "--as",
        "local/operator",
      ]
    }
    #expect(try casus(["context", "list"]).text.contains("there are no contexts"))
    #expect(try casus(["status", "--context", "tokyo"]).exit == .code(66))
    #expect(try casus(add("tokyo", run.broker.endpoint) + ["--json"]).text.contains("\"current\":true"))
    #expect(try casus(add("far", "tcp://127.0.0.1:1")).exit == .code(0))
    var status = stat()
    #expect(stat("\(up.folder)/config/casus/contexts.yaml", &status) == 0 && status.st_mode & 0o777 == 0o600)

    #expect(try casus(["status", "--context", "tokyo"]).exit == .code(0))
    #expect(try casus(["status"]).exit == .code(0), "the first one is used")
    #expect(
      try casus(["status", "--context", "tokyo"], ["CASUS_BROKER": "tcp://127.0.0.1:1", "CASUS_HOME": "/no"]).exit
        == .code(0))
    #expect(try casus(["status"], ["CASUS_HOME": "/no/such"]).exit == .code(69))
    #expect(try casus(["status"], ["CASUS_CONTEXT": "far"]).errors.contains("tcp://127.0.0.1:1"))
    #expect(try casus(["status", "--context", "tokyo", "--as", "local/nobody"]).exit == .code(77))
    #expect(try casus(["context", "use", "far"]).exit == .code(0))
    #expect(try casus(["status"]).errors.contains("tcp://127.0.0.1:1"))
    #expect(try casus(["context", "remove", "far"]).exit == .code(0))
    #expect(try casus(["status"]).exit == .code(69), "none is used any more, and no home is here")

    for (arguments, code) in [
      (["status", "--context", "tokyo", "--home", "home"], 64), (["context", "use", "nobody"], 66),
      (["context", "use"], 64),
      (["context", "remove", "nobody"], 66), (Array(add("a b", run.broker.endpoint)), 64),
      (add("x", "tcp://127.0.0.1"), 64),
      (add("x", run.broker.endpoint).map { $0 == key ? "/no/such" : $0 }, 66),
    ] as [([String], Int32)] {
      #expect(try casus(arguments).exit == .code(code), "\(arguments)")
    }
    let file = "\(up.folder)/config/casus/contexts.yaml"
    try Files.replace(file, with: "contexts: [{name: x, brokr: y}]\n".utf8)
    let wrong = try casus(["status", "--context", "x"])
    #expect(wrong.exit == .code(78) && wrong.errors.contains("contexts.yaml:1:"), "\(wrong.errors)")
    #expect(chmod("\(up.folder)/config/casus", 0o777) == 0)
    #expect(try casus(["status", "--context", "x"]).exit == .code(77))
  }
}
