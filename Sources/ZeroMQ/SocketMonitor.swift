import CZeroMQ
import SystemFiles

/// Tells what happens to a socket's connections, from a thread of its own that always drains them: libzmq's I/O
/// thread would stop, and with it every socket, behind a monitor that nobody reads.
///
/// The thread ends when the socket closes or with `stop`. It is thread-safe but for `stop`, which the socket's owner calls.
public final class SocketMonitor: Sendable {
  private let thread: OwnedThread

  /// - Parameters:
  ///   - socket: this thread must own it.
  ///   - kinds: which events to tell.
  ///   - handler: called on the monitor's thread, one event after the other; it must be quick.
  public init(
    _ socket: borrowing Socket, _ kinds: MonitorEvent.Kind = .service, in context: Context = .shared,
    handler: @escaping @Sendable (MonitorEvent) -> Void
  ) throws(ZeroMQError) {
    let box = ReaderBox(try MonitorReader(socket, kinds, in: context))
    do throws(SystemError) {
      thread = try OwnedThread(name: "monitor") {
        guard let reader = box.take() else { return }
        // An error is the end of the context: no more events will come.
        while let event = try? reader.next(), event.kind != .monitorStopped { handler(event) }
      }
    } catch {
      box.take()?.stop(socket)
      throw ZeroMQError(error)
    }
  }

  /// Ends the monitoring of `socket`, the one it was made for, and waits for the thread. Call it on the socket's thread,
  /// not from the handler.
  public func stop(_ socket: borrowing Socket) {
    socket.checkOwner()
    zmq_socket_monitor(socket.raw, nil, 0)
    thread.join()
  }

  /// Waits until the thread has ended because the socket was closed.
  public func join() { thread.join() }
}

/// Carries a reader to the thread that will own it.
private final class ReaderBox: @unchecked Sendable {  // Written before the thread starts, taken once by that thread.
  private var reader: MonitorReader?
  init(_ reader: consuming MonitorReader) {
    reader.socket.handOver()
    self.reader = consume reader
  }
  func take() -> MonitorReader? { reader.take() }
}
