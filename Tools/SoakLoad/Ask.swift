import ArgumentParser
import CasusPlugin

/// A question to the broker; prints the answer as JSON.
struct Ask: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Ask the broker, as 'ask status'.")

  @Argument var what: String

  func run() async throws {
    var connection = try Connection.fromEnvironment(
      Manifest(program: "soak-load", version: "1.0.0", summary: "Load", publishes: [], subscribes: []))
    connection.patience = .seconds(10)
    let bus = try await Bus.connect(connection)
    print(String(decoding: try await bus.request(what), as: UTF8.self))
    await bus.close()
  }
}
