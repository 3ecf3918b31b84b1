import CasusEvents
import CasusJournal
import CasusTestKit
import CasusWire
import Foundation
import TestSupport
import Testing

/// A real broker on a journal that one with a wrong clock has left behind.
@Suite(.blocking, .timeLimit(.minutes(15)))
struct RealClock {
  private static let years: Int64 = 315_360_000_000_000_000

  private func wall() -> Int64 { Int64(Date().timeIntervalSince1970) * 1_000_000_000 }

  @Test func `times come back after a start with a clock that was years ahead`() throws {
    let broker = try RealBroker()
    try broker.join("a").publish([detection("before")])
    broker.process.kill(signal: SIGTERM)
    _ = broker.process.wait()
    let journal = try FileJournal.open("\(broker.folder)/journal")
    let batch = journal.makeBatch()
    let type = EventType.detection
    let edition = journal.edition(
      of: try journal.type(type), schema: EventSchemas.all.first { $0.type == type.rawValue }?.bytes ?? [])
    let sender = try journal.sender("jp.test/a")
    try Array(detection("ahead").utf8).withUnsafeBytes {
      try batch.append(
        sequence: journal.lastSequence + 1, recorded: Timestamp(nanoseconds: wall() + Self.years), sender: sender,
        edition: edition, flags: [], published: nil, event: $0)
    }
    _ = try journal.commit(batch)
    try journal.close()

    try broker.restart()
    let client = try broker.join("a")
    try client.publish([detection("after")])
    let reader = try broker.join("b")
    try reader.subscribe(["casus.detection.v1", "casus.bus.clock.v1"])
    try reader.wait { client in
      client.events.contains { $0.id == "after" } && client.events.contains { $0.id.hasPrefix("bus-") }
    }
    let now = wall()
    let day: Int64 = 86_400_000_000_000
    #expect(reader.events.map(\.sequence) == reader.events.map(\.sequence).sorted())
    for event in reader.events where event.id != "ahead" {
      #expect(abs(event.recorded.nanoseconds - now) < day, "\(event.id)")
    }
    #expect(reader.events.first { $0.id == "ahead" }.map { $0.recorded.nanoseconds > now + Self.years - day } == true)
    #expect(broker.process.printed.contains("the clock went back"))
    let step = (try broker.join("op").status()["broker"] as? [String: Any])?["clock_step"] as? [String: String]
    #expect(step?["after"] != nil)
  }
}
