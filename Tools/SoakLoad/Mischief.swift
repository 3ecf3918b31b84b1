import ArgumentParser
import CasusEvents
import CasusPlugin
import ZeroMQ

/// Publishes events that their schema refuses, and wants each to be refused.
struct BadEvents: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bad", abstract: "Publish events that break their schema; exit code 1 when one is accepted.")

  @Option var count = 10

  func run() async throws {
    let connection = try Connection.fromEnvironment(
      Manifest(program: "soak-load", version: "1.0.0", summary: "Load", publishes: [.detection], subscribes: []))
    let bus = try await Bus.connect(connection)
    let events = (0..<count).map { number in
      Array(
        """
        {"specversion":"1.0","id":"bad-\(number)","source":"//\(connection.identity)","type":"casus.detection.v1",\
        "time":"2026-01-01T00:00:00Z","tlp":"AMBER","datacontenttype":"application/json","data":{"no":\(number)}}
        """.utf8)
    }
    for outcome in try await bus.publish(encoded: events) {
      guard case .refused = outcome else { throw Trouble("accepted: \(outcome)") }
    }
    await bus.close()
  }
}

/// Knocks with keys that the registry does not have, and wants each to be refused.
struct Strangers: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Connect with unknown keys; exit code 1 when one is let in.")

  @Option var count = 5

  func run() async throws {
    for _ in 0..<count {
      var connection = try Connection.fromEnvironment(
        Manifest(program: "soak-load", version: "1.0.0", summary: "Load", publishes: [], subscribes: []))
      connection.keys = try CurveKeyPair.generate()
      connection.refusalIsFinal = true
      do {
        let bus = try await Bus.connect(connection)
        await bus.close()
        throw Trouble("a stranger was let in")
      } catch let error as BusError where error.code == .keyRefused {
        continue
      }
    }
  }
}
