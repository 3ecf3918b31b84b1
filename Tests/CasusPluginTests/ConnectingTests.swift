import CasusEvents
import CasusTestKit
import CasusWire
import Foundation
import Synchronization
import Testing
import ZeroMQ

@testable import CasusPlugin

@Suite("A connection", .timeLimit(.minutes(15)))
struct ConnectingTests {
  @Test func `says hello with identity, versions and manifest`() async throws {
    let broker = try FakeBroker()
    let bus = try await Bus.connect(try broker.connection(subscribes: ["casus.>"]), logger: quiet)
    let hello = try #require(broker.heard.first?.hello)
    #expect(hello.protocols == 1...1)
    #expect(hello.identity == "xx.exercise/tester")
    #expect(hello.program == "tester")
    #expect(hello.version == "1.2.3")
    #expect(hello.publishes == ["casus.detection.v1"])
    #expect(hello.subscribes == ["casus.>"])
    await bus.close()
    broker.stop()
  }

  @Test func `says goodbye behind everything else`() async throws {
    let broker = try FakeBroker()
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    _ = try await bus.publish(encoded: [event("1")])
    await bus.close()
    let commands = try await broker.wait { heard in heard.contains { $0.bye != nil } ? heard : nil }
    let bye = try #require(commands.firstIndex { $0.bye != nil })
    #expect(commands.firstIndex { $0.publish != nil }.map { $0 < bye } == true)
    #expect(commands[bye].bye?.reason == "done")
    broker.stop()
  }

  @Test func `comes back after it was cut, with a new socket and a new hello`() async throws {
    let broker = try FakeBroker()
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    broker.drop()
    _ = try await broker.wait { heard in heard.last { $0.hello != nil }.flatMap { $0.connection == 2 ? $0 : nil } }
    let outcomes = try await bus.publish(encoded: [event("1")])
    #expect(outcomes == [.accepted(sequence: 1, duplicate: false, durability: "disk")])
    await bus.close()
    broker.stop()
  }

  @Test func `gives up when its patience is over, and names the endpoint`() async throws {
    // A port that was free a moment ago.
    let gone = try FakeBroker()
    let connection = try gone.connection(patience: .milliseconds(300))
    gone.stop()
    let error = await busError { _ = try await Bus.connect(connection, logger: quiet) }
    #expect(error?.code == .unreachable)
    #expect(error?.message.contains(connection.endpoint) == true)
  }

  @Test func `whose key is refused tries again with new sockets until the registry knows it`() async throws {
    let broker = try FakeBroker()
    let connection = try broker.connection(allowed: false)
    let connecting = Task { try await Bus.connect(connection, logger: quiet) }
    _ = try await broker.wait { _ in broker.asked >= 3 ? true : nil }
    #expect(broker.heard.isEmpty)
    broker.allow(connection.keys.publicKey)
    try await connecting.value.close()
    #expect(broker.heard.contains { $0.hello != nil })
    broker.stop()
  }

  @Test func `whose key is refused says so when its patience is over, or at once for a command`() async throws {
    let broker = try FakeBroker()
    var connection = try broker.connection(patience: .milliseconds(200), allowed: false)
    let patient = await busError {
      _ = try await Bus.connect(connection, logger: quiet)
    }
    #expect(patient?.code == .keyRefused)
    connection.patience = nil
    connection.refusalIsFinal = true
    let command = await busError {
      _ = try await Bus.connect(connection, logger: quiet)
    }
    #expect(command?.code == .keyRefused)
    broker.stop()
  }

  @Test func `that expects another broker's key does not get in, and says what to look at`() async throws {
    let broker = try FakeBroker()
    var connection = try broker.connection(patience: .milliseconds(300))
    connection.brokerKey = try CurveKeyPair.generate().publicKey
    let error = await busError {
      _ = try await Bus.connect(connection, logger: quiet)
    }
    #expect(error?.code == .unreachable)
    #expect(error?.message.contains("is CASUS_BROKER_KEY that broker's key?") == true, "\(error?.message ?? "")")
    broker.stop()
  }

