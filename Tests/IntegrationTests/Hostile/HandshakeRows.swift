import CasusWire
import Foundation
import ZeroMQ

/// Those who never become a peer: wrong keys, wrong mechanisms, wrong protocols, rubbish.
enum HandshakeRows {
  static let all: [HostileRow] = keys + greetings + commands

  /// Opened before everything else and looked at after it: who stays silent is hung up on within the handshake's 3 s.
  static let silent: [(name: String, bytes: [UInt8])] = [
    ("nothing at all", []),
    ("one byte of a greeting", [0xff]),
    ("a signature, then silence", Array(ZMTP.greeting("CURVE").prefix(10))),
    ("63 bytes of a greeting", Array(ZMTP.greeting("CURVE").prefix(63))),
    ("a greeting, then silence", ZMTP.greeting("CURVE")),
    ("half a HELLO", ZMTP.greeting("CURVE") + ZMTP.command("HELLO", [UInt8](repeating: 1, count: 194)).prefix(100)),
    ("the promise of a frame", ZMTP.greeting("CURVE") + ZMTP.promise(200, flags: 0x04)),
    ("the first line of a TLS hello", [0x16, 0x03, 0x01, 0x02, 0x00, 0x01]),
  ]

  private static func stranger(
    _ name: String, _ expected: Outcome, keys: @escaping @Sendable (Arena) throws -> CurveKeyPair?,
    server: (@Sendable () throws -> CurvePublicKey)? = nil
  ) -> HostileRow {
    HostileRow(name, expected) { arena in
      let server = try server.map { try $0() } ?? arena.broker.key
      let visitor = try Visitor(arena.broker.endpoint, keys: try keys(arena), server: server)
      // It may have been refused already, and then nothing can be sent any more.
      _ = try visitor.socket.trySend(
        ClientCommand.hello(Hello(identity: "jp.test/a", program: "x", version: "1")).encoded())
      let end = visitor.waits(
        for: [
          .handshakeFailedAuth, .handshakeFailedNoDetail, .handshakeFailedProtocol, .handshakeSucceeded, .disconnected,
        ])
      if try visitor.hears(milliseconds: 0) { return .served }
      switch end {
      case MonitorEvent.Kind.handshakeFailedAuth: return .keyRefused
      case MonitorEvent.Kind.handshakeSucceeded, nil: return .served
      default: return .handshakeFailed
      }
    }
  }

  private static let keys: [HostileRow] = [
    stranger("an unknown key", .keyRefused) { _ in try .generate() },
    stranger("the broker's own key", .keyRefused) { try KeyFile.read("\($0.broker.folder)/keys/broker.key").keys },
    stranger("no key: NULL", .handshakeFailed) { _ in nil },
    stranger(
      "another broker's key as server key", .handshakeFailed, keys: { $0.evilKeys },
      server: { try CurveKeyPair.generate().publicKey }),
    HostileRow("a PUSH socket with a good key", .handshakeFailed) { arena in
      let visitor = try arena.visitor(kind: .push)
      return visitor.waits(for: [.handshakeFailedProtocol, .handshakeFailedNoDetail, .disconnected]) == nil
        ? .served : .handshakeFailed
    },
  ]

  private static func tcp(_ name: String, _ bytes: [UInt8]...) -> HostileRow {
    HostileRow(name, .hungUp) { arena in
      let raw = try RawTCP(arena.broker.endpoint)
      for chunk in bytes { raw.send(chunk) }
      return raw.isHungUp() ? .hungUp : .unheard
    }
  }

  private static let greetings: [HostileRow] = [
    tcp("PLAIN", ZMTP.greeting("PLAIN")),
    tcp("PLAIN with a password", ZMTP.greeting("PLAIN"), ZMTP.command("HELLO", [1, 0x61, 1, 0x61])),
    tcp("NULL with READY", ZMTP.greeting("NULL"), ZMTP.command("READY", [])),
    tcp("GSSAPI", ZMTP.greeting("GSSAPI")),
    tcp("a mechanism of rubbish", ZMTP.greeting("\u{1}\u{7f}\u{e9}CURVE")),
    tcp("CURVE in small letters", ZMTP.greeting("curve")),
    tcp("ZMTP 1.0, as old peers begin", [0x01, 0x00, 0x03, 0x00, 0x68, 0x69], [UInt8](repeating: 1, count: 64)),
    tcp("ZMTP 2.0", ZMTP.greeting("", version: [1, 0])),
    tcp("ZMTP 1.0 with a signature", ZMTP.greeting("", version: [0, 0])),
    tcp("ZMTP of a version to come, with NULL", ZMTP.greeting("NULL", version: [9, 9])),
    tcp("HTTP", Array("GET / HTTP/1.1\r\nHost: broker\r\n\r\n".utf8) + [UInt8](repeating: 0x0a, count: 64)),
    tcp("64 KiB of rubbish", (0..<65_536).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ 13) }),
  ]

  private static func curve(_ name: String, _ commands: [UInt8]...) -> HostileRow {
    HostileRow(name, .hungUp) { arena in
      let raw = try RawTCP(arena.broker.endpoint)
      raw.send(ZMTP.greeting("CURVE"))
      for chunk in commands where !raw.send(chunk) { return .hungUp }
      return raw.isHungUp() ? .hungUp : .unheard
    }
  }

  /// A HELLO of the right length: version, padding, client's key, nonce, box.
  private static func hello(key: UInt8, version: [UInt8] = [1, 0]) -> [UInt8] {
    ZMTP.command(
      "HELLO",
      version + [UInt8](repeating: 0, count: 72) + [UInt8](repeating: key, count: 32)
        + [UInt8](repeating: 0, count: 8) + [UInt8](repeating: 0x5a, count: 80))
  }

  private static let commands: [HostileRow] = [
    curve("HELLO with a box that is none", hello(key: 9)),
    curve("HELLO with a key of zeros", hello(key: 0)),
    curve("HELLO of version 9", hello(key: 9, version: [9, 9])),
    curve("a HELLO that is too short", ZMTP.command("HELLO", [1, 0])),
    curve("INITIATE without HELLO", ZMTP.command("INITIATE", [UInt8](repeating: 7, count: 300))),
    curve("MESSAGE without a handshake", ZMTP.command("MESSAGE", [UInt8](repeating: 7, count: 64))),
    curve("READY, as NULL has it", ZMTP.command("READY", Array("\u{b}Socket-Type\0\0\0\u{6}DEALER".utf8))),
    curve("ERROR", ZMTP.command("ERROR", [3, 0x34, 0x30, 0x30])),
    curve("PING before the handshake", ZMTP.command("PING", [0, 10])),
    curve("a message in clear", [0x00, 0x0d] + Array("{\"op\":\"ping\"}".utf8)),
    curve("a frame of 2^63-1 bytes", ZMTP.promise(UInt64(Int64.max), flags: 0x04), [UInt8](repeating: 1, count: 100)),
    curve("a frame of 2^40 bytes", ZMTP.promise(1 << 40, flags: 0x04), [UInt8](repeating: 1, count: 100)),
    curve("a frame of 2^64-1 bytes", ZMTP.promise(.max, flags: 0x00), [UInt8](repeating: 1, count: 100)),
    curve("flags that nobody gave a meaning", [0xf8, 0x01, 0x01]),
  ]
}
