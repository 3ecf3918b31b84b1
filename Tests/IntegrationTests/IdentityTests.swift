import CasusTestKit
import CasusWire
import Foundation
import Glibc
import TestSupport
import Testing
import ZeroMQ

@Suite(.blocking, .timeLimit(.minutes(15))) struct RealIdentity {
  /// Whether the broker answers a hello within a second.
  private func isHeard(_ client: RawClient) throws -> Bool {
    try client.send(.hello(Hello(identity: "jp.test/a", program: "raw", version: "1")))
    let answer: Void? = try? client.answer(seconds: 1) { _ in () }
    return answer != nil
  }

  @Test func `an unregistered key is not heard`() throws {
    let broker = try RealBroker()
    let stranger = try RawClient(broker.endpoint, server: broker.key, keys: CurveKeyPair.generate(), name: "a")
    #expect(try !isHeard(stranger))
    #expect(try broker.join("a").publish([detection("x")]).accepted == 1)
  }

  @Test func `a connection without encryption is not heard`() throws {
    let broker = try RealBroker()
    let plain = try RawClient(broker.endpoint, server: broker.key, keys: nil, name: "a")
    #expect(try !isHeard(plain))
  }

  @Test func `hello under anothers name is refused`() throws {
    let broker = try RealBroker()
    let client = try broker.client("a")
    try client.send(.hello(Hello(identity: "jp.test/b", program: "raw", version: "1")))
    #expect(try client.error().error.code == .identityMismatch)
  }

  @Test func `a key taken out of the registry is cut off without a restart`() throws {
    let broker = try RealBroker()
    let client = try broker.join("a")
    try client.publish([detection("x")])
    try RealBroker.register(["b": .init(), "op": .init(roles: ["operator"])], in: broker.folder)
    #expect(try client.error().error.code == .keyRevoked)
    try client.sendBatch([detection("y")])
    #expect(try client.error().error.code == .unauthenticated)
    let newcomer = try broker.client("a")
    #expect(try !isHeard(newcomer))
  }

  @Test func `a plugin added to the registry is let in without a restart`() throws {
    let broker = try RealBroker()
    _ = try RealBroker.makeKey("c", in: broker.folder)
    try RealBroker.register(["a": .init(), "b": .init(), "c": .init(), "op": .init()], in: broker.folder)
    // A refused client does not try again by itself, so each try is a new connection.
    var welcome: Welcome?
    for _ in 0..<20 where welcome == nil {
      let client = try broker.client("c")
      try client.send(.hello(Hello(identity: "jp.test/c", program: "raw", version: "1")))
      welcome = try? client.answer(seconds: 1) { if case .welcome(let it) = $0 { it } else { nil } }
    }
    #expect(welcome?.identity == "jp.test/c")
  }

  @Test func `a registry that cannot be read leaves the old one in force`() throws {
    let broker = try RealBroker()
    let client = try broker.join("a")
    try "agency: [".write(toFile: "\(broker.folder)/registry/jp.test.yaml", atomically: true, encoding: .utf8)
    try awaitCondition("a word of the registry that stays") {
      broker.process.printed.contains("what the file said before stays in force")
    }
    #expect(try client.publish([detection("x")]).accepted == 1)
  }
}
