import CasusEvents
import CasusWire
import Foundation
import Testing
import ZeroMQ

/// What becomes of a plugin that asks for too much in vain, and of one that only makes a mistake again and again.
extension Hostile {
  @Test(arguments: ["tcp", "ipc"])
  func `a flood is cut off and told why while the others go on`(transport: String) throws {
    let broker = try RealBroker(
      ["a": .init(), "b": .init(), "evil": .init()],
      settings: "limits: {faults_per_s: 1000, faults_at_once: 4000, cut_off_s: 3}")
    let endpoint = transport == "tcp" ? broker.endpoint : "ipc://\(broker.folder)/bus"
    let publisher = try broker.join("a")
    let subscriber = try broker.join("b")
    try subscriber.subscribe([">"], from: .latest)
    let flooder = try Flooder(endpoint, broker)
    let told = try flooder.floodUntilToldOff()
    #expect(told.fatal && told.error.message.contains("refused messages"), "\(told)")
    #expect(flooder.visitor.waits(for: .disconnected) != nil, "its connection is still open")

    // Told to everybody, and counted.
    try subscriber.wait { client in
      client.events.contains {
        RawClient.member("type", of: $0.bytes) == "casus.bus.refused.v1"
          && String(decoding: $0.bytes, as: UTF8.self).contains("\"name\":\"flooding\"")
      }
    }
    let plugin = try Self.status(of: "evil", broker)
    #expect(plugin["cut_off"] as? Int == 1)
    #expect((1...3_000).contains(plugin["cut_off_ms"] as? Int ?? 0), "\(plugin)")

    // Its key is not let in for a while; the others are served.
    let newcomer = try Flooder(endpoint, broker)
    let failed: MonitorEvent.Kind = [
      .handshakeFailedAuth, .handshakeFailedNoDetail, .handshakeFailedProtocol, .disconnected,
    ]
    let seen = newcomer.visitor.waits(for: failed.union(.handshakeSucceeded))
    #expect(seen.map { failed.contains($0) } ?? false, "it was let in: \(seen as Any)")
    #expect(try publisher.publish([detection("honest")]).accepted == 1)
    try subscriber.wait { $0.events.contains { $0.id == "honest" } }

    // It may come back.
    var isBack = false
    let deadline = Date().addingTimeInterval(30)
    while !isBack, Date() < deadline {
      let back = try Flooder(endpoint, broker)
      isBack = try back.visitor.hears(milliseconds: 500)
    }
    #expect(isBack, "it is never served again")
  }

  @Test func `many refused events are no flood`() throws {
    let broker = try RealBroker()
    let sensor = try broker.join("a")
    for _ in 0..<100 {
      let published = try sensor.publish((0..<100).map { "{\"id\":\"\($0)\"}" })
      #expect(published.refused.count == 100)
    }
    #expect(try sensor.publish([detection("good")]).accepted == 1)
    let plugin = try Self.status(of: "a", broker)
    #expect(plugin["refused"] as? Int == 10_000)
    #expect(plugin["cut_off"] as? Int == 0)
  }

  /// Whoever publishes a wrong file is no flooder: the SDK slows down before the broker has to cut it off.
  @Test func `a wrong file of any length is refused event by event`() throws {
    let broker = try RealBroker(settings: "limits: {faults_per_s: 10000, faults_at_once: 8000}")
    let lines = (0..<20_000).map { "{\"specversion\":\"1.0\",\"id\":\"b\($0)\",\"type\":\"casus.detection.v1\"}\n" }
    try lines.joined().write(toFile: "\(broker.folder)/wrong.jsonl", atomically: true, encoding: .utf8)
    let (code, text) = try broker.casus("publish", "wrong.jsonl")
    #expect(code == 1)
    #expect(text.contains("20,000 refused"), "\(text.suffix(300))")
    #expect(text.components(separatedBy: "\nrefused b").count >= 20_000)
    #expect(try Self.status(of: "op", broker)["cut_off"] as? Int == 0)
  }

  enum Way: CaseIterable, Sendable { case refuse, leave }

