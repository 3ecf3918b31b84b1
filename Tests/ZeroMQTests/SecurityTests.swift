import Foundation
import Synchronization
import Testing
import ZeroMQ

@Suite("CURVE with ZAP")
struct SecurityTests {
  /// The keys that may come in, and the name each gets.
  final class Registry: Sendable {
    let names = Mutex<[CurvePublicKey: String]>([:])
    let asked = Log<ZAPRequest>()

    func answer(_ request: ZAPRequest) -> ZAPReply {
      asked.add(request)
      guard case .curve(let key) = request.credentials else { return .refuse("not CURVE") }
      guard let name = names.withLock({ $0[key] }) else { return .refuse("unknown key") }
      return .allow(userID: name)
    }
  }

  @Test func `lets a known key in and names it on the second frame`() throws {
    let registry = Registry()
    let pair = try CurveKeyPair.generate()
    registry.names.withLock { $0[pair.publicKey] = "xx.exercise/sensor-1" }
    var handler: ZAPHandler?
    let server = try CurveServer(answer: registry.answer, handler: &handler)
    let client = try server.client(pair)
    try client.connect(server.endpoint)
    try client.send([1, 2, 3])
    // A poll first, as a server does: it makes 4.3.4 lose the first frame's metadata.
    var poller = Poller()
    poller.add(server.socket)
    let count = try poller.wait(for: .seconds(10))
    #expect(count == 1)
    var message = try server.socket.receive()
    let more = message.more
    #expect(more)
    try server.socket.receive(into: &message)
    let (bytes, userID) = (message.bytes, message.metadata("User-Id"))
    #expect(bytes == [1, 2, 3])
    #expect(userID == "xx.exercise/sensor-1")
    let length = message.withMetadata("User-Id") { $0?.count }
    #expect(length == 20)
    let (address, nothing) = (message.metadata("Peer-Address"), message.metadata("No-Such-Thing"))
    #expect(address == "127.0.0.1")
    #expect(nothing == nil)
    let request = try #require(registry.asked.all.first)
    #expect(request.domain == "test")
    #expect(request.address == "127.0.0.1")
    handler?.stop()
  }

  @Test func `refuses an unknown key, and the client can tell`() throws {
    let registry = Registry()
    var handler: ZAPHandler?
    let server = try CurveServer(answer: registry.answer, handler: &handler)
    let events = Log<MonitorEvent>()
    do {
      let client = try server.client(try .generate())
      let monitor = try SocketMonitor(client, in: server.context) { events.add($0) }
      try client.connect(server.endpoint)
      try client.send([1])
      #expect(events.waits { $0.contains { $0.kind == .handshakeFailedAuth && $0.value == 400 } })
      let nothing = try server.isIdle()
      #expect(nothing)
      monitor.stop(client)
    }
    #expect(!events.all.contains { $0.kind == .handshakeSucceeded })
    handler?.stop()
  }

  @Test func `refuses a client that expects another server`() throws {
    let registry = Registry()
    let pair = try CurveKeyPair.generate()
    registry.names.withLock { $0[pair.publicKey] = "a" }
    var handler: ZAPHandler?
    let server = try CurveServer(answer: registry.answer, handler: &handler)
    let events = Log<MonitorEvent>()
    let monitor = try SocketMonitor(server.socket, in: server.context) { events.add($0) }
    let client = try server.client(pair, server: try CurveKeyPair.generate().publicKey)
    try client.connect(server.endpoint)
    try client.send([1])
    #expect(events.waits { $0.contains { $0.kind == .handshakeFailedProtocol && $0.value == 0x1100_0001 } })
    #expect(registry.asked.all.isEmpty)
    monitor.stop(server.socket)
    handler?.stop()
  }

