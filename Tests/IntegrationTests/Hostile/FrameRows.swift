import CasusWire
import Foundation
import ZeroMQ

/// Those with a good key and a session, whose frames are not what they should be.
enum FrameRows {
  static let all: [HostileRow] = controls + numbers + frames + batches + commands

  private static func text(_ text: String) -> [[UInt8]] { [Array(text.utf8)] }

  private static func refused(_ name: String, _ code: WireErrorCode, _ messages: [[UInt8]]...) -> HostileRow {
    HostileRow(name, .refused(messages.map { _ in code })) { try $0.refusals(messages) }
  }

  private static let controls: [HostileRow] = [
    refused("an empty control frame", .malformedControl, [[]]),
    refused("10^5 deep", .malformedControl, text(String(repeating: "[", count: 100_000))),
    refused("30,000 deep, within the size", .malformedControl, text(String(repeating: "{\"a\":", count: 10_000))),
    refused(
      "64 KiB and a byte", .malformedControl,
      text("{\"op\":\"ping\",\"text\":\"" + String(repeating: "x", count: 65_537 - 23) + "\"}")),
    refused("not UTF-8", .malformedControl, [Array("{\"op\":\"ping\",\"text\":\"".utf8) + [0xc3, 0x28, 0x22, 0x7d]]),
    refused("UTF-16", .malformedControl, ["{\"op\":\"ping\"}".utf16.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }]),
    refused("a byte order mark", .malformedControl, text("\u{feff}{\"op\":\"ping\"}")),
    refused("a lone surrogate", .malformedControl, text("{\"op\":\"ping\",\"text\":\"\\ud800\"}")),
    refused(
      "one name twice", .malformedControl, text("{\"op\":\"ping\",\"op\":\"bye\"}"),
      text("{\"op\":\"ping\",\"\\u006fp\":\"bye\"}")),
    refused("two objects", .malformedControl, text("{\"op\":\"ping\"}{\"op\":\"ping\"}")),
    refused("a zero byte behind", .malformedControl, [Array("{\"op\":\"ping\"}".utf8) + [0]]),
    refused("not an object", .malformedControl, text("[]"), text("\"ping\""), text("null"), text("1")),
    refused("op is no text", .malformedControl, text("{\"op\":1}"), text("{\"op\":null}"), text("{\"op\":[\"ping\"]}")),
    refused(
      "what only a broker says", .unknownCommand, text("{\"op\":\"welcome\"}"), text("{\"op\":\"published\"}"),
      text("{\"op\":\"subscribed\"}"), text("{\"op\":\"deliver\"}"), text("{\"op\":\"progress\"}"),
      text("{\"op\":\"pong\"}"), text("{\"op\":\"reply\"}"), text("{\"op\":\"unsubscribed\"}"),
      text("{\"op\":\"error\"}")),
    refused(
      "commands of nobody", .unknownCommand, text("{\"op\":\"\"}"), text("{\"op\":\"Ping\"}"), text("{\"op\":\"x\"}")),
  ]

  private static let numbers: [HostileRow] = [
    refused(
      "numbers out of range", .malformedControl,
      text("{\"op\":\"credit\",\"sub\":2147483648,\"events\":1,\"bytes\":1}"),
      text("{\"op\":\"credit\",\"sub\":1,\"events\":-1,\"bytes\":1}"),
      text("{\"op\":\"credit\",\"sub\":1,\"events\":1e400,\"bytes\":1}"),
      text("{\"op\":\"credit\",\"sub\":1,\"events\":9007199254740993,\"bytes\":1}"),
      text("{\"op\":\"credit\",\"sub\":1,\"events\":1.5,\"bytes\":1}"),
      text("{\"op\":\"credit\",\"sub\":\"1\",\"events\":1,\"bytes\":1}")),
    refused(
      "sequences that are none", .malformedControl, text("{\"op\":\"ack\",\"sub\":1,\"through\":5}"),
      text("{\"op\":\"ack\",\"sub\":1,\"through\":\"18446744073709551616\"}"),
      text("{\"op\":\"ack\",\"sub\":1,\"through\":\"-1\"}"), text("{\"op\":\"ack\",\"sub\":1,\"through\":\"01\"}"),
      text("{\"op\":\"ack\",\"sub\":1,\"also\":[\"1\",2]}"), text("{\"op\":\"ack\",\"sub\":1,\"through\":\"\u{661}\"}")),
    refused(
      "times that are none", .malformedControl,
      text(subscribe("\"from\":\"time\",\"time\":\"9999-99-99T00:00:00Z\"")), text(subscribe("\"from\":\"time\"")),
      text(subscribe("\"from\":\"someday\""))),
    refused(
      "waits and attempts out of range", .malformedControl, text(subscribe("\"ack_wait_ms\":0")),
      text(subscribe("\"ack_wait_ms\":2147483647")), text(subscribe("\"max_attempts\":0"))),
  ]

  private static func subscribe(_ members: String, types: String = "\"casus.detection.v1\"") -> String {
    "{\"op\":\"subscribe\",\"sub\":7,\"types\":[\(types)],\"credit\":{\"events\":0,\"bytes\":0},\(members)}"
  }

  private static let frames: [HostileRow] = [
    refused("three frames", .malformedFrames, [ping, [], []]),
    refused("a thousand frames", .malformedFrames, [ping] + Array(repeating: [1], count: 999)),
    refused("empty frames only", .malformedFrames, [[], [], []]),
    refused("a batch behind a command without one", .malformedFrames, [ping, [1]]),
    HostileRow("a REQ socket, which puts an empty frame in front", .refused([.malformedControl])) { arena in
      let visitor = try arena.visitor(kind: .req)
      try visitor.socket.send(ping)
      // The answer has no empty frame in front, so REQ drops it: what counts is that it does no harm.
      try arena.serveHonestOnes()
      return try arena.refusals([[[], ping]])
    },
  ]

  private static let ping = Array("{\"op\":\"ping\"}".utf8)

  private static func publish(_ count: String, _ batch: [UInt8]) -> [[UInt8]] {
    [Array("{\"op\":\"publish\",\"batch\":1,\"count\":\(count)}".utf8), batch]
  }

  private static func record(_ length: UInt32, _ bytes: [UInt8]) -> [UInt8] {
    withUnsafeBytes(of: length.littleEndian) { Array($0) } + bytes
  }

  private static let batches: [HostileRow] = [
    refused("no batch at all", .malformedBatch, text("{\"op\":\"publish\",\"batch\":1,\"count\":1}")),
    refused(
      "a count that lies", .malformedBatch, publish("2", record(2, [1, 2])), publish("0", record(2, [1, 2])),
      publish("1", record(1, [1]) + record(1, [1]))),
    refused(
      "a count of 2^31-1", .batchTooLarge, publish("2147483647", record(2, [1, 2]))),
    refused(
      "lengths that over-run", .malformedBatch, publish("1", record(3, [1, 2])), publish("1", record(.max, [1, 2])),
      publish("1", record(0x8000_0000, [1, 2])), publish("1", record(0x7fff_ffff, [])), publish("1", [1, 0, 0])),
    refused(
      "a batch over its size", .batchTooLarge, publish("1", record(300_000, [UInt8](repeating: 1, count: 300_000)))),
    HostileRow("a thousand bad events in one batch", .refused(Array(repeating: .notJSON, count: 1_000))) { arena in
      let client = try arena.evil()
      try client.sendBatch((0..<1_000).map { "!\($0)" })
      return .refused(try client.published().refused.map(\.error.code))
    },
    HostileRow("events of nothing, of blanks, of depth 10^4", .refused([.notJSON, .notJSON, .notJSON])) { arena in
      let client = try arena.evil()
      try client.sendBatch(["", "   ", String(repeating: "[", count: 10_000)])
      return .refused(try client.published().refused.map(\.error.code))
    },
    HostileRow("one id for two events", .refused([.idReused]), kept: 1) { arena in
      let client = try arena.evil()
      let source = "//jp.test/evil"
      let published = try client.publish([
        detection("reused", source: source), detection("reused", source: source, tlp: "GREEN"),
      ])
      return .refused(published.refused.map(\.error.code))
    },
    HostileRow("the id and source of an honest event", .refused([.sourceForeign])) { arena in
      .refused(try arena.evil().publish([detection("honest-1")]).refused.map(\.error.code))
    },
    HostileRow("a source in other letters that look alike", .refused([.sourceForeign, .sourceForeign, .sourceForeign]))
    {
      arena in
      let sources = ["//jp.test/EVIL", "//jp.test/evil\u{200b}", "//jp.test/evi\u{217c}"]
      return .refused(
        try arena.evil().publish(sources.map { try detection("twin", source: $0) }).refused.map(\.error.code))
    },
    HostileRow("two ids that only Unicode calls equal are two events", .served, kept: 2) { arena in
      let source = "//jp.test/evil"
      let published = try arena.evil().publish([
        detection("caf\u{e9}", source: source), detection("cafe\u{301}", source: source),
      ])
      return published.accepted == 2 && published.refused.isEmpty
        ? .served : .refused(published.refused.map(\.error.code))
    },
    HostileRow("a replay without the role", .refused([.roleRequired])) { arena in
      try arena.evil().sendBatch([detection("honest-1")], replay: true)
      return .refused([try arena.evil().error().error.code])
    },
  ]

  private static let commands: [HostileRow] = [
    HostileRow("every command before hello", .refused(Array(repeating: .noSession, count: 9))) { arena in
      let client = try arena.broker.client("evil")
      var codes: [WireErrorCode] = []
      for text in [
        "{\"op\":\"ping\"}", "{\"op\":\"ack\",\"sub\":1}", "{\"op\":\"nack\",\"sub\":1,\"sequences\":[\"1\"]}",
        "{\"op\":\"credit\",\"sub\":1,\"events\":1,\"bytes\":1}", subscribe("\"from\":\"earliest\""),
        "{\"op\":\"unsubscribe\",\"sub\":1}", "{\"op\":\"request\",\"id\":1,\"what\":\"schemas\"}", "{\"op\":\"bye\"}",
      ] {
        try client.send([Array(text.utf8)])
        codes.append(try client.error().error.code)
      }
      try client.sendBatch([detection("early", source: "//jp.test/evil")])
      codes.append(try client.error().error.code)
      return .refused(codes)
    },
    HostileRow("hello in the name of another", .refused([.identityMismatch, .identityMismatch, .identityMismatch])) {
      arena in
      let client = try arena.broker.client("evil")
      return .refused(
        try ["jp.test/a", "casus/broker", "jp.test/op"].map { name in
          try client.send(.hello(Hello(identity: name, program: "x", version: "1")))
          return try client.error().error.code
        })
    },
    refused(
      "hello of versions that nobody speaks", .protocolVersion,
      text(
        "{\"op\":\"hello\",\"protocol\":[7,9],\"identity\":\"jp.test/evil\",\"manifest\":{\"program\":\"x\",\"version\":\"1\"}}"
      )),
    refused(
      "hello of a range upside down", .malformedControl,
      text(
        "{\"op\":\"hello\",\"protocol\":[2,1],\"identity\":\"jp.test/evil\",\"manifest\":{\"program\":\"x\",\"version\":\"1\"}}"
      )),
    refused(
      "subscriptions of others", .unknownSubscription, text("{\"op\":\"ack\",\"sub\":1,\"through\":\"1\"}"),
      text("{\"op\":\"nack\",\"sub\":1,\"sequences\":[\"1\"]}"),
      text("{\"op\":\"credit\",\"sub\":1,\"events\":1,\"bytes\":1}"),
      text("{\"op\":\"unsubscribe\",\"sub\":1,\"forget\":true}")),
    refused(
      "types that it may not read", .subscriptionNotPermitted, text(subscribe("\"from\":\"earliest\"", types: "\">\"")),
      text(subscribe("\"from\":\"earliest\"", types: "\"casus.*.v1\"")),
      text(subscribe("\"from\":\"earliest\"", types: "\"casus.detection.v1\",\"casus.bus.refused.v1\""))),
    refused(
      "patterns that are none", .badPattern, text(subscribe("\"from\":\"earliest\"", types: "\"\"")),
      text(subscribe("\"from\":\"earliest\"", types: "\"a..b\"")),
      text(subscribe("\"from\":\"earliest\"", types: "\">.a\"")),
      text(subscribe("\"from\":\"earliest\"", types: "")), text(subscribe("\"senders\":[\"nobody\"]"))),
    refused(
      "names of durable subscriptions that are none", .malformedControl, text(subscribe("\"name\":\"a#b\"")),
      text(subscribe("\"name\":\"\"")), text(subscribe("\"name\":\"\(String(repeating: "n", count: 101))\"")),
      text(subscribe("\"name\":\"../../cursors\\u0000\""))),
    refused("a sequence before the first", .sequenceGone, text(subscribe("\"from\":\"sequence\",\"sequence\":\"0\""))),
    refused(
      "what only people may ask", .roleRequired, text("{\"op\":\"request\",\"id\":1,\"what\":\"status\"}"),
      text("{\"op\":\"request\",\"id\":1,\"what\":\"quarantine\",\"parameters\":{\"action\":\"drop\"}}")),
    refused(
      "a request of no name", .unknownRequest, text("{\"op\":\"request\",\"id\":1,\"what\":\"../keys/broker.key\"}")),
    refused(
      "the schema of a path", .unknownType,
      text("{\"op\":\"request\",\"id\":1,\"what\":\"schema\",\"parameters\":{\"type\":\"../../keys/broker.key\"}}")),
    HostileRow("commands after bye", .refused([.noSession])) { arena in
      let client = try arena.evil()
      try client.send(.bye(Bye()))
      try client.send(.ping(Ping()))
      arena.dropEvil()
      return .refused([try client.error().error.code])
    },
  ]
}
