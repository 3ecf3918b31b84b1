import CZeroMQ
import Glibc

/// One frame: an owner of a `zmq_msg_t`. Not thread-safe; it may move from thread to thread.
///
/// A body of up to 33 bytes lives inside the value itself, so no pointer into it may outlive the call that gave it.
/// Sending empties the message: its body then belongs to libzmq.
public struct Message: ~Copyable, @unchecked Sendable {  // Sole owner of its body; shared ones are counted.
  var raw: zmq_msg_t

  /// An empty frame; allocates nothing. Use one again and again to receive into.
  public init() {
    var handle = zmq_msg_t()
    zmq_msg_init(&handle)
    raw = handle
  }

  /// A frame of `size` bytes of whatever the memory held: fill it with `withUnsafeMutableBytes`.
  public init(size: Int) throws(ZeroMQError) {
    var handle = zmq_msg_t()
    guard zmq_msg_init_size(&handle, size) == 0 else { throw .last("zmq_msg_init_size") }
    raw = handle
  }

  /// A frame with a copy of `bytes`.
  public init(copying bytes: UnsafeRawBufferPointer) throws(ZeroMQError) {
    try self.init(size: bytes.count)
    if let source = bytes.baseAddress { memcpy(zmq_msg_data(&raw), source, bytes.count) }
  }

  /// A frame with a copy of `bytes`.
  public init(copying bytes: [UInt8]) throws(ZeroMQError) {
    try self.init(size: bytes.count)
    bytes.withUnsafeBytes { if let source = $0.baseAddress { memcpy(zmq_msg_data(&raw), source, $0.count) } }
  }

  /// A second frame on the same body: a body over 33 bytes is shared and counted, not copied. Neither may then be
  /// written to.
  public init(sharing other: inout Message) throws(ZeroMQError) {
    var handle = zmq_msg_t()
    zmq_msg_init(&handle)
    guard zmq_msg_copy(&handle, &other.raw) == 0 else { throw .last("zmq_msg_copy") }
    raw = handle
  }

  deinit {
    // Fails only for a message that was never initialised. A copy of the handle closes the same body.
    var raw = raw
    zmq_msg_close(&raw)
  }

  public var count: Int { withUnsafePointer(to: raw) { zmq_msg_size($0) } }

  public var isEmpty: Bool { count == 0 }

  /// True on a received frame that another frame of the same message follows.
  public var more: Bool { withUnsafePointer(to: raw) { zmq_msg_more($0) != 0 } }

  /// The descriptor of the connection that a received frame came on; nil for a frame that came otherwise.
  ///
  /// Like other metadata a ROUTER's first frame may have lost it. The descriptor is libzmq's: it may be closed, and be
  /// another's, at any moment. Two connections at one time never share it.
  public var sourceDescriptor: Int32? {
    let descriptor = withUnsafePointer(to: raw) { zmq_msg_get($0, ZMQ_SRCFD) }
    return descriptor >= 0 ? descriptor : nil
  }

  /// The body. The pointer is good inside `body` only.
  public func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    // libzmq takes a mutable pointer though it only reads; a small body lies inside this very copy of the handle.
    var handle = raw
    return try withUnsafeMutablePointer(to: &handle) { (handle) throws(E) in
      try body(UnsafeRawBufferPointer(start: zmq_msg_data(handle), count: zmq_msg_size(handle)))
    }
  }

  /// The body for writing, before it is sent. The pointer is good inside `body` only.
  public mutating func withUnsafeMutableBytes<R, E: Error>(
    _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    try withUnsafeMutablePointer(to: &raw) { (handle) throws(E) in
      try body(UnsafeMutableRawBufferPointer(start: zmq_msg_data(handle), count: zmq_msg_size(handle)))
    }
  }

  /// A copy of the body.
  public var bytes: [UInt8] { withUnsafeBytes { [UInt8]($0) } }

  /// What the connection says of itself: `User-Id` (as the ZAP handler gave it), `Peer-Address`, `Socket-Type`.
  ///
  /// In libzmq 4.3.4 the first frame that a ROUTER hands out may have lost its metadata (a poll prefetches it), so ask
  /// a later frame of the same message. Where no ZAP handler ran, a peer can claim any `User-Id`.
  public func metadata(_ name: StaticString) -> String? {
    withMetadata(name) { value in value.map { String(decoding: $0, as: UTF8.self) } }
  }

  /// `metadata` without making a String: for every message of a busy socket.
  public func withMetadata<R>(_ name: StaticString, _ body: (UnsafeBufferPointer<UInt8>?) -> R) -> R {
    withUnsafePointer(to: raw) { handle in
      let value = name.withUTF8Buffer { text in
        text.withMemoryRebound(to: CChar.self) { zmq_msg_gets(handle, $0.baseAddress) }
      }
      guard let value else { return body(nil) }
      let length = strlen(value)
      return value.withMemoryRebound(to: UInt8.self, capacity: length) {
        body(UnsafeBufferPointer(start: $0, count: length))
      }
    }
  }
}
