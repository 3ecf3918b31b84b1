import CasusEvents
import CasusNames
import Foundation
import Glibc
import Logging
import SystemFiles
import TestSupport
import Testing
import ZeroMQ

@testable import CasusPlugin

/// Testing has one too.
private typealias ExitStatus = CasusNames.ExitStatus

@Suite("A plugin's environment")
struct EnvironmentTests {
  let folder = TemporaryFolder()
  private let manifest = Manifest(program: "p", version: "1", summary: "s", publishes: [], subscribes: [])

  private func complete() throws -> [String: String] {
    let path = folder.file("key")
    try KeyFile(comment: "casus key xx.exercise/p-1", keys: try .generate()).write(path, replacing: true)
    return [
      "CASUS_BROKER": "tcp://127.0.0.1:5577", "CASUS_BROKER_KEY": try CurveKeyPair.generate().publicKey.z85,
      "CASUS_KEY_FILE": path, "CASUS_IDENTITY": "xx.exercise/p-1", "CASUS_STATE": folder.path,
    ]
  }

  private func problem(_ environment: [String: String]) -> String? {
    do throws(BusError) {
      _ = try Connection.fromEnvironment(manifest) { environment[$0] }
      _ = try Settings.fromEnvironment { environment[$0] }
    } catch {
      #expect([.configuration, .missingFile, .openKeyFile].contains(error.code))
      #expect(!error.message.contains("\n"))
      return error.message
    }
    return nil
  }

  @Test func `that is complete gives a connection and settings`() throws {
    let environment = try complete().merging(["CASUS_CONNECT_TIMEOUT": "1.5"]) { $1 }
    let connection = try Connection.fromEnvironment(manifest) { environment[$0] }
    #expect(connection.identity == "xx.exercise/p-1")
    #expect(connection.patience == .seconds(1.5))
    let settings = try Settings.fromEnvironment { environment[$0] }
    #expect(settings.stateDirectory == folder.path)
    #expect(settings.path == nil)
    #expect(settings.identity == "xx.exercise/p-1")
  }

  @Test func `tells a file that is not there from one that others may read and from one that is no key`() throws {
    func code(_ change: (inout [String: String]) throws -> Void) throws -> Int32? {
      var environment = try complete()
      try change(&environment)
      do throws(BusError) {
        _ = try Connection.fromEnvironment(manifest) { environment[$0] }
        _ = try Settings.fromEnvironment { environment[$0] }.decode(over: ["a": 1])
        return nil
      } catch {
        return ExitStatus(error).rawValue
      }
    }
    #expect(try code { $0["CASUS_KEY_FILE"] = "/no/such" } == 66)
    #expect(try code { $0["CASUS_KEY_FILE"] = "/etc" } == 66)
    #expect(try code { _ = chmod($0["CASUS_KEY_FILE"] ?? "", 0o644) } == 77)
    #expect(try code { try Files.replace($0["CASUS_KEY_FILE"] ?? "", with: "public: x\nsecret: y\n".utf8) } == 78)
    #expect(try code { $0["CASUS_SETTINGS"] = "/no/such" } == 66)
  }

  @Test func `that is missing is named in one line`() throws {
    #expect(problem([:])?.contains("CASUS_BROKER, CASUS_BROKER_KEY, CASUS_KEY_FILE, CASUS_IDENTITY") == true)
    for name in ["CASUS_BROKER", "CASUS_KEY_FILE", "CASUS_STATE"] {
      var environment = try complete()
      environment[name] = nil
      #expect(problem(environment)?.contains(name) == true)
    }
  }

  @Test(arguments: [
    ("CASUS_BROKER", "http://x"), ("CASUS_BROKER_KEY", "short"), ("CASUS_IDENTITY", "jp.nisc"),
    ("CASUS_IDENTITY", "JP.nisc/x"), ("CASUS_IDENTITY", "a//b"), ("CASUS_IDENTITY", "a/b/c"),
    ("CASUS_IDENTITY", "a..b/c"), ("CASUS_CONNECT_TIMEOUT", "soon"), ("CASUS_CONNECT_TIMEOUT", "-1"),
    ("CASUS_STATE", "/no/such/folder"), ("CASUS_KEY_FILE", "/no/such/file"),
  ])
  func `that is wrong is named with its value`(name: String, value: String) throws {
    var environment = try complete()
    environment[name] = value
    let text = problem(environment)
    #expect(text?.contains(name) == true || text?.contains(value) == true)
  }

