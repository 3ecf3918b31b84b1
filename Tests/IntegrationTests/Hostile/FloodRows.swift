import CasusEvents
import CasusTestKit
import CasusWire
import Foundation
import Glibc
import ZeroMQ

/// Those who do what is allowed, but without end.
enum FloodRows {
  static let all: [HostileRow] = messages + commands + identities + connections

  private static let ping = Array("{\"op\":\"ping\"}".utf8)

  /// Waits until the broker has answered a ping behind everything sent before.
  private static func settle(_ client: RawClient) throws {
    try client.send(.ping(Ping(text: "last")))
    let _: Pong = try client.answer { if case .pong(let it) = $0 { it } else { nil } }
    client.forgetReplies()
  }

  private static let messages: [HostileRow] = [
    HostileRow("20,000 frames in one message", .refused([.malformedFrames])) { arena in
      try arena.refusals([[ping] + Array(repeating: [], count: 20_000)])
    },
    HostileRow("4,000 tiny messages", .served) { arena in
      let client = try arena.evil()
      for _ in 0..<4_000 { try client.send([[0x7b]]) }
      try settle(client)
      return .served
    },
    HostileRow("a giant frame", .cutOff) { arena in
      let visitor = try arena.visitor()
      try visitor.socket.send(ping)
      _ = try visitor.socket.trySend([UInt8](repeating: 7, count: 8 << 20))
      return visitor.waits(for: .disconnected) == nil ? .served : .cutOff
    },
    HostileRow("100 MiB of batches over their size", .served) { arena in
      let client = try arena.evil()
      let batch = [UInt8](repeating: 7, count: 500_000)
      for number in 0..<200 { try client.send(.publish(Publish(batch: number, count: 1)), batch: batch) }
      try settle(client)
      return .served
    },
    HostileRow("2,000 bad events, and nobody reads the answers", .served) { arena in
      let wire = try unread(arena)
      var batch: [UInt8] = []
      for _ in 0..<100 { PublishBatchWriter.append([0x21], to: &batch) }
      for number in 0..<20 {
        wire.send(frames: [ClientCommand.publish(Publish(batch: number, count: 100)).encoded(), batch])
      }
      try arena.serveHonestOnes()
      return .served
    },
    HostileRow("3,000 schemas asked for, and nobody reads them", .served) { arena in
      let wire = try unread(arena)
      for _ in 0..<3_000 where !wire.send(schema) { return .hungUp }
      try arena.serveHonestOnes()
      return .served
    },
  ]

  private static let schema = ClientCommand.request(
    Request(id: 1, what: "schema", parameters: ["type": "casus.attribution.v1"])
  ).encoded()

  /// A session of the hostile plugin that will never read.
  private static func unread(_ arena: Arena) throws -> CurveWire {
    arena.dropEvil()
    let wire = try CurveWire(arena.broker.endpoint, keys: arena.evilKeys, server: arena.broker.key)
    wire.send(ClientCommand.hello(Hello(identity: "jp.test/evil", program: "x", version: "1")).encoded())
    return wire
  }

