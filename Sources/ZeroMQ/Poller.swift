import CZeroMQ
import Glibc

/// What a socket or descriptor is ready for.
public struct PollEvents: OptionSet, Hashable, Sendable {
  public var rawValue: Int16
  public init(rawValue: Int16) { self.rawValue = rawValue }

  public static let readable = Self(rawValue: Int16(ZMQ_POLLIN))
  public static let writable = Self(rawValue: Int16(ZMQ_POLLOUT))
  /// On a descriptor: an error, or its other end was closed.
  public static let error = Self(rawValue: Int16(ZMQ_POLLERR))
}

/// Waits for several sockets and descriptors at once (`zmq_poll`). Belongs to one thread, the sockets' owner; waiting
/// allocates nothing.
///
/// It keeps plain pointers to its sockets: they must outlive it.
public struct Poller: ~Copyable {
  private var items: [zmq_pollitem_t] = []

  public init() {}

  /// Adds a socket; the result is its place for `ready(_:)` and `setInterest`.
  @discardableResult
  public mutating func add(_ socket: borrowing Socket, _ events: PollEvents = .readable) -> Int {
    socket.checkOwner()
    items.append(zmq_pollitem_t(socket: socket.raw, fd: -1, events: events.rawValue, revents: 0))
    return items.count - 1
  }

  /// Adds a descriptor of the system.
  @discardableResult
  public mutating func add(fileDescriptor: Int32, _ events: PollEvents = .readable) -> Int {
    items.append(zmq_pollitem_t(socket: nil, fd: fileDescriptor, events: events.rawValue, revents: 0))
    return items.count - 1
  }

  /// What to wait for at a place; nothing leaves it out.
  public mutating func setInterest(_ events: PollEvents, at place: Int) { items[place].events = events.rawValue }

  /// Forgets everything that was added.
  public mutating func removeAll() { items.removeAll(keepingCapacity: true) }

  /// Waits until something is ready or the time is over (nil: no limit; zero: looks only).
  ///
  /// - Returns: how many are ready. 0 also when a signal interrupted the wait: the caller's loop looks around and comes
  ///   back.
  public mutating func wait(for timeout: Duration?) throws(ZeroMQError) -> Int {
    let limit = timeout.map { Int(milliseconds($0)) } ?? -1
    let count = items.withUnsafeMutableBufferPointer { zmq_poll($0.baseAddress, Int32($0.count), limit) }
    if count >= 0 { return Int(count) }
    for index in items.indices { items[index].revents = 0 }
    if zmq_errno() == EINTR { return 0 }
    throw .last("zmq_poll")
  }

  /// What the last wait found at a place.
  public func ready(_ place: Int) -> PollEvents { PollEvents(rawValue: items[place].revents) }
}
