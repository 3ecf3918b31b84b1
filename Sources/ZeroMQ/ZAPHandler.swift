internal import SystemFiles

/// Answers libzmq's questions who may connect, on a thread of its own at `inproc://zeromq.zap.01`. Thread-safe.
///
/// There is one per context, and it must run before any server socket is bound: libzmq asks it once per connection. A
/// connection that was let in stays when its key is removed later: check the key on each message.
/// When the handler is gone, sockets that enforce their domain refuse everyone new.
public final class ZAPHandler: Sendable {
  private static let endpoint = "inproc://zeromq.zap.01"

  private let thread: OwnedThread
  private let stopping: WakeUp

  /// Starts to answer. Once this has returned, server sockets may be bound.
  ///
  /// - Parameters:
  ///   - answer: called on the handler's thread for each new connection, one at a time: it must be quick, and may not
  ///     stop the handler.
  /// - Throws: `.addressInUse` when the context has a handler already.
  public init(
    in context: Context = .shared, answer: @escaping @Sendable (ZAPRequest) -> ZAPReply
  ) throws(ZeroMQError) {
    let socket = try Socket(.rep, in: context)
    try socket.bind(Self.endpoint)
    socket.handOver()
    let box = SocketBox(socket)
    do throws(SystemError) {
      let stopping = try WakeUp()
      self.stopping = stopping
      thread = try OwnedThread(name: "zap") { Self.run(box, stopping, answer) }
    } catch {
      throw ZeroMQError(error)
    }
  }

  /// Stops answering and waits until the thread has ended. Server sockets refuse new peers from then on, until there is
  /// another handler.
  public func stop() {
    stopping.ring()
    thread.join()
  }

  deinit { stop() }

  private static func run(_ box: SocketBox, _ stopping: WakeUp, _ answer: (ZAPRequest) -> ZAPReply) {
    guard let socket = box.take() else { return }
    // A socket closes some time later, on a thread of libzmq's; the name is free for the next handler at once.
    defer { socket.unbind(endpoint) }
    var poller = Poller()
    let requests = poller.add(socket)
    let stop = poller.add(fileDescriptor: stopping.fileDescriptor)
    do {
      while true {
        _ = try poller.wait(for: nil)
        if !poller.ready(stop).isEmpty { return }
        guard poller.ready(requests).contains(.readable) else { continue }
        let frames = try socket.receiveFrames(limit: 16)
        let reply = ZAPRequest(frames: frames).map(answer) ?? .failed("not a ZAP 1.0 request")
        try socket.send(frames: reply.frames(requestID: frames.count > 1 ? frames[1] : []))
      }
    } catch {
      // Only the end of the context comes here; the socket closes and enforcing servers let nobody in.
    }
  }
}

/// Carries a socket to the thread that will own it.
final class SocketBox: @unchecked Sendable {  // Written before the thread starts, taken once by that thread.
  private var socket: Socket?
  init(_ socket: consuming Socket) { self.socket = consume socket }
  func take() -> Socket? { socket.take() }
}