  /// 64 subscriptions that process nothing: 20,480 failed attempts in a moment, twice as many as quarantine has room for.
  @Test(arguments: Way.allCases)
  func `who fails at everything is told of by a few events and the others go on`(way: Way) throws {
    let broker = try RealBroker(["a": .init(), "b": .init(), "evil": .init()])
    let publisher = try broker.join("a")
    let neighbour = try broker.join("b")
    try neighbour.subscribe(["casus.detection.v1", "casus.bus.quarantined.v1"])
    let evil = try broker.join("evil")
    for number in 0..<64 {
      try evil.send(
        .subscribe(
          Subscribe(
            subscription: number, types: ["casus.detection.v1"], name: "work-\(number)", creditEvents: 1_000,
            creditBytes: 1 << 20, maxAttempts: 1)))
      let _: Subscribed = try evil.answer { if case .subscribed(let it) = $0 { it } else { nil } }
    }
    for batch in 0..<4 {
      #expect(try publisher.publish((0..<80).map { try detection("d-\(batch)-\($0)") }).accepted == 80)
    }
    try evil.wait { $0.events.count == 64 * 320 }
    switch way {
    case .refuse:
      let sequences = Set(evil.events.map(\.sequence)).sorted()
      for number in 0..<64 { try evil.send(.nack(Nack(subscription: number, sequences: sequences))) }
    case .leave: _ = try broker.join("evil")
    }
    #expect(try publisher.publish([detection("honest")]).accepted == 1)
    func told() -> [[String: Any]] {
      neighbour.events.compactMap {
        guard RawClient.member("type", of: $0.bytes) == "casus.bus.quarantined.v1" else { return nil }
        return (try? JSONSerialization.jsonObject(with: Data($0.bytes)) as? [String: Any])?["data"] as? [String: Any]
      }
    }
    try neighbour.wait(seconds: 60) { _ in told().reduce(0) { $0 + ($1["count"] as? Int ?? 1) } == 10_000 }
    #expect(neighbour.events.contains { $0.id == "honest" })
    #expect(told().count < 1_000 && told().contains { $0["full"] as? Bool == true }, "\(told().count)")
    // A person sees each of them, and makes room.
    let list = try broker.casus("quarantine", "list", "--plugin", "jp.test/evil").text
    #expect(list.hasSuffix("\n10000 in quarantine\n") && list.split(separator: "\n").count == 10_001)
    // What found no room may take it at once.
    let dropped = try #require(try broker.casus("quarantine", "drop").text.split(separator: "\n").last).split(
      separator: " ")
    #expect(dropped.last == "dropped" && Int(dropped[0]) ?? 0 >= 10_000, "\(dropped)")
  }

  private static func status(of name: String, _ broker: RealBroker) throws -> [String: Any] {
    let plugins = try broker.join("op").status()["plugins"] as? [[String: Any]] ?? []
    return try #require(plugins.first { $0["name"] as? String == "jp.test/\(name)" })
  }
}

/// A session of the plugin `evil` that sends messages that say nothing.
private struct Flooder {
  let visitor: Visitor

  init(_ endpoint: String, _ broker: RealBroker) throws {
    visitor = try Visitor(
      endpoint, keys: try KeyFile.read("\(broker.folder)/keys/evil.key").keys, server: broker.key)
    try visitor.socket.send(
      ClientCommand.hello(Hello(identity: "jp.test/evil", program: "x", version: "1")).encoded())
  }

  /// Sends on and on; the error that ends it.
  func floodUntilToldOff() throws -> ErrorReply {
    var poller = Poller()
    poller.add(visitor.socket)
    for _ in 0..<2_000 {
      for _ in 0..<50 { _ = try visitor.socket.trySend([0x7b]) }
      while try poller.wait(for: .milliseconds(1)) > 0 {
        let frames = try visitor.socket.receiveFrames()
        let reply = try frames[0].withUnsafeBytes { try WireDecoder().brokerReply($0) }
        if case .error(let error) = reply, error.error.code == .flooding { return error }
      }
    }
    throw Failure("100,000 messages that say nothing, and the broker puts up with them")
  }
}