  @Test func `with a key file that others can read is refused`() throws {
    let environment = try complete()
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: folder.file("key"))
    #expect(problem(environment)?.contains("0644") == true)
  }

  private struct Wanted: Codable, Equatable {
    var path = "/x"
    var limits: [Int] = []
    var rates: [String: Double] = [:]
    var retry = Retry()
    struct Retry: Codable, Equatable {
      var seconds = 1
      var mode = Mode.fast
    }
    enum Mode: String, Codable { case fast, slow }
  }

  private func settings(_ text: String?) throws -> Settings {
    let path = folder.file("settings.json")
    if let text { try Data(text.utf8).write(to: URL(fileURLWithPath: path)) }
    return Settings(path: text == nil ? nil : path, stateDirectory: folder.path, identity: "a/b")
  }

  @Test func `has settings of the plugin's own type, over their defaults`() throws {
    #expect(try settings(nil).decode(over: Wanted()) == Wanted())
    #expect(try settings("{}").decode(over: Wanted()) == Wanted())
    var wanted = Wanted(limits: [1, 2], rates: ["a.b": 0.5])
    wanted.retry.mode = .slow
    let text = #"{"limits":[1,2],"path":null,"rates":{"a.b":0.5},"retry":{"mode":"slow"}}"#
    #expect(try settings(text).decode(over: Wanted()) == wanted)
  }

  @Test func `is told everything that is wrong with its settings at once, each at its place`() throws {
    let text = """
      {
        "path": 1,
        "limits": [1, "y"],
        "rates": {"a.b": 2},
        "retry": {"secnds": 3, "mode": "quick"}
      }
      """
    let settings = try settings(text)
    let error = #expect(throws: BusError.self) {
      try settings.decode(over: Wanted()) { wanted, report in
        for (name, rate) in wanted.rates where rate > 1 { report("rates.\(name)", "\(rate) is more than 1") }
      }
    }
    #expect(error?.code == .configuration)
    let lines = (error?.message ?? "").split(separator: "\n").map { $0.dropFirst((settings.path ?? "").count + 1) }
    #expect(
      lines.dropLast() == [
        "2:11: path must be a string, not a number", "3:17: limits.1 must be a whole number, not a string",
        "4:20: rates.a.b: 2.0 is more than 1",
        "5:13: there is no setting \"secnds\" in retry (did you mean \"seconds\"?)",
      ])
    #expect(lines.last?.hasPrefix("5:34: retry.mode") == true)
    let missing = #expect(throws: BusError.self) {
      try self.settings(nil).decode(over: Wanted()) { _, report in report("path", "is missing") }
    }
    #expect(missing?.message == "the settings (there is no file): path: is missing")
    for text in ["nonsense", "[]"] {
      let settings = try self.settings(text)
      let error = #expect(throws: BusError.self) { try settings.decode(over: Wanted()) }
      #expect(
        error?.message.contains("settings.json:1:1: the settings: a mapping of limits, path, rates, retry") == true)
    }
  }

  @Test func `has exit codes that say what an operator has to do`() {
    func code(_ code: BusError.Code, wire: Int? = nil) -> Int32 { ExitStatus(BusError(code, "", wire: wire)).rawValue }
    #expect(code(.usage) == 64)
    #expect(code(.unreachable) == 69)
    #expect(code(.keyRefused) == 77)
    #expect(code(.superseded) == 77)
    #expect(code(.refused, wire: 206) == 77)
    #expect(code(.refused, wire: 404) == 70)
    #expect(code(.journalReplaced) == 75)
    #expect(code(.protocolMismatch) == 76)
    #expect(code(.configuration) == 78)
    #expect(code(.missingFile) == 66 && code(.openKeyFile) == 77)
    #expect(ExitStatus(CancellationError()).rawValue == 70)
  }
}

@Suite("A log line")
struct LogTests {
  @Test func `is level, message, and metadata by name`() {
    let line = StderrLogHandler.line(
      level: .warning, message: "not so good", metadata: ["b": "two words", "a": "1", "c": "say \"x\"", "d": ""],
      colours: false)
    #expect(line == #"WARNING not so good a=1 b="two words" c="say \"x\"" d="""#)
  }

  @Test func `stays one line and does not steer a terminal`() {
    let line = StderrLogHandler.line(
      level: .info, message: "a\nb\u{1b}[2Jc\r", metadata: ["k": "x\ty"], colours: false)
    #expect(line == #"INFO a\nb\x1b[2Jc\r k=x\ty"#)
  }

  @Test func `is coloured on a terminal only`() throws {
    #expect(
      StderrLogHandler.line(level: .error, message: "m", metadata: [:], colours: true) == "\u{1b}[31mERROR\u{1b}[0m m")
    let folder = TemporaryFolder()
    let descriptor = open(folder.file("log"), O_WRONLY | O_CREAT, 0o600)
    var handler = StderrLogHandler(level: .info, descriptor: descriptor)
    handler[metadataKey: "who"] = "xx.exercise/p-1"
    let logger = Logger(label: "x") { [handler] _ in handler }
    logger.info("hello", metadata: ["n": "1"])
    logger.debug("not shown")
    close(descriptor)
    #expect(try String(contentsOfFile: folder.file("log"), encoding: .utf8) == "INFO hello n=1 who=xx.exercise/p-1\n")
  }
}
