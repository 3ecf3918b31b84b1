import Glibc
import SystemFiles
import TestSupport
import Testing

@testable import CasusLaunch

/// `casus up` as a process, over processes that misbehave.
@Suite("casus up", .blocking, .timeLimit(.minutes(15)))
struct UpTests {
  private func topology(_ plugins: String) -> String {
    "broker: {run: [./broker]}\nagencies: {a: {}}\nplugins:\n\(plugins)\n"
  }

  private static let patient = "trap 'exit 0' TERM; echo running; while :; do sleep 0.05 & wait $!; done"

  @Test
  func `starts a plugin with the broker's address and its own identity, and ends both on SIGTERM`() throws {
    let up = try UpHarness(
      topology: topology(
        "  - {name: a/x, run: [bash, -c, 'echo at $CASUS_BROKER as $CASUS_IDENTITY; cd $CASUS_STATE && \(Self.patient.replacingQuotes)']}"
      ))
    #expect(up.wait(for: "at tcp://127.0.0.1:5999 as a/x"))
    #expect(up.wait(for: "\"line\":\"running\""))
    up.signal(SIGTERM)
    #expect(up.end() == .code(0))
    let happenings = up.lines.filter { $0.contains("\"event\":\"stopped\"") }.map { $0.prefix(16) }
    #expect(happenings == [#"{"name":"a/x","e"#, #"{"name":"broker""#], "the broker last")
    #expect(up.isGone())
    #expect(!Files.exists("\(up.folder)/home/run.json"))
  }

  @Test
  func `starts a killed plugin again`() throws {
    let up = try UpHarness(
      topology: topology(
        "  - {name: a/x, run: [bash, -c, '\(Self.patient.replacingQuotes)'], restart: {delay: 10ms}}"))
    #expect(up.wait(for: "\"line\":\"running\""))
    let first = try #require(up.pid(of: "a/x"))
    kill(first, SIGKILL)
    #expect(up.wait(for: "crashed: signal 9 (Killed)"))
    #expect(up.wait(for: "started again (restart 1)"))
    #expect(up.pid(of: "a/x") != first)
    up.signal(SIGINT)
    #expect(up.end() == .code(0))
    #expect(up.isGone())
  }

  @Test
  func `stops a crash loop, says so, and exits 1 at the end`() throws {
    let up = try UpHarness(
      topology: topology("  - {name: a/x, run: [bash, -c, 'exit 3'], restart: {delay: 1ms, crashes: 3}}"))
    #expect(up.wait(for: "is in a crash loop: 3 crashes within 60 s, the last exit 3; it stays down"))
    up.signal(SIGTERM)
    #expect(up.end() == .code(1))
  }

  @Test
  func `kills a plugin that does not end, and its children with it`() throws {
    let up = try UpHarness(
      topology: topology(
        "  - {name: a/x, run: [bash, -c, 'trap \"\" TERM; sleep 600 & echo running; while :; do sleep 0.05; done'], stop: 100ms}"
      ))
    #expect(up.wait(for: "\"line\":\"running\""))
    up.signal(SIGTERM)
    #expect(up.end() == .code(0))
    #expect(up.lines.contains { $0.contains("did not end within 100 ms; killed") })
    #expect(up.isGone())
  }

  @Test
  func `leaves no process behind when it is killed itself, not even a plugin's own children`() throws {
    let up = try UpHarness(
      topology: topology(
        "  - {name: a/x, run: [bash, -c, 'trap \"\" TERM; (trap \"\" TERM; sleep 600) & echo running; while :; do sleep 0.05; done']}"
      ))
    #expect(up.wait(for: "\"line\":\"running\""))
    #expect(up.survivors().count >= 4, "up, broker, plugin and its child")
    up.signal(SIGKILL)
    #expect(up.end() == .signal(9))
    #expect(up.isGone())
  }

  @Test
  func `ends by itself after --for`() throws {
    let up = try UpHarness(topology: topology("  []"), arguments: ["--for", "200ms"])
    #expect(up.end() == .code(0))
    #expect(up.lines.contains { $0.contains("\"event\":\"all-ready\"") })
  }

  @Test
  func `passes a broker's exit code on when it could not start`() throws {
    let up = try UpHarness(topology: topology("  []"), broker: "#!/bin/bash\necho port in use >&2; exit 75")
    #expect(up.end() == .code(75))
    #expect(up.lines.contains { $0.contains("\"line\":\"port in use\"") })
    #expect(up.isGone())
  }

  @Test
  func `keeps the port and the keys for a broker that is started again`() throws {
    let up = try UpHarness(topology: topology("  []"))
    #expect(up.wait(for: "all-ready"))
    let key = try Files.text("\(up.folder)/home/keys/broker.key")
    kill(try #require(up.pid(of: "broker")), SIGKILL)
    #expect(up.wait(for: "started again (restart 1)"))
    #expect(try Files.text("\(up.folder)/home/casusd.yaml").contains("listen: [\"tcp://127.0.0.1:5999\"]"))
    #expect(try Files.text("\(up.folder)/home/keys/broker.key") == key)
    up.signal(SIGTERM)
    #expect(up.end() == .code(0))
  }

  @Test
  func `refuses a home that another casus up has`() throws {
    let up = try UpHarness(topology: topology("  []"))
    #expect(up.wait(for: "all-ready"))
    let second = try UpHarness(topology: topology("  []"), arguments: ["--home", "\(up.folder)/home"])
    #expect(second.end() == .code(75))
    #expect(second.errors().contains("is in use by another casus up"))
    up.signal(SIGTERM)
    #expect(up.end() == .code(0))
  }

  @Test
  func `refuses a home that others may change, with 77 and the reason, and makes nothing in it`() throws {
    for folder in ["open", "open/below"] {
      let up = try UpHarness(topology: topology(""), home: folder, openFolder: "open")
      #expect(up.end() == .code(77))
      #expect(up.errors().contains("is no safe home: \(up.folder)/open may be written by others (mode 777)"))
      #expect(try Files.names(in: "\(up.folder)/open").isEmpty)
    }
  }

  @Test
  func `says what is wrong with a topology, by file and line, and starts nothing`() throws {
    let up = try UpHarness(topology: "broker: {run: [./broker]}\nplugns: []\n")
    #expect(up.end() == .code(78))
    #expect(
      up.errors() == "casus: t.yaml:2:1: there is no setting \"plugns\" in the topology (did you mean \"plugins\"?)\n")
    #expect(!Files.exists("\(up.folder)/home"))
  }
}

extension String {
  /// Doubles single quotation marks, for a text inside a YAML string of single quotation marks.
  fileprivate var replacingQuotes: String {
    split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
  }
}
