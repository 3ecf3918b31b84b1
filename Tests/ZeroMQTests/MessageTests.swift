import Foundation
import Synchronization
import SystemFiles
import Testing
import ZeroMQ

@Suite("A message")
struct MessageTests {
  /// Two connected sockets.
  struct Pairs: ~Copyable {
    let left: Socket
    let right: Socket
    init() throws {
      let name = "inproc://\(UUID().uuidString)"
      let left = try Socket(.pair)
      try left.bind(name)
      try left.setReceiveTimeout(.seconds(10))
      let right = try Socket(.pair)
      try right.connect(name)
      try right.setReceiveTimeout(.seconds(10))
      self.left = left
      self.right = right
    }
  }

  @Test(arguments: [0, 1, 32, 33, 34, 4096, 20_000_000])
  func `of any size arrives as it was sent`(size: Int) throws {
    let sockets = try Pairs()
    var message = try Message(size: size)
    message.withUnsafeMutableBytes { bytes in
      for index in bytes.indices { bytes[index] = UInt8(truncatingIfNeeded: index &* 31) }
    }
    let sent = message.bytes
    try sockets.left.send(&message)
    let emptied = message.isEmpty
    #expect(emptied)
    let received = try sockets.right.receive()
    let (count, more, bytes) = (received.count, received.more, received.bytes)
    #expect(count == size)
    #expect(!more)
    #expect(bytes == sent)
  }

  @Test func `keeps its frames together`() throws {
    let sockets = try Pairs()
    try sockets.left.send(frames: [[1], [], [2, 3]])
    try sockets.left.send([4])
    let first = try sockets.right.receiveFrames()
    let second = try sockets.right.receiveFrames()
    #expect(first == [[1], [], [2, 3]])
    #expect(second == [[4]])
  }

  @Test func `of more frames than wanted is read to its end`() throws {
    let sockets = try Pairs()
    try sockets.left.send(frames: (0..<100).map { [UInt8($0)] })
    try sockets.left.send([255])
    let first = try sockets.right.receiveFrames(limit: 2)
    let second = try sockets.right.receiveFrames(limit: 2)
    #expect(first == [[0], [1]])
    #expect(second == [[255]])
  }

  @Test func `shares its body`() throws {
    var first = try Message(copying: [UInt8](repeating: 5, count: 500))
    let second = try Message(sharing: &first)
    let address = first.withUnsafeBytes { $0.baseAddress }
    let shared = second.withUnsafeBytes { $0.baseAddress == address }
    #expect(shared)
    let sockets = try Pairs()
    try sockets.left.send(&first)
    let bytes = second.bytes
    #expect(bytes == [UInt8](repeating: 5, count: 500))
  }

  @Test func `that finds no room stays with the sender`() throws {
    let sockets = try Pairs()
    var sent = 0
    var message = try Message(copying: [1, 2, 3])
    while try sockets.left.trySend(&message) == .sent {
      sent += 1
      message = try Message(copying: [1, 2, 3])
    }
    #expect(sent >= 1000)
    let kept = message.bytes
    #expect(kept == [1, 2, 3])
    var received = Message()
    var count = 0
    while try sockets.right.tryReceive(into: &received) { count += 1 }
    #expect(count == sent)
    var poller = Poller()
    poller.add(sockets.left, .writable)
    let writable = try poller.wait(for: .seconds(10))
    #expect(writable == 1)
    let result = try sockets.left.trySend(&message)
    #expect(result == .sent)
  }

  @Test func `to a peer that is gone is unreachable, not lost in silence`() throws {
    let router = try Socket(.router)
    try router.setRouterMandatory(true)
    try router.bind("inproc://\(UUID().uuidString)")
    var message = try Message(copying: [0, 1, 2, 3, 4])
    let result = try router.trySend(&message, more: true)
    #expect(result == .unreachable)
    let kept = message.bytes
    #expect(kept == [0, 1, 2, 3, 4])
  }
}

@Suite("A socket")
struct SocketTests {
  @Test func `tells its port and what is ready`() throws {
    let server = try Socket(.rep)
    try server.bind("tcp://127.0.0.1:*")
    let endpoint = try server.lastEndpoint
    #expect(endpoint.hasPrefix("tcp://127.0.0.1:"))
    let client = try Socket(.req)
    try client.connect(endpoint)
    try client.send("hello")
    var poller = Poller()
    let place = poller.add(server)
    let count = try poller.wait(for: .seconds(10))
    let ready = poller.ready(place)
    #expect(count == 1)
    #expect(ready == .readable)
    let bytes = try server.receive().bytes
    #expect(bytes == Array("hello".utf8))
  }