  private static let commands: [HostileRow] = [
    HostileRow("credit beyond all bounds", .served) { arena in
      let client = try arena.evil()
      try client.subscribe(["casus.detection.v1"], from: .latest, credit: 0, number: 90)
      for _ in 0..<1_000 { try client.send(.credit(Credit(subscription: 90, events: 0x7fff_ffff, bytes: 0x7fff_ffff))) }
      try settle(client)
      try client.send(.unsubscribe(Unsubscribe(subscription: 90)))
      try settle(client)
      return .served
    },
    HostileRow("more subscriptions than there may be", .refused([.tooManySubscriptions])) { arena in
      let client = try arena.evil()
      for number in 100..<108 { try client.subscribe(["casus.detection.v1"], from: .latest, credit: 0, number: number) }
      let outcome = try arena.refusals([
        [
          ClientCommand.subscribe(
            Subscribe(subscription: 200, types: ["casus.detection.v1"], creditEvents: 1, creditBytes: 1)
          ).encoded()
        ]
      ])
      arena.dropEvil()
      return outcome
    },
    HostileRow("more durable subscriptions than there may be, one after the other", .refused([.tooManySubscriptions])) {
      arena in
      let client = try arena.evil()
      var outcome = Outcome.served
      for number in 0..<10 {
        try client.send(
          .subscribe(
            Subscribe(
              subscription: 1, types: ["casus.detection.v1"], name: "flood-\(number)", creditEvents: 0, creditBytes: 0))
        )
        let code: WireErrorCode? = try client.answer {
          if case .error(let it) = $0 { .some(it.error.code) } else if case .subscribed = $0 { .some(nil) } else { nil }
        }
        if let code {
          outcome = .refused([code])
          break
        }
        try client.send(.unsubscribe(Unsubscribe(subscription: 1)))
      }
      for number in 0..<10 {
        // Forgotten again, so that the rows behind start from nothing.
        try client.send(
          .subscribe(
            Subscribe(
              subscription: 1, types: ["casus.detection.v1"], name: "flood-\(number)", creditEvents: 0, creditBytes: 0))
        )
        try client.send(.unsubscribe(Unsubscribe(subscription: 1, forget: true)))
      }
      try settle(client)
      arena.dropEvil()
      return outcome
    },
    HostileRow("a subscription of 2,000 patterns", .served) { arena in
      let client = try arena.evil()
      try client.subscribe(Array(repeating: "casus.detection.v1", count: 2_000), from: .latest, number: 91)
      try arena.serveHonestOnes()
      try client.send(.unsubscribe(Unsubscribe(subscription: 91)))
      try settle(client)
      return .served
    },
    HostileRow("500 requests", .served) { arena in
      let client = try arena.evil()
      for number in 0..<500 { try client.send(.request(Request(id: number, what: "schemas"))) }
      try settle(client)
      return .served
    },
    HostileRow("5,000 pings", .served) { arena in
      let client = try arena.evil()
      for _ in 0..<5_000 { try client.send([ping]) }
      try settle(client)
      return .served
    },
    HostileRow("5,000 nacks and acks of what was never sent", .served) { arena in
      let client = try arena.evil()
      try client.subscribe(["casus.detection.v1"], from: .latest, name: "storm", number: 92)
      let many = (1...2_000).map { UInt64($0) &* 0x1_0000_0001 }
      for _ in 0..<5 {
        try client.send(.nack(Nack(subscription: 92, sequences: many, reason: String(repeating: "no ", count: 500))))
      }
      for number in 0..<5_000 {
        try client.send(.nack(Nack(subscription: 92, sequences: [UInt64(number)])))
        try client.send(.ack(Ack(subscription: 92, through: .max, also: [UInt64(number), .max])))
      }
      try client.send(.unsubscribe(Unsubscribe(subscription: 92, forget: true)))
      try settle(client)
      return .served
    },
    HostileRow("200 hellos on one connection", .refused([.busy])) { arena in
      let client = try arena.evil()
      var busy = 0
      for _ in 0..<200 { try client.send(.hello(Hello(identity: "jp.test/evil", program: "x", version: "1"))) }
      for _ in 0..<200 {
        let isBusy: Bool = try client.answer {
          if case .error(let it) = $0 { it.error.code == .busy } else if case .welcome = $0 { false } else { nil }
        }
        if isBusy { busy += 1 }
      }
      arena.dropEvil()
      // The journal takes a joined and a left for each welcome: that must not be a way to fill the disk.
      return busy > 100 ? .refused([.busy]) : .served
    },
  ]

