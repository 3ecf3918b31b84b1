import CZeroMQ
import Glibc

/// libzmq's context: its I/O threads and the space of `inproc://` names. Thread-safe.
///
/// Make one per process (`Context.shared`), and let it live until the process ends: ending a context while another
/// is alive closes libsodium's random source under it (libzmq#4241). Every socket keeps its context alive.
public final class Context: Sendable {
  // libzmq guards a context itself: every call on it may come from any thread.
  nonisolated(unsafe) let raw: UnsafeMutableRawPointer

  /// The context of this process, with one I/O thread.
  public static let shared: Context = {
    do { return try Context() } catch { fatalError("libzmq gives no context: \(error)") }
  }()

  /// - Parameters:
  ///   - ioThreads: 1 is right up to about a gigabyte a second; 0 serves `inproc://` only.
  ///   - maxSockets: how many sockets the context may hold at once.
  public init(ioThreads: Int32 = 1, maxSockets: Int32 = 1023) throws(ZeroMQError) {
    Self.seedOnce
    guard let raw = zmq_ctx_new() else { throw .last("zmq_ctx_new") }
    self.raw = raw
    guard zmq_ctx_set(raw, ZMQ_IO_THREADS, ioThreads) == 0 else { throw .last("ZMQ_IO_THREADS") }
    guard zmq_ctx_set(raw, ZMQ_MAX_SOCKETS, maxSockets) == 0 else { throw .last("ZMQ_MAX_SOCKETS") }
  }

  /// Waits until libzmq has sent what its closed sockets still held, as their LINGER says.
  deinit {
    while zmq_ctx_term(raw) != 0, zmq_errno() == EINTR {}
  }

  /// libzmq takes the first of a ROUTER's generated routing ids from `rand()` and never seeds it (libzmq#4633): a peer
  /// that sets that id itself would abort the process. glibc's `rand` and `random` share one state.
  private static let seedOnce: Void = srandom(UInt32.random(in: .min ... .max))

  /// `4.3.4`
  public static var libraryVersion: String {
    var major: Int32 = 0
    var minor: Int32 = 0
    var patch: Int32 = 0
    zmq_version(&major, &minor, &patch)
    return "\(major).\(minor).\(patch)"
  }

  /// Whether the library was built with a capability: `curve`, `ipc`, `draft`.
  public static func has(_ capability: String) -> Bool { zmq_has(capability) == 1 }
}
