import CasusNames
import Glibc
import SystemFiles
import ZeroMQ

/// A port of this machine alone on which Prometheus reads one page, `/metrics`. No library of HTTP: those that there are bring a
/// client, TLS and directory services along into what holds an operator's key.
///
/// A request has two seconds and 8 KiB; 64 connections may wait to say something, and of more the oldest is closed: who says nothing
/// holds up nobody. May be used from any thread.
final class MetricsPort: Sendable {
  private static let seconds = 2
  private static let mostWaiting = 64

  private let listening: Int32
  /// As a browser takes it.
  let address: String

  /// - Parameter place: `127.0.0.1:9464` or `[::1]:9464`; port 0 takes a free one.
  /// - Throws: what is no address of this machine alone (64), what is taken or not permitted.
  init(_ place: String) throws(Failure) {
    let endpoint: ZeroMQ.Endpoint
    do throws(ZeroMQ.Endpoint.Fault) { endpoint = try ZeroMQ.Endpoint("tcp://\(place)", for: .bind) } catch {
      throw Failure(.usage, "--listen takes an address and a port, as 127.0.0.1:9464, not \(place): it \(error)")
    }
    let (host, number, isV6): (String, Int, Bool) =
      switch endpoint.place {
      case .ipv4(let host, let port): (host, port, false)
      case .ipv6(let host, let port): (host, port, true)
      default: ("", 0, false)
      }
    guard endpoint.isLocal, !host.isEmpty else {
      throw Failure(
        .usage, "--listen is for this machine alone, 127.0.0.1 or [::1], not \(endpoint): the page asks for no key")
    }
    var (v4, v6) = (sockaddr_in(), sockaddr_in6())
    v4.sin_family = sa_family_t(AF_INET)
    v4.sin_port = UInt16(number).bigEndian
    inet_pton(AF_INET, host, &v4.sin_addr)
    v6.sin6_family = sa_family_t(AF_INET6)
    v6.sin6_port = UInt16(number).bigEndian
    inet_pton(AF_INET6, host, &v6.sin6_addr)
    let descriptor = socket(isV6 ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw Failure(writing: SystemError(errno, "open", place)) }
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    func with<A>(_ address: inout A, _ body: (UnsafeMutablePointer<sockaddr>, inout socklen_t) -> Int32) -> Int32 {
      var size = socklen_t(MemoryLayout<A>.size)
      return withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, &size) }
      }
    }
    let bound =
      isV6
      ? with(&v6) {
        bind(descriptor, $0, $1) == 0 && listen(descriptor, 16) == 0 ? getsockname(descriptor, $0, &$1) : -1
      }
      : with(&v4) {
        bind(descriptor, $0, $1) == 0 && listen(descriptor, 16) == 0 ? getsockname(descriptor, $0, &$1) : -1
      }
    guard bound == 0 else {
      let error = SystemError(errno, "listen on", place)
      close(descriptor)
      throw Failure(writing: error)
    }
    listening = descriptor
    let port = UInt16(bigEndian: isV6 ? v6.sin6_port : v4.sin_port)
    address = "http://\(isV6 ? "[::1]" : host):\(port)/metrics"
  }

  deinit { close(listening) }

  /// Answers until the task is cancelled.
  /// - Parameter page: the page, or 503 with the reason.
  func serve(_ page: () async -> HTTPAnswer) async throws {
    let (requests, continuation) = AsyncStream<(connection: Int32, answer: HTTPAnswer?, isHead: Bool)>
      .makeStream(bufferingPolicy: .bufferingOldest(Self.mostWaiting))
    let listening = listening
    let thread = try OwnedThread(name: "metrics") {
      Self.read(listening) { connection, request in
        let isHead = request?.method == "HEAD"
        let refusal: HTTPAnswer? =
          switch request {
          case nil: HTTPAnswer(status: 400, text: "this is no request of HTTP/1\n")
          case let it? where it.method != "GET" && !isHead: HTTPAnswer(status: 405, text: "GET it\n")
          case let it? where it.path != "/metrics": HTTPAnswer(status: 404, text: "the figures are at /metrics\n")
          default: nil
          }
        if case .dropped(let late) = continuation.yield((connection, refusal, isHead)) { close(late.connection) }
      }
      continuation.finish()
    }
    await withTaskCancellationHandler {
      for await request in requests {
        var answer = if let known = request.answer { known } else { await page() }
        answer.hasBody = !request.isHead
        _ = Files.write(answer.bytes, to: request.connection)
        shutdown(request.connection, Int32(SHUT_WR))
        close(request.connection)
      }
    } onCancel: {
      shutdown(listening, Int32(SHUT_RDWR))
    }
    thread.join()
    guard Task.isCancelled else { throw Failure(.failed, "\(address) can no longer be listened on") }
  }

  private struct Waiting {
    var connection: Int32
    var end: Int64
    var head: [UInt8] = []
  }

  /// Takes connections and reads their requests until the socket that listens is shut down. Hands on a connection with its request; nil
  /// where it sent none, and it has not said it was done either.
  private static func read(_ listening: Int32, _ hand: (Int32, HTTPRequest?) -> Void) {
    var waiting: [Waiting] = []
    defer { for one in waiting { close(one.connection) } }
    var bytes = [UInt8](repeating: 0, count: 2048)
    while true {
      var items = [pollfd(fd: listening, events: Int16(POLLIN), revents: 0)]
      items += waiting.map { pollfd(fd: $0.connection, events: Int16(POLLIN), revents: 0) }
      let now = SystemClock.steady()
      let pause = waiting.first.map { max(0, ($0.end - now) / 1_000_000 + 1) } ?? -1
      guard poll(&items, nfds_t(items.count), Int32(pause)) >= 0 || errno == EINTR else { return }
      var kept: [Waiting] = []
      for (var one, item) in zip(waiting, items.dropFirst()) {
        if item.revents != 0 {
          let count = recv(one.connection, &bytes, bytes.count, Int32(MSG_DONTWAIT))
          if count > 0 { one.head += bytes[..<count] }
          if HTTPRequest.isWhole(one.head) || one.head.count > HTTPRequest.mostBytes || count == 0 {
            hand(one.connection, HTTPRequest(head: one.head))
            continue
          }
          if count < 0, errno != EAGAIN, errno != EINTR {
            close(one.connection)
            continue
          }
        }
        if SystemClock.steady() >= one.end { hand(one.connection, nil) } else { kept.append(one) }
      }
      waiting = kept
      guard items[0].revents != 0 else { continue }
      let connection = accept(listening, nil, nil)
      if connection < 0 {
        // Somebody went away, or the limit of files is reached.
        guard [EINTR, EAGAIN, ECONNABORTED, EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno) else { return }
        if errno == EMFILE || errno == ENFILE { usleep(100_000) }
        continue
      }
      var limit = timeval(tv_sec: seconds, tv_usec: 0)
      setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
      if waiting.count == mostWaiting { close(waiting.removeFirst().connection) }
      waiting.append(Waiting(connection: connection, end: SystemClock.steady() + Int64(seconds) * 1_000_000_000))
    }
  }
}
