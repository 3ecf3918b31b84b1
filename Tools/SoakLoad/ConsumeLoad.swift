import ArgumentParser
import CasusEvents
import CasusPlugin

/// Reads a durable subscription, notes each event, and acknowledges what is noted.
struct ConsumeLoad: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "consume", abstract: "Read a durable subscription until SIGTERM; note, then acknowledge each event.")

  @Option(help: "Where to note each event.") var notes: String
  @Option(help: "The subscription's name.") var name = "soak"

  func run() async throws {
    Stop.listen()
    let connection = try Connection.fromEnvironment(
      Manifest(
        program: "soak-load", version: "1.0.0", summary: "Load", publishes: [], subscribes: ["casus.detection.v1"]))
    let file = try Notes(notes)
    let bus = try await Bus.connect(connection)
    let stream = try await bus.subscribe(
      Subscription(types: ["casus.detection.v1"], name: name, from: .earliest, windowEvents: 2048))
    let reading = Task {
      while let event = try await stream.next() {
        let now = wallClock()
        let recorded = UInt64(max(0, event.stamp.recorded.nanoseconds))
        try file.add([
          Notes.Entry(sequence: event.stamp.sequence, latency: now > recorded ? now - recorded : 0, moment: now)
        ])
        stream.ack(upTo: event.stamp.sequence)
      }
    }
    while !Stop.isAsked { try await Task.sleep(for: .milliseconds(20)) }
    reading.cancel()
    _ = await reading.result
    await bus.close()
  }
}
