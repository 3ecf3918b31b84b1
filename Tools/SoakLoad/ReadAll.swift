import ArgumentParser
import CasusEvents
import CasusPlugin

/// Reads the journal's history over the bus, from its first event to its last, and says how many there were.
struct ReadAll: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "read", abstract: "Read everything that the broker has, and print how many events that were.")

  func run() async throws {
    var connection = try Connection.fromEnvironment(
      Manifest(
        program: "soak-load", version: "1.0.0", summary: "Load", publishes: [], subscribes: ["casus.detection.v1"]))
    connection.patience = .seconds(10)
    let bus = try await Bus.connect(connection)
    let stream = try await bus.subscribe(Subscription(types: ["casus.detection.v1"], from: .earliest, until: .last))
    var count = 0
    while try await stream.next() != nil { count += 1 }
    print(count)
    await bus.close()
  }
}