  private static let identities: [HostileRow] = [
    HostileRow("routing ids that libzmq might give next", .served) { arena in
      // glibc's first numbers without a seed, and those behind them.
      let ids: [[UInt8]] = [0x6b8b_4567, 0x327b_23c6, 0x643c_9869].flatMap { first in
        (0..<20).map { [0] + withUnsafeBytes(of: (UInt32(first) + UInt32($0)).bigEndian) { Array($0) } }
      }
      let squatters = try ids.map { id in try arena.visitor { try $0.setRoutingID(bytes: id) } }
      for visitor in squatters { _ = visitor.waits(for: .handshakeSucceeded) }
      for _ in 0..<20 { _ = try arena.broker.join("op") }
      return .served
    },
    HostileRow("a routing id of 255 bytes", .refused([.malformedFrames])) { arena in
      let visitor = try arena.visitor { try $0.setRoutingID(bytes: [UInt8](repeating: 0x78, count: 255)) }
      try visitor.socket.send(
        ClientCommand.hello(Hello(identity: "jp.test/evil", program: "x", version: "1")).encoded())
      guard let frames = try visitor.receives(milliseconds: 10_000) else { return .unheard }
      let reply = try frames[0].withUnsafeBytes { try WireDecoder().brokerReply($0) }
      guard case .error(let error) = reply, error.fatal, visitor.waits(for: .disconnected) != nil else {
        return .served
      }
      return .refused([error.error.code])
    },
    HostileRow("the routing id of a live session", .served) { arena in
      let name: [UInt8] = Array("jp.a".utf8)
      let first = try arena.visitor { try $0.setRoutingID(bytes: name) }
      try first.socket.send(ClientCommand.hello(Hello(identity: "jp.test/evil", program: "x", version: "1")).encoded())
      guard try first.hears(milliseconds: 5_000) else { return .unheard }
      let second = try arena.visitor { try $0.setRoutingID(bytes: name) }
      try second.socket.send(ping)
      // The second is nobody to the ROUTER; the first still has its session.
      _ = second.waits(for: .handshakeSucceeded)
      // Whoever comes after it is answered, and so is the first: then an answer to the second would be there, too.
      try arena.serveHonestOnes()
      try first.socket.send(ping)
      guard try first.hears(milliseconds: 10_000) else { return .unheard }
      let isHeard = try second.hears(milliseconds: 0)
      arena.dropEvil()
      return isHeard ? .unheard : .served
    },
    HostileRow("another key on the routing id of a session that just ended", .refused([.keyRevoked])) { arena in
      let name: [UInt8] = Array("jp.b".utf8)
      do {
        let first = try arena.visitor { try $0.setRoutingID(bytes: name) }
        try first.socket.send(
          ClientCommand.hello(Hello(identity: "jp.test/evil", program: "x", version: "1")).encoded())
        guard try first.hears(milliseconds: 5_000) else { return .unheard }
      }
      let keys = try KeyFile.read("\(arena.broker.folder)/keys/op.key").keys
      // The ROUTER lets go of the old connection at some moment; until then the new one is nobody.
      for _ in 0..<100 {
        let second = try Visitor(arena.broker.endpoint, keys: keys, server: arena.broker.key) {
          try $0.setRoutingID(bytes: name)
        }
        try second.socket.send(ping)
        var poller = Poller()
        poller.add(second.socket)
        guard try poller.wait(for: .milliseconds(50)) > 0 else { continue }
        let frames = try second.socket.receiveFrames()
        let reply = try frames[0].withUnsafeBytes { try WireDecoder().brokerReply($0) }
        arena.dropEvil()
        guard case .error(let error) = reply else { return .served }
        return .refused([error.error.code])
      }
      return .unheard
    },
    HostileRow("two processes with one key", .refused([.superseded])) { arena in
      let first = try arena.evil()
      let second = try arena.broker.join("evil")
      try settle(second)
      arena.dropEvil()
      return .refused([try first.error().error.code])
    },
  ]

  /// A session of the hostile plugin whose connection tells when it ends.
  private static func session(_ arena: Arena) throws -> Visitor {
    let visitor = try arena.visitor()
    let deadline = Deadline("a welcome")
    while true {
      try visitor.socket.send(
        ClientCommand.hello(Hello(identity: "jp.test/evil", program: "x", version: "1")).encoded())
      if let frames = try visitor.receives(milliseconds: 10_000),
        case .welcome = try frames[0].withUnsafeBytes({ try WireDecoder().brokerReply($0) })
      {
        return visitor
      }
      // It began many sessions just now.
      try deadline.pause(microseconds: 20_000)
    }
  }

