import CasusEvents
import CasusPlugin
import Foundation
import Glibc
import Testing

@testable import CasusTestKit

@Suite(.timeLimit(.minutes(15))) struct TestBrokerTests {
  private let identities: [TestBroker.Identity] = [
    .init("xx.exercise/sensor-1", publish: ["casus.detection.v1"], roles: ["exercise"])
  ]
  private let manifest = Manifest(
    program: "sensor", version: "1.0.0", summary: "EXERCISE", publishes: [.detection], subscribes: [])

  private func detection(_ id: String) -> Draft {
    let time = Timestamp(rfc3339: "2026-01-01T00:00:00Z")!
    return Draft(
      Detection(
        finding: Finding(uid: id, title: "EXERCISE", analytic: Analytic(name: "EXERCISE rule")), severityID: 2,
        firstSeen: time, lastSeen: time), id: id, time: time, exercise: true)
  }

  @Test func `a real broker keeps what it acknowledged and leaves nothing`() async throws {
    let broker = try await TestBroker.start(identities)
    let process = broker.process.pid
    let bus = try await Bus.connect(broker.connection("xx.exercise/sensor-1", manifest))
    guard case .accepted = try await bus.publish([detection("one")]).first else {
      Issue.record("the event was refused")
      return
    }
    try await broker.crashAndRestart()
    #expect(try await broker.events(1).map(\.envelope.id) == ["one"])
    await bus.close()
    let environment = try broker.environment(of: "xx.exercise/sensor-1", settings: "{}")
    #expect(environment["CASUS_BROKER"] == broker.endpoint)
    #expect(environment["CASUS_SETTINGS"].map { FileManager.default.fileExists(atPath: $0) } == true)
    let last = broker.process.pid
    broker.stop()
    broker.stop()
    #expect(kill(process, 0) != 0 && kill(last, 0) != 0)
    #expect(!FileManager.default.fileExists(atPath: broker.folder))
  }

  @Test func `it refuses what the registry does not allow`() async throws {
    let broker = try await TestBroker.start([.init("xx.exercise/reader-1", subscribe: ["casus.>"])])
    let bus = try await Bus.connect(broker.connection("xx.exercise/reader-1", manifest))
    guard case .refused(let refusal) = try await bus.publish([detection("one")]).first else {
      Issue.record("the event was taken")
      return
    }
    #expect(refusal.name == "type-not-permitted")
    await bus.close()
    #expect(throws: TestKitError.self) { try broker.connection("xx.exercise/nobody", manifest) }
    broker.stop()
  }

  @Test func `a broker that cannot start says why`() async throws {
    let error = await #expect(throws: TestKitError.self) {
      try await TestBroker.start(identities, settings: "no_such_setting: 1")
    }
    #expect(error?.code == .noBroker)
    #expect(error?.description.contains("no_such_setting") == true)
    let missing = await #expect(throws: TestKitError.self) {
      try await TestBroker.start(identities, casusd: "/nowhere/casusd")
    }
    #expect(missing?.code == .noBroker)
  }
}
