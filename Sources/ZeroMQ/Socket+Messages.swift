import CZeroMQ
import Glibc

/// What became of a frame that was offered without waiting.
public enum SendResult: Sendable {
  /// libzmq took it (which says nothing about its arrival); the message is empty now.
  case sent
  /// The peer's queue is full; the message still holds the frame.
  case wouldBlock
  /// A ROUTER with `routerMandatory` has no such peer any more; the message still holds the frame.
  case unreachable
}

extension Socket {
  /// Sends a frame, waiting for room as long as `sendTimeout` allows. Empties `message`.
  ///
  /// A call that a signal interrupts is made again. A ROUTER throws `.hostUnreachable` for a peer that is gone when
  /// `routerMandatory` is on.
  public func send(_ message: inout Message, more: Bool = false) throws(ZeroMQError) {
    checkOwner()
    while zmq_msg_send(&message.raw, raw, more ? ZMQ_SNDMORE : 0) < 0 {
      guard zmq_errno() == EINTR else { throw .last("zmq_msg_send") }
    }
  }

  /// Sends a copy of `bytes`, waiting for room.
  public func send(_ bytes: [UInt8], more: Bool = false) throws(ZeroMQError) {
    var message = try Message(copying: bytes)
    try send(&message, more: more)
  }

  /// Sends text as UTF-8, waiting for room.
  public func send(_ text: String, more: Bool = false) throws(ZeroMQError) {
    try send([UInt8](text.utf8), more: more)
  }

  /// Offers a frame and returns at once. Neither a full queue nor a peer that is gone throws or allocates.
  ///
  /// A message of several frames goes whole or not at all: once its first frame was `.sent`, the others find room.
  public func trySend(_ message: inout Message, more: Bool = false) throws(ZeroMQError) -> SendResult {
    checkOwner()
    while zmq_msg_send(&message.raw, raw, ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0)) < 0 {
      switch zmq_errno() {
      case EINTR: continue
      case EAGAIN: return .wouldBlock
      case EHOSTUNREACH: return .unreachable
      default: throw .last("zmq_msg_send")
      }
    }
    return .sent
  }

  /// `trySend` of a copy of `bytes`.
  public func trySend(_ bytes: [UInt8], more: Bool = false) throws(ZeroMQError) -> SendResult {
    var message = try Message(copying: bytes)
    return try trySend(&message, more: more)
  }

  /// Waits for the next frame, as long as `receiveTimeout` allows; what `message` held is freed.
  public func receive(into message: inout Message) throws(ZeroMQError) {
    checkOwner()
    while zmq_msg_recv(&message.raw, raw, 0) < 0 {
      guard zmq_errno() == EINTR else { throw .last("zmq_msg_recv") }
    }
  }

  /// Waits for the next frame, as long as `receiveTimeout` allows.
  public func receive() throws(ZeroMQError) -> Message {
    var message = Message()
    try receive(into: &message)
    return message
  }

  /// Takes the next frame if there is one; false, without throwing or allocating, when there is none.
  ///
  /// When the first frame of a message is there, all of them are.
  public func tryReceive(into message: inout Message) throws(ZeroMQError) -> Bool {
    checkOwner()
    while zmq_msg_recv(&message.raw, raw, ZMQ_DONTWAIT) < 0 {
      switch zmq_errno() {
      case EINTR: continue
      case EAGAIN: return false
      default: throw .last("zmq_msg_recv")
      }
    }
    return true
  }

  /// Waits for a whole message and copies its frames: for tests and rare messages, not for a busy socket.
  ///
  /// - Parameter limit: frames beyond this many are read and dropped, so that an endless message costs no memory here.
  public func receiveFrames(limit: Int = 64) throws(ZeroMQError) -> [[UInt8]] {
    var frames: [[UInt8]] = []
    var message = Message()
    repeat {
      try receive(into: &message)
      if frames.count < limit { frames.append(message.bytes) }
    } while message.more
    return frames
  }

  /// Sends the frames as one message, waiting for room.
  public func send(frames: [[UInt8]]) throws(ZeroMQError) {
    for (index, frame) in frames.enumerated() { try send(frame, more: index + 1 < frames.count) }
  }

  /// Reads and drops the rest of the message whose last read frame is `message`.
  public func dropRest(of message: inout Message) throws(ZeroMQError) {
    while message.more { try receive(into: &message) }
  }
}