  @Test func `refuses everyone when no handler runs, because the domain is enforced`() throws {
    var handler: ZAPHandler?
    let server = try CurveServer(handler: &handler)
    let events = Log<MonitorEvent>()
    let monitor = try SocketMonitor(server.socket, in: server.context) { events.add($0) }
    let client = try server.client(try .generate())
    try client.connect(server.endpoint)
    try client.send([1])
    #expect(
      events.waits {
        $0.contains {
          $0.kind == .disconnected || $0.kind == .handshakeFailedNoDetail || $0.kind == .handshakeFailedAuth
        }
      })
    let nothing = try server.isIdle()
    #expect(nothing)
    monitor.stop(server.socket)
  }

  // Why `becomeCurveServer` stops a program that gives no domain: libzmq itself would let everybody in.
  @Test func `fails open with an empty domain, even with enforcement and a handler`() throws {
    let registry = Registry()
    var handler: ZAPHandler?
    let server = try CurveServer(domain: nil, answer: registry.answer, handler: &handler)
    let client = try server.client(try .generate())
    try client.connect(server.endpoint)
    try client.send([1])
    try server.expectFrame([1])
    #expect(registry.asked.all.isEmpty)
    handler?.stop()
  }

  @Test func `keeps a connection whose key was removed: the caller checks each message`() throws {
    let registry = Registry()
    let pair = try CurveKeyPair.generate()
    registry.names.withLock { $0[pair.publicKey] = "a" }
    var handler: ZAPHandler?
    let server = try CurveServer(answer: registry.answer, handler: &handler)
    let client = try server.client(pair)
    try client.connect(server.endpoint)
    try client.send([1])
    try server.expectFrame([1])
    registry.names.withLock { $0 = [:] }
    try client.send([2])
    try server.expectFrame([2])
    #expect(registry.asked.all.count == 1)
    handler?.stop()
  }

  @Test(arguments: ["", "with blank", "with\u{0}zero", "caf\u{e9}", String(repeating: "x", count: 256)])
  func `never cuts a user id short`(name: String) throws {
    let pair = try CurveKeyPair.generate()
    let events = Log<MonitorEvent>()
    var handler: ZAPHandler?
    let server = try CurveServer(answer: { _ in .allow(userID: name) }, handler: &handler)
    let client = try server.client(pair)
    let monitor = try SocketMonitor(client, in: server.context) { events.add($0) }
    try client.connect(server.endpoint)
    try client.send([1])
    if name.isEmpty {
      var message = try server.socket.receive()
      try server.socket.receive(into: &message)
      let userID = message.metadata("User-Id")
      #expect(userID == "")
    } else {
      #expect(events.waits { $0.contains { $0.kind == .handshakeFailedAuth && $0.value == 500 } })
    }
    monitor.stop(client)
    handler?.stop()
  }

  @Test func `has one handler per context, which can be stopped and started again`() throws {
    let context = try Context()
    let first = try ZAPHandler(in: context) { _ in .refuse("no") }
    let error = #expect(throws: ZeroMQError.self) { try ZAPHandler(in: context) { _ in .refuse("no") } }
    #expect(error?.code == .addressInUse)
    first.stop()
    first.stop()
    for _ in 0..<200 {
      let next = try ZAPHandler(in: context) { _ in .refuse("no") }
      next.stop()
    }
  }

  @Test func `answers a question that is no ZAP 1.0 with 500`() throws {
    let context = try Context()
    let handler = try ZAPHandler(in: context) { _ in .allow(userID: "a") }
    let client = try Socket(.req, in: context)
    try client.connect("inproc://zeromq.zap.01")
    func ask(_ frames: [[UInt8]]) throws -> [[UInt8]] {
      try client.send(frames: frames)
      return try client.receiveFrames()
    }
    let text = { (text: String) in Array(text.utf8) }
    let bad = [
      [text("hello")], [text("2.0"), [1], [], [], [], text("NULL")],
      [text("1.0"), [1], [], [], [], text("CURVE"), [1, 2]],
    ]
    for frames in bad {
      let status = try ask(frames)[2]
      #expect(status == text("500"))
    }
    let good = try ask([text("1.0"), [7], text("d"), text("addr"), [], text("NULL")])
    #expect(good == [text("1.0"), [7], text("200"), text("OK"), text("a"), []])
    handler.stop()
  }

  @Test func `bounds a frame before the peer is known`() throws {
    let pair = try CurveKeyPair.generate()
    var handler: ZAPHandler?
    let server = try CurveServer(answer: { _ in .allow(userID: "a") }, handler: &handler)
    try server.socket.setMaxMessageSize(1000)
    // The limit holds for listeners made after it was set.
    try server.socket.bind("tcp://127.0.0.1:*")
    let endpoint = try server.socket.lastEndpoint
    let events = Log<MonitorEvent>()
    let monitor = try SocketMonitor(server.socket, in: server.context) { events.add($0) }
    let client = try server.client(pair)
    try client.connect(endpoint)
    try client.send([UInt8](repeating: 1, count: 967))
    let received = try server.socket.receiveFrames().last?.count
    #expect(received == 967)
    try client.send([UInt8](repeating: 1, count: 968))
    #expect(events.waits { $0.contains { $0.kind == .disconnected } })
    monitor.stop(server.socket)
    handler?.stop()
  }
}

@Suite("A monitor")
struct MonitorTests {
  @Test func `drains what hundreds of connections cause, so that others are served`() throws {
    let server = try Socket(.rep)
    try server.setReceiveTimeout(.seconds(20))
    try server.bind("tcp://127.0.0.1:*")
    let endpoint = try server.lastEndpoint
    let events = Log<MonitorEvent.Kind>()
    let monitor = try SocketMonitor(server) { events.add($0.kind) }
    for _ in 0..<800 {
      let visitor = try Socket(.req)
      try visitor.connect(endpoint)
    }
    let client = try Socket(.req)
    try client.connect(endpoint)
    try client.send([1])
    let bytes = try server.receive().bytes
    #expect(bytes == [1])
    #expect(!events.all.isEmpty)
    monitor.stop(server)
  }

  @Test func `ends with its socket`() throws {
    let socket = try Socket(.rep)
    let monitor = try SocketMonitor(socket) { _ in }
    socket.close()
    monitor.join()
  }
}
