import CasusEvents
import CasusPlugin
import CasusTestKit
import Testing

@Suite(.timeLimit(.minutes(15))) struct FakeBrokerTests {
  @Test func `a plugin is handed events and its own are taken`() async throws {
    let broker = try FakeBroker()
    let running = Task { try await Echo.run(over: broker.connection(Echo.manifest, as: "xx.exercise/echo-1")) }
    var maker = EventMaker()
    let sequences = broker.deliver(try [maker.record(note("one")), maker.record(note("two"))])
    let published = try await broker.published(2)
    #expect(published.map(\.envelope.id) == ["echo-one", "echo-two"])
    #expect(published[0].stamp.sender == "xx.exercise/echo-1")
    try await broker.acknowledged(sequences)
    running.cancel()
    try await running.value
    broker.stop()
  }

  @Test func `what the plugin could not process is handed back with its reason`() async throws {
    let broker = try FakeBroker()
    let running = Task { try await Echo.run(over: broker.connection(Echo.manifest)) }
    var maker = EventMaker()
    let sequences = broker.deliver(try [maker.record(note("bad")), maker.record(note("two"))])
    try await broker.acknowledged([sequences[1]])
    #expect(broker.handedBack.map(\.sequence) == [sequences[0]])
    #expect(broker.handedBack.first?.reason.contains("Bad") == true)
    #expect(!broker.acknowledged.contains(sequences[0]))
    running.cancel()
    broker.stop()
  }

  @Test func `a refusal comes to the publisher`() async throws {
    let broker = try FakeBroker()
    broker.refuse { event in
      event.envelope.id == "two" ? Refusal(code: 303, name: "schema", pointer: "/data", message: "not so") : nil
    }
    let bus = try await Bus.connect(broker.connection(Echo.manifest))
    let outcomes = try await bus.publish([note("one"), note("two"), note("three")])
    #expect(
      outcomes == [
        .accepted(sequence: 1, duplicate: false, durability: "disk"),
        .refused(Refusal(code: 303, name: "schema", pointer: "/data", message: "not so")),
        .accepted(sequence: 2, duplicate: false, durability: "disk"),
      ])
    #expect(broker.published.map(\.envelope.id) == ["one", "three"])
    await bus.close()
    broker.stop()
  }

  @Test func `a dropped plugin comes back`() async throws {
    let broker = try FakeBroker()
    let bus = try await Bus.connect(broker.connection(Echo.manifest))
    _ = try await bus.publish([note("one")])
    broker.drop()
    _ = try await bus.publish([note("two")])
    #expect(broker.published.map(\.envelope.id) == ["one", "two"])
    await bus.close()
    broker.stop()
  }

  @Test func `what never comes is said`() async throws {
    let broker = try FakeBroker()
    let error = await #expect(throws: TestKitError.self) {
      try await broker.published(1, within: .milliseconds(20))
    }
    #expect(error?.code == .timeout)
    broker.stop()
  }
}
