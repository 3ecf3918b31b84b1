import CPlatform
import CZeroMQ
import Glibc
import Synchronization

/// What a socket is for, as libzmq numbers it.
public struct SocketKind: RawRepresentable, Hashable, Sendable {
  public var rawValue: Int32
  public init(rawValue: Int32) { self.rawValue = rawValue }

  public static let pair = Self(rawValue: ZMQ_PAIR)
  public static let req = Self(rawValue: ZMQ_REQ)
  public static let rep = Self(rawValue: ZMQ_REP)
  public static let dealer = Self(rawValue: ZMQ_DEALER)
  public static let router = Self(rawValue: ZMQ_ROUTER)
  public static let push = Self(rawValue: ZMQ_PUSH)
  public static let stream = Self(rawValue: ZMQ_STREAM)
}

/// A libzmq socket, closed when it goes out of scope.
///
/// **One thread uses a socket.** It belongs to the thread that made it; `handOver()` lets the next thread that touches
/// it have it. The program stops when another thread uses it: libzmq itself would corrupt memory. The check is a load.
///
/// A new socket has LINGER 0: what is unsent when it closes is lost, and closing never waits. A send that succeeds
/// proves nothing about arrival in any case; set `linger` where that matters.
public struct Socket: ~Copyable, @unchecked Sendable {  // One owner at a time; `owner` checks it.
  let raw: UnsafeMutableRawPointer
  public let kind: SocketKind
  private let context: Context
  private let owner: Atomic<UInt>

  public init(_ kind: SocketKind, in context: Context = .shared) throws(ZeroMQError) {
    guard let raw = zmq_socket(context.raw, kind.rawValue) else { throw .last("zmq_socket") }
    var linger: Int32 = 0
    guard zmq_setsockopt(raw, ZMQ_LINGER, &linger, MemoryLayout<Int32>.size) == 0 else {
      let error = ZeroMQError.last("ZMQ_LINGER")
      zmq_close(raw)
      throw error
    }
    self.raw = raw
    self.kind = kind
    self.context = context
    owner = Atomic(casus_thread_self())
  }

  deinit { zmq_close(raw) }

  /// Closes now instead of at the end of the scope.
  public consuming func close() {}

  /// Gives the socket up: the next thread that uses it owns it. The caller makes sure that what this thread did happens
  /// before (starting a thread or a lock does).
  public func handOver() { owner.store(0, ordering: .releasing) }

  /// Stops the program when the calling thread does not own the socket.
  @inline(__always)
  func checkOwner() {
    precondition(isOwnedByCaller(), "A ZeroMQ socket is used by a thread that does not own it; see Socket.handOver()")
  }

  private func isOwnedByCaller() -> Bool {
    let caller = casus_thread_self()
    if owner.load(ordering: .acquiring) == caller { return true }
    return owner.compareExchange(expected: 0, desired: caller, ordering: .acquiringAndReleasing).exchanged
  }

  /// Gives an endpoint's name back, if the socket has it.
  func unbind(_ endpoint: String) {
    checkOwner()
    zmq_unbind(raw, endpoint)
  }
}