  private static let connections: [HostileRow] = [
    HostileRow("sessions that take each other's place", .served) { arena in
      for _ in 0..<10 {
        arena.dropEvil()
        _ = try arena.evil()
      }
      arena.dropEvil()
      // The last one to lose its place stays to see its connection end: by then all before it have been cut off. These had
      // descriptors that are others' by now, and nobody is to be cut off for them.
      let last = try session(arena)
      let client = try arena.evil()
      guard last.waits(for: .disconnected) != nil else { return .unheard }
      try settle(client)
      return .served
    },
    HostileRow("300 connections opened and closed", .served) { arena in
      for _ in 0..<300 { try RawTCP(arena.broker.endpoint).close() }
      return .served
    },
    HostileRow("50 sessions begun and left", .served) { arena in
      for number in 0..<50 {
        let visitor = try arena.visitor()
        try visitor.socket.send(
          ClientCommand.hello(Hello(identity: "jp.test/evil", program: "x", version: "1")).encoded())
        if number % 2 == 0 { _ = try visitor.hears(milliseconds: 10_000) }
      }
      arena.dropEvil()
      return .served
    },
    HostileRow("a client whose monitor nobody reads", .served) { arena in
      let stuck = try StuckClient(arena.broker.endpoint, keys: arena.evilKeys, server: arena.broker.key)
      for _ in 0..<3 { try arena.serveHonestOnes() }
      stuck.release()
      arena.dropEvil()
      return .served
    },
    HostileRow("more connections than the broker has descriptors for", .served) { arena in
      let pid = arena.broker.process.pid
      let open = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count) ?? 0
      // A quarter is kept for files.
      let old = try DescriptorLimit.set((open + 20) * 4 / 3 + 1, of: pid)
      defer { _ = try? DescriptorLimit.set(old, of: pid) }
      let many = try (0..<60).map { _ in try RawTCP(arena.broker.endpoint) }
      for _ in 0..<3 { try arena.serveHonestOnes() }
      for tcp in many { tcp.close() }
      // There is room again: newcomers are let in.
      _ = try arena.broker.join("op")
      return .served
    },
  ]
}

/// A client in a context of its own whose monitor is never read, so that its I/O thread stops at some event.
private final class StuckClient {
  private let context: Context
  private var monitor: MonitorReader?
  private var socket: Socket?

  init(_ endpoint: String, keys: CurveKeyPair, server: CurvePublicKey) throws {
    context = try Context()
    let socket = try Socket(.dealer, in: context)
    try socket.becomeCurveClient(keys, server: server)
    let every = MonitorEvent.Kind(rawValue: 0xffff)
    monitor = try MonitorReader(socket, every, in: context)
    try socket.connect(endpoint)
    try socket.send(ClientCommand.hello(Hello(identity: "jp.test/evil", program: "x", version: "1")).encoded())
    // Each attempt at a closed port is an event or two; the pipe holds two thousand.
    try socket.setReconnectInterval(.milliseconds(1))
    for _ in 0..<40 { try socket.connect("tcp://127.0.0.1:1") }
    self.socket = consume socket
  }

  /// Reads what has gathered, so that the context can end.
  func release() {
    let reader = monitor.take()
    let socket = socket.take()
    if let reader, let socket {
      reader.stop(socket)
      while let event = try? reader.next(), event.kind != .monitorStopped {}
    }
  }
}

/// How many descriptors another process may have open.
private enum DescriptorLimit {
  private typealias Function =
    @convention(c) (pid_t, Int32, UnsafePointer<rlimit>?, UnsafeMutablePointer<rlimit>?) -> Int32

  /// Returns what it was.
  static func set(_ limit: Int, of process: pid_t) throws -> Int {
    // glibc declares prlimit(2) for programs that ask for GNU's own functions only.
    guard let symbol = dlsym(nil, "prlimit") else { throw Failure("no prlimit") }
    let prlimit = unsafeBitCast(symbol, to: Function.self)
    let descriptors: Int32 = 7
    var old = rlimit()
    guard prlimit(process, descriptors, nil, &old) == 0 else { throw Failure("no limit") }
    var new = rlimit(rlim_cur: rlim_t(limit), rlim_max: old.rlim_max)
    guard prlimit(process, descriptors, &new, nil) == 0 else { throw Failure("no limit") }
    return Int(old.rlim_cur)
  }
}