  @Test(arguments: [
    (WireErrorCode.identityMismatch, BusError.Code.keyRefused), (.keyRevoked, .keyRefused),
    (.protocolVersion, .protocolMismatch), (.superseded, .superseded),
  ])
  func `ends for good when trying again cannot help`(wire: WireErrorCode, code: BusError.Code) async throws {
    let broker = try FakeBroker { heard in
      heard.hello == nil ? nil : [.init(.error(ErrorReply(error: WireError(wire), command: "hello", fatal: true)))]
    }
    let error = await busError {
      _ = try await Bus.connect(try broker.connection(), logger: quiet)
    }
    #expect(error?.code == code)
    #expect(broker.heard.count == 1)
    broker.stop()
  }

  @Test func `that another process took over ends everything that waits`() async throws {
    let broker = try FakeBroker { $0.publish == nil ? nil : [] }
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    let stream = try await bus.subscribe(Subscription(types: [">"]))
    let published = Task { try await bus.publish(encoded: [event("1")]) }
    let read = Task { try await stream.next() }
    _ = try await broker.wait { heard in heard.first { $0.publish != nil } }
    broker.send(.init(.error(ErrorReply(error: WireError(.superseded), fatal: true))))
    #expect(await busError { _ = try await published.value }?.code == .superseded)
    #expect(await busError { _ = try await read.value }?.code == .superseded)
    #expect(await busError { _ = try await bus.publish(encoded: [event("2")]) }?.code == .superseded)
    broker.stop()
  }

  @Test func `notices a broker that says nothing any more`() async throws {
    let silent = Atomic(false)
    let broker = try FakeBroker(heartbeat: 60) { heard in
      silent.load(ordering: .relaxed) && heard.connection == 1 ? [] : nil
    }
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    silent.store(true, ordering: .relaxed)
    _ = try await broker.wait { heard in heard.first { $0.connection == 2 && $0.hello != nil } }
    await bus.close()
    broker.stop()
  }

  @Test func `sends signs of life, and its health at once`() async throws {
    let broker = try FakeBroker(heartbeat: 50)
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    _ = try await broker.wait { heard in heard.filter { $0.ping?.state == .ok }.count >= 3 ? true : nil }
    bus.health(.degraded, "EXERCISE: half of it")
    let told = try await broker.wait { heard in heard.first { $0.ping?.state == .degraded } }
    #expect(told.ping?.text == "EXERCISE: half of it")
    broker.drop()
    // The health is told again to a broker that does not know it. On a slow machine there may have been others meanwhile.
    _ = try await broker.wait { heard in
      heard.first { $0.connection > told.connection && $0.ping?.state == .degraded }
    }
    await bus.close()
    broker.stop()
  }

  @Test func `asks questions, again after it was cut, and hears of a question that nobody knows`() async throws {
    let cut = Atomic(true)
    let broker = try FakeBroker { heard in
      guard case .request(let request) = heard.command else { return nil }
      if request.what == "status" { return cut.load(ordering: .relaxed) ? [] : nil }
      return [.init(.error(ErrorReply(error: WireError(.unknownRequest), command: "request", number: request.id)))]
    }
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    let answer = Task { try await bus.request("status") }
    _ = try await broker.wait { heard in heard.first { if case .request = $0.command { true } else { false } } }
    cut.store(false, ordering: .relaxed)
    broker.drop()
    #expect(try await answer.value == Array("{}".utf8))
    let error = await busError { _ = try await bus.request("weather") }
    #expect(error?.code == .refused)
    #expect(error?.wire == 405)
    await bus.close()
    broker.stop()
  }

  @Test func `that is fed what is no Casus is cut and made anew`() async throws {
    let broker = try FakeBroker()
    let bus = try await Bus.connect(try broker.connection(), logger: quiet)
    let stream = try await bus.subscribe(Subscription(types: [">"]))
    let number = try #require(broker.heard.compactMap(\.subscribe).first?.subscription)
    broker.send(
      .init(.deliver(Deliver(subscription: number, count: 2, senders: ["a/b"], through: 2)), batch: [1, 2, 3]))
    _ = try await broker.wait { heard in heard.first { $0.connection == 2 && $0.subscribe != nil } }
    broker.deliver(number, events(1...1))
    #expect(try await stream.next()?.stamp.sequence == 1)
    // A sender that the control frame does not name.
    broker.send(
      .init(
        .deliver(Deliver(subscription: number, count: 1, senders: [], through: 2)),
        batch: FakeBroker.delivery(number, events(2...2)).batch))
    _ = try await broker.wait { heard in heard.first { $0.connection == 3 && $0.subscribe != nil } }
    await bus.close()
    broker.stop()
  }
}
