import CasusConfiguration
import CasusNames
import Glibc
import SystemFiles
import Testing

@testable import CasusLaunch

@Suite("A topology")
struct TopologyTests {
  private func read(_ yaml: String, environment: [String: String] = [:]) throws(ConfigurationError) -> Topology {
    try TopologyReader.read(yaml: yaml, file: "t.yaml", folder: "/folder", environment: environment)
  }

  private func problems(_ yaml: String) -> [String] {
    do {
      _ = try read(yaml)
      return []
    } catch {
      return error.faults.map(\.description)
    }
  }

  @Test
  func `with aliases of aliases, whose value no memory holds, is refused at once; with a few it is read`() throws {
    let bomb = (1...8).map { level in
      "a\(level): &a\(level) [\(Array(repeating: level == 1 ? "x" : "*a\(level - 1)", count: 10).joined(separator: ", "))]"
    }
    #expect(
      problems(bomb.joined(separator: "\n")) == ["t.yaml: has more than 16 aliases (*name); write the values out"])
    let topology = try read(
      """
      broker: {listen: ["tcp://127.0.0.1:0"]}
      agencies: {jp.nisc: {nation: JP}}
      plugins:
        - {name: jp.nisc/a, run: [a], settings: &s {x: [1, 2]}}
        - {name: jp.nisc/b, run: [b], settings: *s}
      """)
    #expect(topology.plugins.map(\.settings) == Array(repeating: #"{"x":[1,2]}"#, count: 2))
  }

  @Test
  func `says which groups a plugin may be a member of`() throws {
    func yaml(_ groups: String) -> String {
      """
      broker: {listen: ["tcp://127.0.0.1:0"]}
      agencies: {jp.nisc: {nation: JP}}
      plugins:
        - {name: jp.nisc/a, run: [a], groups: \(groups)}
      """
    }
    #expect(try read(yaml("[workers]")).plugins.map(\.rights.groups) == [["workers"]])
    #expect(problems(yaml("[\"~workers\"]")).count == 1)
  }

  @Test
  func `is read with everything in it`() throws {
    let topology = try read(
      """
      name: demo
      broker: {listen: ["tcp://127.0.0.1:0"], limits: {event_bytes: 2000, faults_per_s: 5000}, stop: 3s}
      agencies: {jp.nisc: {nation: JP}, us.cisa: {}}
      plugins:
        - name: jp.nisc/suricata-1
          run: [suricata-sensor, --fast]
          settings:
            file: "${LOGS:-logs}/eve.json"
            rate: 1.5
            quick: ${QUICK:-false}
            deep: {list: [yes, 3, null, true]}
          publish: [casus.detection.v1]
          subscribe: [casus.bus.>]
          roles: [exercise]
          restart: {when: always, delay: 100ms, crashes: 3}
          stop: 1.5s
      """)
    #expect(topology.broker.name == "demo")
    #expect(topology.broker.limits == ["event_bytes": 2000, "faults_per_s": 5000])
    #expect(topology.broker.stopTimeout == 3_000_000_000)
    #expect(topology.agencies.map(\.name) == ["jp.nisc", "us.cisa"])
    let plugin = try #require(topology.plugins.first)
    #expect(plugin.name.description == "jp.nisc/suricata-1")
    #expect(
      plugin.settings == #"{"file":"logs/eve.json","rate":1.5,"quick":false,"deep":{"list":["yes",3,null,true]}}"#)
    #expect(plugin.restart == RestartPolicy(when: .always, delay: 100_000_000, crashes: 3))
    #expect(plugin.stopTimeout == 1_500_000_000)
  }

  @Test
  func `has every mistake reported at its own line and column`() {
    let found = problems(
      """
      broker: {listen: [udp://x]}
      agencies: {jp.nisc: {nation: Japan}}
      plugins:
        - name: jp.nsic/a
          run: [x]
          publsh: []
        - name: jp.nisc/b
          run: []
          publish: [casus.detecton.v1, "a..b"]
          roles: [exercize]
          restart: allways
          stop: soon
      """)
    #expect(
      found == [
        "t.yaml:1:19: \"udp://x\" is no endpoint: it begins with neither tcp:// nor ipc://",
        "t.yaml:2:30: \"Japan\" is no nation: two capital letters (ISO 3166-1)",
        "t.yaml:4:11: agency jp.nsic is not under agencies (did you mean \"jp.nisc\"?)",
        "t.yaml:6:5: there is no setting \"publsh\" in a plugin (did you mean \"publish\"?)",
        "t.yaml:8:10: run names no program",
        "t.yaml:9:15: there is no type casus.detecton.v1 (did you mean \"casus.detection.v1\"?)",
        "t.yaml:9:34: \"a..b\" is no type pattern: words joined by dots, * for one word, a last > for the rest",
        "t.yaml:10:13: \"exercize\" is no choice: exercise, observer, operator, recorder, replay, revise (did you mean \"exercise\"?)",
        "t.yaml:11:14: \"allways\" is no choice: always (after any end), on-failure (after a crash), never (did you mean \"always\"?)",
        "t.yaml:12:11: \"soon\" is no span of time as 500ms, 30s, 5m or 2h",
      ])
  }

  @Test
  func `may say of a span what the reference says holds without it`() {
    var spans = 0
    for (path, field) in TopologyFields.topology.all + TopologyFields.restart.all {
      guard case .span = field.kind, let standard = field.standard else { continue }
      spans += 1
      #expect(TimeSpan.nanoseconds(standard) != nil, "\(path): \(standard)")
    }
    #expect(spans == 5)
  }

  @Test
  func `has limits that the broker would take`() {
    #expect(
      problems("broker: {limits: {event_bytes: 1000}}").map { $0.hasPrefix("t.yaml:1:32: ") } == [true],
      "\(problems("broker: {limits: {event_bytes: 1000}}"))")
    #expect(problems("broker: {limits: {peers: 70000}}").count == 1)
    #expect(problems("broker: {limits: {peer: 7}}").count == 1)
    #expect(
      problems("broker: {limits: {window_bytes: 2048}}").first?.hasPrefix(
        "t.yaml:1:33: window_bytes must be at least batch_bytes")
        == true)
    // In range, but no batch would ever pass.
    for limits in ["window_bytes: 100000", "staged_bytes: 100000", "event_bytes: 262144", "batch_bytes: 10000000"] {
      let found = problems("broker: {limits: {\(limits)}}")
      #expect(found.first?.contains("must be at least") == true, "\(limits): \(found)")
    }
  }

  @Test
  func `has a plugin's name once`() {
    let found = problems(
      """
      agencies: {a: {}}
      plugins:
        - {name: a/x, run: [p]}
        - {name: a/x, run: [q]}
      """)
    #expect(found == ["t.yaml:4:12: a/x is there already, at line 3"])
  }

  @Test
  func `has beginnings of types that belong to one agency each, whoever stands in them`() {
    let found = problems("agencies:\n  a: {}\n  b: {prefixes: [b, a]}\n  c: {prefixes: [x]}\n  d: {prefixes: [x]}\n")
    #expect(
      found == [
        "t.yaml:3:21: a and b both own types that begin with a",
        "t.yaml:5:18: c and d both own types that begin with x",
      ])
  }

  @Test
  func `has a broker that listens at an address once`() {
    let found = problems("broker: {listen: [\"tcp://*:7000\", \"tcp://127.0.0.1:7000\"]}")
    #expect(found == ["t.yaml:1:35: tcp://127.0.0.1:7000 is taken already by tcp://*:7000, at line 1"])
  }

  @Test
  func `has settings without tags but !file, and without numbers that readers take differently`() {
    let found = problems(
      "agencies: {a: {}}\nplugins:\n  - name: a/x\n    run: [p]\n    settings: {m: 0777, t: !!str 5, s: '0777', l: !x [1]}"
    )
    #expect(found.map { $0.prefix(13) } == ["t.yaml:5:19: ", "t.yaml:5:28: ", "t.yaml:5:51: "], "\(found)")
  }

  @Test
  func `that is no YAML says where it stops being one`() {
    #expect(problems("plugins: [1, 2\nname: x").first?.hasPrefix("t.yaml:2") == true)
    #expect(problems("").first?.contains("is empty") == true)
    #expect(problems("- 1").first?.contains("is a mapping of name, broker, agencies, plugins, people") == true)
    #expect(problems("name: a\nname: b").first?.contains("\"name\" stands more than once") == true)
  }

  @Test
  func `names a variable that the environment does not have`() throws {
    let yaml = """
      agencies: {a: {}}
      plugins: [{name: a/x, run: [p, "${WHERE}", "$${KEPT}", "$HOME"]}]
      """
    #expect(problems(yaml) == ["t.yaml:2:32: the environment has no variable WHERE"])
    #expect(try read(yaml, environment: ["WHERE": "here"]).plugins[0].run == ["p", "here", "${KEPT}", "$HOME"])
  }

  @Test
  func `gives a variable one value: a list or a mapping in its place is refused, not left out`() {
    let found = problems(
      """
      agencies: {a: {}}
      plugins: [{name: a/x, run: [p], environment: {A: [1], B: {c: d}, C: 3}}]
      """)
    #expect(
      found == [
        "t.yaml:2:50: one value is expected, not a list", "t.yaml:2:58: one value is expected, not a mapping",
      ])
  }

  @Test
  func `whose program is missing is refused with the line of run`() throws {
    let topology = try read(
      """
      agencies: {a: {}}
      plugins:
        - name: a/x
          run: [no-such-program]
        - name: a/y
          run: [./tools/z]
      """)
    let error = #expect(throws: ConfigurationError.self) {
      try LaunchPlan(
        topology: topology, topologyFile: "t.yaml", home: Home(path: "/home"), environment: [:],
        find: { $0 == "casusd" ? "/bin/casusd" : nil })
    }
    #expect(
      error?.faults.map(\.description) == [
        "t.yaml:4:10: there is no program no-such-program beside the casus program or in PATH",
        "t.yaml:6:10: there is no program /folder/./tools/z",
      ])
  }

  @Test
  func `gives each process its environment, and none of the launcher's own CASUS variables`() throws {
    let topology = try read(
      """
      agencies: {a: {}}
      plugins: [{name: a/x, run: [p], settings: {k: v}, environment: {MORE: "1"}}]
      """)
    let plan = try LaunchPlan(
      topology: topology, topologyFile: "t.yaml", home: Home(path: "/home"),
      environment: ["PATH": "/bin", "CASUS_HOME": "/elsewhere"], find: { "/bin/\($0)" })
    #expect(
      plan.processes[1].environment == [
        "PATH": "/bin", "MORE": "1", "CASUS_IDENTITY": "a/x", "CASUS_KEY_FILE": "/home/keys/a/x.key",
        "CASUS_STATE": "/home/state/a/x", "CASUS_SETTINGS": "/home/settings/a/x.json",
      ])
    #expect(plan.processes[0].arguments == ["casusd", "--config", "/home/casusd.yaml"])
  }

  @Test
  func `takes settings from other files, and says when one is missing`() throws {
    var template = Array("/tmp/casus-topology-XXXXXX".utf8CString)
    let folder = String(cString: mkdtemp(&template))
    defer { HomeFiles.removeTree(folder) }
    try HomeFiles.write("name: x\nlist:\n  - 1\n  - ${TWO}\n", to: "\(folder)/policy.yaml")
    let yaml = """
      agencies: {a: {}}
      plugins:
        - {name: a/x, run: [p], settings: {policy: !file policy.yaml}}
      """
    let topology = try TopologyReader.read(yaml: yaml, file: "t.yaml", folder: folder, environment: ["TWO": "2"])
    #expect(topology.plugins[0].settings == #"{"policy":{"name":"x","list":[1,2]}}"#)
    #expect(problems(yaml) == ["t.yaml:3:46: cannot read /folder/policy.yaml: No such file or directory"])
  }
}
