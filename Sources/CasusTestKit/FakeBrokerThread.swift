import CasusWire
import Synchronization
import SystemFiles
import ZeroMQ

/// The thread that owns a fake broker's socket. It ends with the broker.
struct FakeBrokerThread: ~Copyable {
  private let context: Context
  private let bell: WakeUp
  private var socket: Socket
  private let decoder = WireDecoder()

  init(_ context: Context, _ bell: WakeUp, _ socket: consuming Socket) {
    self.context = context
    self.bell = bell
    self.socket = socket
  }

  /// - Parameter broker: nil when nobody holds it any more.
  consuming func serve(_ broker: () -> FakeBroker?) {
    // Whatever goes wrong here, a test that waits sees that nothing comes.
    do { while try turn(broker) {} } catch {}
  }

  /// One thing after another that has come; false at the end.
  private mutating func turn(_ broker: () -> FakeBroker?) throws -> Bool {
    var poller = Poller()
    poller.add(socket)
    poller.add(fileDescriptor: bell.fileDescriptor)
    _ = try poller.wait(for: nil)
    bell.clear()
    guard let broker = broker() else { return false }
    let (mustStop, mustDrop, answers, peer) = broker.state.withLock { state in
      defer {
        state.mustDrop = false
        state.toSend = []
      }
      return (state.mustStop, state.mustDrop, state.toSend, state.peer)
    }
    if mustStop { return false }
    if mustDrop {
      try listenAgain(broker)
      return true
    }
    if let peer { for answer in answers { try send(peer, answer) } }
    var frame = Message()
    while try socket.tryReceive(into: &frame) {
      var frames: [[UInt8]] = [frame.bytes]
      while frame.more {
        try socket.receive(into: &frame)
        frames.append(frame.bytes)
      }
      try hear(broker, frames)
    }
    return true
  }

  private mutating func listenAgain(_ broker: FakeBroker) throws {
    // The port is free only once the old socket is closed.
    socket = try Socket(.pair, in: context)
    while true {
      if let again = try? FakeBroker.listen(context, broker.keys, at: broker.endpoint) {
        socket = again
        break
      }
    }
    broker.state.withLock { $0.peer = nil }
  }

  private func send(_ peer: [UInt8], _ answer: FakeBroker.Answer) throws {
    guard try socket.trySend(peer, more: true) == .sent else { return }
    try socket.send(answer.reply.encoded(), more: answer.batch != nil)
    if let batch = answer.batch { try socket.send(batch) }
  }

  private func hear(_ broker: FakeBroker, _ frames: [[UInt8]]) throws {
    guard frames.count > 1 else { return }
    let command = try frames[1].withUnsafeBytes { try decoder.clientCommand($0) }
    var events: [[UInt8]] = []
    if frames.count > 2 {
      frames[2].withUnsafeBytes { bytes in
        var reader = PublishBatchReader(bytes)
        while let event = reader.next() { events.append(Array(event)) }
      }
    }
    let heard = broker.state.withLock { state in
      if state.peer != frames[0] {
        state.peer = frames[0]
        state.connection += 1
      }
      let heard = FakeBroker.Heard(connection: state.connection, command: command, events: events)
      state.heard.append(heard)
      return heard
    }
    let told = broker.behaviour.withLock { $0 }(heard)
    let answers = told ?? broker.state.withLock { $0.answer(heard, broker) }
    for answer in answers { try send(frames[0], answer) }
  }
}

/// Carries the socket to the broker's thread.
final class SocketHolder: @unchecked Sendable {  // Written before the thread starts, taken once by it.
  private var socket: Socket?
  init(_ socket: consuming Socket) { self.socket = consume socket }
  func take() -> Socket? { socket.take() }
}
