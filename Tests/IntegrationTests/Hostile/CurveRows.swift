import CasusWire
import Foundation
import ZeroMQ

/// Those with a good key whose CURVE is their own: an honest handshake, then whatever they like.
enum CurveRows {
  static let all: [HostileRow] = recordings + handshakes + frames + floods

  private static let recordings: [HostileRow] = [
    HostileRow("an honest session, recorded and played again", .hungUp) { arena in
      let recorder = try Recorder(to: arena.broker.endpoint)
      let client = try RawClient(
        recorder.endpoint, server: arena.broker.key, keys: arena.evilKeys, name: "evil")
      try client.hello()
      try client.send(.ping(Ping()))
      let _: Pong = try client.answer { if case .pong(let it) = $0 { it } else { nil } }
      let said = recorder.stop()
      guard said.count > 64 + 200 + 257 else { throw Failure("only \(said.count) bytes were recorded") }
      let raw = try RawTCP(arena.broker.endpoint)
      raw.send(said)
      return raw.isHungUp() ? .hungUp : .unheard
    }
  ]

  private static let ping = Array("{\"op\":\"ping\"}".utf8)

  private static func wire(_ arena: Arena, metadata: [UInt8]? = nil) throws -> CurveWire {
    try CurveWire(arena.broker.endpoint, keys: arena.evilKeys, server: arena.broker.key, metadata: metadata)
  }

  private static func handshake(_ name: String, _ metadata: [UInt8]) -> HostileRow {
    HostileRow(name, .handshakeFailed) { arena in
      guard let wire = try? wire(arena, metadata: metadata) else { return .handshakeFailed }
      wire.send(ping)
      return wire.tcp.isHungUp(seconds: 1) ? .handshakeFailed : .served
    }
  }

  private static let dealer = CurveWire.property("Socket-Type", "DEALER")

  private static let handshakes: [HostileRow] = [
    handshake(
      "properties that lie about their length", dealer + [4, 0x61, 0x62, 0x63, 0x64, 0xff, 0xff, 0xff, 0xff, 1]),
    handshake("properties cut short", Array(dealer.dropLast(2))),
    handshake("the socket type PUB", CurveWire.property("Socket-Type", "PUB")),
    handshake("a socket type that is none", CurveWire.property("Socket-Type", "GATE")),
    HostileRow("a User-Id of its own", .refused([.identityMismatch])) { arena in
      let person = try KeyFile.read("\(arena.broker.folder)/keys/op.key").keys.publicKey.z85
      let wire = try wire(arena, metadata: dealer + CurveWire.property("User-Id", person))
      wire.send(ClientCommand.hello(Hello(identity: "jp.test/op", program: "x", version: "1")).encoded())
      guard let answer = try wire.hear() else { return .unheard }
      guard case .error(let error) = try answer.withUnsafeBytes({ try WireDecoder().brokerReply($0) }) else {
        return .served
      }
      return .refused([error.error.code])
    },
  ]

  private static func frames(_ name: String, _ act: @escaping @Sendable (CurveWire) -> Void) -> HostileRow {
    HostileRow(name, .hungUp) { arena in
      let wire = try wire(arena)
      act(wire)
      return wire.tcp.isHungUp() ? .hungUp : .unheard
    }
  }

  private static let frames: [HostileRow] = [
    frames("a nonce used twice") { wire in
      let nonce = wire.next()
      wire.send(ping, nonce: nonce)
      wire.send(ping, nonce: nonce)
    },
    frames("a nonce that goes back") { wire in
      wire.send(ping, nonce: [0, 0, 0, 0, 0, 0, 9, 9])
      wire.send(ping, nonce: [0, 0, 0, 0, 0, 0, 9, 8])
    },
    frames("a frame, recorded and played again on the same connection") { wire in
      let sealed = wire.seal(ping)
      wire.tcp.send(sealed)
      wire.tcp.send(sealed)
    },
    frames("a box with a bit changed") { $0.send(ping, spoil: true) },
    frames("a box that is too short") { $0.tcp.send([0x00, 17, 7] + Array("MESSAGE".utf8) + $0.next() + [1]) },
    frames("a frame in clear after the handshake") { $0.tcp.send([0x00, 13] + ping) },
    frames("a second HELLO") { $0.tcp.send(ZMTP.command("HELLO", [UInt8](repeating: 0, count: 194))) },
    frames("a frame over the largest size, by its length alone") { $0.tcp.send(ZMTP.promise(1 << 24, flags: 0)) },
  ]

  private static let floods: [HostileRow] = [
    HostileRow("a message without an end", .hungUp) { arena in
      let wire = try wire(arena)
      let frame = [UInt8](repeating: 7, count: 65_536)
      // 1 GiB, if the broker took it all.
      for _ in 0..<16_384 where !wire.send(frame, flags: 1) { return .hungUp }
      return wire.tcp.isHungUp() ? .hungUp : .served
    },
    HostileRow("a message without an end, of small frames", .hungUp) { arena in
      let wire = try wire(arena)
      let small = [UInt8](repeating: 7, count: 200)
      for _ in 0..<40_000 {
        var many: [UInt8] = []
        for _ in 0..<100 { many += wire.seal(small, flags: 1) }
        guard wire.tcp.send(many) else { return .hungUp }
      }
      return wire.tcp.isHungUp() ? .hungUp : .served
    },
  ]
}