  @Test func `takes every option`() throws {
    let socket = try Socket(.router)
    try socket.setLinger(nil)
    try socket.setLinger(.milliseconds(5))
    try socket.setSendHighWaterMark(7)
    try socket.setReceiveHighWaterMark(7)
    try socket.setMaxMessageSize(65_536)
    try socket.setHandshakeInterval(.seconds(3))
    try socket.setHeartbeat(interval: .seconds(2), timeout: .seconds(6), timeToLive: .seconds(6))
    try socket.setReconnectInterval(.milliseconds(100), maximum: .seconds(30))
    try socket.setReconnectInterval(nil)
    try socket.setConnectTimeout(.seconds(1))
    try socket.setTCPKeepAlive(idle: 30, interval: 10, count: 3)
    try socket.setBacklog(10)
    try socket.setRouterMandatory(true)
    try socket.setSendTimeout(.zero)
    try socket.setReceiveTimeout(nil)
  }

  @Test func `reports a port in use with the endpoint`() throws {
    let first = try Socket(.rep)
    try first.bind("tcp://127.0.0.1:*")
    let endpoint = try first.lastEndpoint
    let second = try Socket(.rep)
    let error = bindError(second, endpoint)
    #expect(error?.code == .addressInUse)
    #expect(error?.isRetriable == true)
    #expect(error?.description == "zmq_bind \(endpoint): Address already in use")
  }

  @Test func `refuses an endpoint that is none`() throws {
    let socket = try Socket(.rep)
    #expect(bindError(socket, "nowhere")?.code == .invalidArgument)
    #expect(bindError(socket, "tcp://") != nil)
    #expect(bindError(socket, "carrier-pigeon://roof")?.code == .protocolNotSupported)
  }

  private func bindError(_ socket: borrowing Socket, _ endpoint: String) -> ZeroMQError? {
    do throws(ZeroMQError) { try socket.bind(endpoint) } catch { return error }
    return nil
  }

  @Test func `may be handed to a thread that then owns it`() throws {
    let name = "inproc://\(UUID().uuidString)"
    let server = try Socket(.pair)
    try server.bind(name)
    let seen = Log<[UInt8]>()
    let thread = try OwnedThread(name: "client") {
      guard let client = try? Socket(.pair) else { return }
      try? client.connect(name)
      try? client.send([1])
      if let answer = try? client.receive() { seen.add(answer.bytes) }
    }
    let bytes = try server.receive().bytes
    #expect(bytes == [1])
    try server.send([2])
    thread.join()
    #expect(seen.all == [[2]])
  }

  @Test func `ends the program when a thread uses it that does not own it`() async {
    await #expect(processExitsWith: .failure) {
      let box = SocketBox(try Socket(.pair))
      try OwnedThread(name: "stranger") { try? box.socket.send([1]) }.join()
    }
  }

  /// Carries a socket to a thread that it was not handed to.
  final class SocketBox: @unchecked Sendable {
    let socket: Socket
    init(_ socket: consuming Socket) { self.socket = socket }
  }

  @Test func `is woken by a bell, and a bell rung twice is one`() throws {
    let bell = try WakeUp()
    var poller = Poller()
    let place = poller.add(fileDescriptor: bell.fileDescriptor)
    let before = try poller.wait(for: .zero)
    bell.ring()
    bell.ring()
    let rung = try poller.wait(for: .seconds(10))
    let ready = poller.ready(place)
    bell.clear()
    let after = try poller.wait(for: .zero)
    bell.clear()
    let counts: [Int] = [before, rung, after]
    #expect(counts == [0, 1, 0])
    #expect(ready == .readable)
  }

  @Test func `waits for what it is interested in only`() throws {
    let socket = try Socket(.pair)
    try socket.bind("inproc://\(UUID().uuidString)")
    var poller = Poller()
    let place = poller.add(socket, [.readable, .writable])
    poller.setInterest(.readable, at: place)
    let count = try poller.wait(for: .milliseconds(1))
    #expect(count == 0)
  }

  @Test func `stands on the library that the facts were read in`() {
    #expect(Context.libraryVersion.hasPrefix("4.3."))
    #expect(Context.has("curve"))
    #expect(Context.has("ipc"))
  }
}
