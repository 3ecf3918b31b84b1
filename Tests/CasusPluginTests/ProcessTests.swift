import CasusEvents
import CasusTestKit
import CasusWire
import Foundation
import TestSupport
import Testing
import ZeroMQ

@testable import CasusPlugin

/// The example plugin as a process, the way a launcher runs it.
@Suite("A plugin's process", .timeLimit(.minutes(15)))
struct ProcessTests {
  private let folder = TemporaryFolder()

  /// Programs lie beside the test bundle.
  private static let program: String? = {
    for candidate in [URL(fileURLWithPath: CommandLine.arguments[0])] + Bundle.allBundles.map(\.bundleURL) {
      var folder = candidate.resolvingSymlinksInPath()
      while folder.path != "/" {
        folder.deleteLastPathComponent()
        let path = folder.appendingPathComponent("example-counter").path
        if FileManager.default.isExecutableFile(atPath: path) { return path }
      }
    }
    return nil
  }()

  private final class Running {
    let process = Process()
    let output = Pipe()
    let errors = Pipe()

    func finish() -> (code: Int32, output: String, errors: String) {
      let output = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      let errors = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      return (process.terminationReason == .exit ? process.terminationStatus : -1, output, errors)
    }
  }

  private func start(_ arguments: [String] = [], _ environment: [String: String] = [:]) throws -> Running {
    let running = Running()
    running.process.executableURL = URL(fileURLWithPath: try #require(Self.program))
    running.process.arguments = arguments
    running.process.environment = environment
    running.process.standardOutput = running.output
    running.process.standardError = running.errors
    try running.process.run()
    return running
  }

  private func environment(_ broker: FakeBroker, allowed: Bool = true) throws -> [String: String] {
    let connection = try broker.connection(allowed: allowed)
    let path = folder.file("key")
    try KeyFile(comment: "casus key xx.exercise/counter-1", keys: connection.keys).write(path, replacing: true)
    return [
      "CASUS_BROKER": broker.endpoint, "CASUS_BROKER_KEY": broker.keys.publicKey.z85, "CASUS_KEY_FILE": path,
      "CASUS_IDENTITY": "xx.exercise/counter-1", "CASUS_STATE": folder.path,
    ]
  }

  @Test func `without its environment says in one line what is missing`() throws {
    let result = try start().finish()
    #expect(result.code == 78)
    #expect(result.errors.split(separator: "\n").count == 1)
    #expect(result.errors.hasPrefix("example-counter: not set: CASUS_BROKER, "))
  }

  @Test func `explains itself, and takes no other arguments`() throws {
    let help = try start(["--help"]).finish()
    #expect(help.code == 0)
    #expect(help.output.contains("CASUS_KEY_FILE"))
    #expect(try start(["--version"]).finish().output == "example-counter 1.0.0\n")
    let wrong = try start(["--what"]).finish()
    #expect(wrong.code == 64)
    #expect(wrong.errors.contains("--what"))
  }

  @Test func `runs until SIGTERM, says goodbye and ends with 0`() async throws {
    let broker = try FakeBroker()
    let running = try start([], try environment(broker))
    let request = try await broker.wait { heard in heard.compactMap(\.subscribe).first }
    _ = try await broker.wait { heard in heard.first { $0.credit != nil } }
    let hit = try Draft(
      Detection(
        finding: Finding(uid: "u", title: "EXERCISE", analytic: Analytic(name: "EXERCISE")), severityID: 1,
        firstSeen: Timestamp(nanoseconds: 0), lastSeen: Timestamp(nanoseconds: 0), asset: Asset(id: "EXERCISE-rtu")),
      id: "hit", time: Timestamp(nanoseconds: 0), tlp: .green, exercise: true
    ).encoded(source: "//xx.exercise/source")
    broker.deliver(request.subscription, (1...8).map { FakeBroker.Event(sequence: $0, bytes: hit) })
    _ = try await broker.wait { heard in heard.compactMap(\.ack).last.flatMap { $0.through == 8 ? $0 : nil } }
    broker.deliver(request.subscription, (9...10).map { FakeBroker.Event(sequence: $0, bytes: hit) })
    let output = try await broker.wait { heard in heard.first { $0.publish != nil }?.events.first }
    #expect(String(decoding: output, as: UTF8.self).contains("EXERCISE-rtu was hit ten times"))
    _ = try await broker.wait { heard in heard.compactMap(\.ack).last.flatMap { $0.through == 10 ? $0 : nil } }
    running.process.terminate()
    let result = running.finish()
    #expect(result.code == 0)
    #expect(result.errors.contains("INFO connected broker=fake"))
    #expect(result.errors.contains("INFO stopping signal=15"))
    #expect(!result.errors.contains("\u{1b}"))
    #expect(broker.heard.last { $0.bye != nil }?.bye?.reason == "stopped")
    broker.stop()
  }

  @Test func `gives up without a broker when it was told how long to wait`() async throws {
    let broker = try FakeBroker()
    let environment = try environment(broker).merging(["CASUS_CONNECT_TIMEOUT": "0.3"]) { $1 }
    broker.stop()
    let result = try start([], environment).finish()
    #expect(result.code == 69)
    #expect(result.errors.contains(broker.endpoint))
  }

  @Test func `whose key is refused ends with 77 when it was told how long to wait`() async throws {
    let broker = try FakeBroker()
    let environment = try environment(broker, allowed: false).merging(["CASUS_CONNECT_TIMEOUT": "0.5"]) { $1 }
    let result = try start([], environment).finish()
    #expect(result.code == 77)
    broker.stop()
  }
}
