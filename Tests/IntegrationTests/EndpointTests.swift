import CasusEvents
import CasusTestKit
import CasusWire
import Foundation
import Glibc
import TestSupport
import Testing
import ZeroMQ

@Suite(.blocking, .timeLimit(.minutes(15))) struct RealEndpoints {
  private static let hasIPv6: Bool = {
    guard let socket = try? Socket(.rep) else { return false }
    return (try? socket.bind("tcp://[::1]:0")) != nil
  }()

  private func edit(_ folder: String, _ old: String, _ new: String) throws {
    let path = "\(folder)/casusd.yaml"
    let text = try String(contentsOfFile: path, encoding: .utf8).replacingOccurrences(of: old, with: new)
    try text.write(toFile: path, atomically: true, encoding: .utf8)
  }

  /// A broker that listens somewhere else is reached there, by a client and by the command, which uses the SDK.
  private func listens(on endpoint: String, at address: String) throws {
    let broker = try RealBroker()
    broker.process.kill(signal: SIGTERM)
    #expect(broker.process.wait() == .init(code: 0))
    try edit(broker.folder, "tcp://127.0.0.1:0", endpoint)
    try broker.restart()
    #expect(broker.endpoint.hasPrefix(address), "\(broker.endpoint)")
    #expect(try broker.join("a").publish([detection("x")]).accepted == 1)
    #expect(try broker.casus("status").code == 0)
  }

  @Test(.enabled(if: hasIPv6, "this machine has no ::1: IPv6 is NOT tested here"))
  func `a broker listens on i pv 6`() throws { try listens(on: "tcp://[::1]:0", at: "tcp://[::1]:") }

  @Test func `a broker listens on the address of a name`() throws { try listens(on: "tcp://localhost:0", at: "tcp://") }

  @Test func `everything that can never work is refused at its line by check too`() throws {
    let broker = try RealBroker()
    try edit(
      broker.folder, "listen: [\"tcp://127.0.0.1:0\"",
      "limits: {window_bytes: 2048, batch_bytes: 134217728}\nlisten: [\"tcp://127.0.0.1:70000\", \"tcp://::1:7000\"")
    let check = try RealProcess("casusd", ["--config", "casusd.yaml", "--check"], folder: broker.folder)
    #expect(check.wait().code == 78)
    let found = check.printed.split(separator: "\n").filter { $0.hasPrefix("ERROR casusd.yaml:") }
    #expect(found.count == 4, "\(check.printed)")
    for text in [
      "casusd.yaml:2:", "window_bytes must be at least batch_bytes", "staged_bytes must be at least batch_bytes",
      "casusd.yaml:3:10: \"tcp://127.0.0.1:70000\" is no endpoint: it has no port from 0 to 65535",
      "without brackets: tcp://[::1]:PORT",
    ] {
      #expect(check.printed.contains(text), "\(text) is not in \(check.printed)")
    }
  }

  /// What is wrong with the file, with the key file and with each registry file is told together.
  @Test func `all that is wrong with a start is said at once`() throws {
    let broker = try RealBroker()
    let key = try KeyFile.read("\(broker.folder)/keys/a.key").keys.publicKey.z85
    try "agency: jp.other\nplugins:\n  - {name: x, key: '\(key)'}\n".write(
      toFile: "\(broker.folder)/registry/jp.zz.yaml", atomically: true, encoding: .utf8)
    try edit(broker.folder, "name: test", "name: test\nname: again\nheartbeat_ms: 0100")
    try edit(broker.folder, "key: keys/broker.key", "key: keys/none.key")
    for more in [["--check"], []] {
      let check = try RealProcess("casusd", ["--config", "casusd.yaml"] + more, folder: broker.folder)
      #expect(check.wait().code == 78)
      for text in [
        "casusd.yaml:2:1: \"name\" stands more than once", "casusd.yaml:3:15: 0100 is one number for some",
        "key file ./keys/none.key: No such file or directory",
        "registry/jp.zz.yaml:3:20: jp.test/a and jp.other/x have the same key",
      ] {
        #expect(check.printed.contains(text), "\(text) is not in \(check.printed)")
      }
    }
  }

  @Test func `a key file that is not there is a missing file however it is named`() throws {
    let broker = try RealBroker()
    let named = try RealProcess(
      "casusd", ["--config", "casusd.yaml", "--key", "/no/such", "--check"], folder: broker.folder)
    #expect(named.wait().code == 66)
    try edit(broker.folder, "key: keys/broker.key", "key: keys/none.key")
    let written = try RealProcess("casusd", ["--config", "casusd.yaml"], folder: broker.folder)
    #expect(written.wait().code == 66, "\(written.printed)")
  }

  /// Neither another broker's socket nor a file that stands where it would listen, nor one that it would call its own.
  @Test func `a broker takes nobodys place`() throws {
    let first = try RealBroker()
    let second = try RealBroker()
    for broker in [first, second] {
      broker.process.kill(signal: SIGTERM)
      #expect(broker.process.wait() == .init(code: 0))
    }
    let place = "ipc://\(first.folder)/place"
    for broker in [first, second] { try edit(broker.folder, "tcp://127.0.0.1:0", place) }
    try first.restart()
    let late = try RealProcess("casusd", ["--config", "casusd.yaml"], folder: second.folder)
    #expect(late.wait().code == 75)
    #expect(late.printed.contains("a process listens there already"))
    #expect(try first.join("a").publish([detection("x")]).accepted == 1)
    first.process.kill(signal: SIGKILL)
    _ = first.process.wait()
    try second.restart()
    #expect(try second.join("a").publish([detection("x")]).accepted == 1, "a socket that a crash left behind is taken")
    second.process.kill(signal: SIGTERM)
    _ = second.process.wait()
    let file = "\(second.folder)/precious"
    try "mine".write(toFile: file, atomically: true, encoding: .utf8)
    try edit(second.folder, place, "ipc://\(file)")
    try refuses(second.folder, "what stands there is no socket")
    try edit(second.folder, "ipc://\(file)", "tcp://127.0.0.1:0")
    try edit(second.folder, "ready: ready.json", "ready: \(file)")
    try refuses(second.folder, "which is another file and stays as it is")
    #expect(try String(contentsOfFile: file, encoding: .utf8) == "mine")
    // What cannot be read is not known to be the broker's own either.
    #expect(mkdir("\(second.folder)/kept", 0o700) == 0)
    try edit(second.folder, "ready: \(file)", "ready: \(second.folder)/kept")
    try refuses(second.folder, "the setting 'ready' names what cannot be read")
  }

  private func refuses(_ folder: String, _ words: String) throws {
    for more in [["--check"], []] {
      let process = try RealProcess("casusd", ["--config", "casusd.yaml"] + more, folder: folder)
      #expect(process.wait().code == 78)
      #expect(process.printed.contains(words), "\(process.printed)")
    }
  }

  @Test func `what a plugin says of itself is one line of the status`() throws {
    let broker = try RealBroker()
    let client = try broker.join("a")
    try client.send(.ping(Ping(state: .failing, text: "lost\nFORGED line")))
    let deadline = Deadline("the plugin's words in the status")
    while try !broker.casus("status").text.contains("lost") { try deadline.pause(microseconds: 50_000) }
    let lines = try broker.casus("status").text.split(separator: "\n")
    #expect(lines.contains { $0.contains("lost\\nFORGED line") } && !lines.contains { $0.hasPrefix("FORGED") })
  }

  @Test func `a name that nobody has is refused by check`() throws {
    let broker = try RealBroker()
    try edit(broker.folder, "tcp://127.0.0.1:0", "tcp://no-such-host.invalid:7000")
    let check = try RealProcess("casusd", ["--config", "casusd.yaml", "--check"], folder: broker.folder)
    #expect(check.wait().code == 78)
    #expect(check.printed.contains("no-such-host.invalid"))
  }

  /// The file that is wrong stays as it was, the key in the other one is revoked, and status says what is wrong.
  @Test func `a broken registry file stands in nobodys way and is shown`() throws {
    let broker = try RealBroker()
    try "agency: jp.other\nplugins: 7\n".write(
      toFile: "\(broker.folder)/registry/jp.other.yaml", atomically: true, encoding: .utf8)
    let deadline = Deadline("the fault to be shown")
    while try !broker.casus("status").text.contains("registry/jp.other.yaml:2:10: plugins is a list") {
      try deadline.pause(microseconds: 50_000)
    }
    let revoke = try RealProcess(
      "casus", ["keys", "revoke", "jp.test/b", "--registry", "registry"], folder: broker.folder)
    #expect(revoke.wait().code == 0, "\(revoke.printed)")
    let gone = Deadline("the other's key to be refused")
    while (try? broker.join("b")) != nil { try gone.pause(microseconds: 50_000) }
    try FileManager.default.removeItem(atPath: "\(broker.folder)/registry/jp.other.yaml")
    let told = try broker.casus("tail", "--type", "casus.bus.registry.v1", "--from", "earliest", "--once", "--json")
    #expect(told.text.contains(#""faults":1,"file":"jp.other.yaml","state":"set-aside""#), "\(told.text)")
    let mended = Deadline("the fault to go")
    while try broker.casus("status").text.contains("jp.other") { try mended.pause(microseconds: 50_000) }
  }
}
