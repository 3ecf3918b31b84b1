import CasusNames
import Glibc
import SystemFiles
import ZeroMQ

/// A port of this machine alone on which Prometheus reads one page, `/metrics`. No library of HTTP: those that there are bring a
/// client, TLS and directory services along into what holds an operator's key.
///
/// One request after the other, each within two seconds and 8 KiB, so that nobody holds it up for long. May be used from any thread.
final class MetricsPort: Sendable {
  private static let seconds = 2

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
    var number: UInt16 = 0
    var (v4, v6) = (sockaddr_in(), sockaddr_in6())
    let isV6 = place.hasPrefix("[")
    let host = String(place.prefix(upTo: place.lastIndex(of: ":") ?? place.endIndex).filter { $0 != "[" && $0 != "]" })
    number = UInt16(place.split(separator: ":").last ?? "") ?? 0
    v4.sin_family = sa_family_t(AF_INET)
    v4.sin_port = number.bigEndian
    v6.sin6_family = sa_family_t(AF_INET6)
    v6.sin6_port = number.bigEndian
    let isAddress =
      isV6 ? inet_pton(AF_INET6, host, &v6.sin6_addr) == 1 : inet_pton(AF_INET, host, &v4.sin_addr) == 1
    guard isAddress, isV6 ? host == "::1" : host.hasPrefix("127.") else {
      throw Failure(
        .usage, "--listen is for this machine alone, 127.0.0.1 or [::1], not \(endpoint): the page asks for no key")
    }
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
    let (requests, continuation) = AsyncStream<(connection: Int32, answer: HTTPAnswer?, isHead: Bool)>.makeStream()
    let listening = listening
    let thread = try OwnedThread(name: "metrics") {
      while true {
        let connection = accept(listening, nil, nil)
        if connection < 0 {
          // Somebody went away, or the limit of files is reached.
          guard [EINTR, ECONNABORTED, EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno) else { break }
          if errno != EINTR { usleep(100_000) }
          continue
        }
        let request = Self.request(connection)
        let isHead = request?.method == "HEAD"
        let refusal: HTTPAnswer? =
          switch request {
          case nil: HTTPAnswer(status: 400, text: "this is no request of HTTP/1\n")
          case let it? where it.method != "GET" && !isHead: HTTPAnswer(status: 405, text: "GET it\n")
          case let it? where it.path != "/metrics": HTTPAnswer(status: 404, text: "the figures are at /metrics\n")
          default: nil
          }
        continuation.yield((connection, refusal, isHead))
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
  }

  /// The head of a request; nil when none came in time.
  private static func request(_ connection: Int32) -> HTTPRequest? {
    var limit = timeval(tv_sec: seconds, tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      setsockopt(connection, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
    }
    let end = SystemClock.steady() + Int64(seconds) * 1_000_000_000
    var head: [UInt8] = []
    var bytes = [UInt8](repeating: 0, count: 2048)
    while !HTTPRequest.isWhole(head), head.count <= HTTPRequest.mostBytes, SystemClock.steady() < end {
      let count = recv(connection, &bytes, bytes.count, 0)
      guard count > 0 else { break }
      head += bytes[..<count]
    }
    return HTTPRequest(head: head)
  }
}
