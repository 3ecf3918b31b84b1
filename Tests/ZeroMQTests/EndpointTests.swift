import Glibc
import SystemFiles
import Testing
import ZeroMQ

@Suite struct EndpointTests {
  @Test(arguments: [
    "tcp://127.0.0.1:0", "tcp://*:7000", "tcp://[::1]:7000", "tcp://[::]:7000", "tcp://[fe80::1%eth0]:1",
    "tcp://[::ffff:10.0.0.1]:9", "tcp://[1:2:3:4:5:6:7:8]:65535", "tcp://broker.example:5577", "tcp://eth0:1",
    "ipc:///run/casus/bus", "ipc://@abstract",
  ])
  func `what a broker may listen on is read and written as it was`(text: String) throws {
    #expect(try Endpoint(text, for: .bind).description == text)
  }

  @Test(arguments: [
    ("udp://x", "neither tcp:// nor ipc://"), ("tcp://127.0.0.1", "no port"),
    ("tcp://127.0.0.1:65536", "from 0 to 65535"),
    ("tcp://127.0.0.1:-1", "from 0 to 65535"), ("tcp://127.0.0.1:", "from 0 to 65535"), ("tcp://:1", "no host"),
    ("tcp://300.0.0.1:1", "no IPv4"), ("tcp://1.2.3:1", "no IPv4"), ("tcp://01.2.3.4:1", "no IPv4"),
    ("tcp://::1:7000", "without brackets"), ("tcp://[::1:7000", "no IPv6"), ("tcp://[1::2::3]:1", "no IPv6"),
    ("tcp://[1:2:3]:1", "no IPv6"), ("tcp://[:::]:1", "no IPv6"), ("tcp://[12345::]:1", "no IPv6"),
    ("tcp://a b:1", "no host's name"), ("tcp://a..b:1", "no host's name"), ("ipc://relative", "absolute path"),
    ("ipc://", "absolute path"), ("ipc:///" + String(repeating: "x", count: 107), "at most 107"),
  ])
  func `what cannot be an endpoint is refused with the reason`(text: String, reason: String) {
    let fault = #expect(throws: Endpoint.Fault.self) { try Endpoint(text, for: .bind) }
    #expect(fault?.description.contains(reason) == true, "\(fault?.description ?? "")")
  }

  @Test(arguments: [
    ("tcp://127.0.0.1:7", "tcp://127.0.0.1:7", true), ("tcp://127.0.0.1:7", "tcp://127.0.0.1:8", false),
    ("tcp://127.0.0.1:7", "tcp://127.0.0.2:7", false), ("tcp://0.0.0.0:7", "tcp://127.0.0.1:7", true),
    ("tcp://*:7", "tcp://0.0.0.0:7", true), ("tcp://*:7", "tcp://[::1]:7", false), ("tcp://[::]:7", "tcp://*:7", true),
    ("tcp://[::]:7", "tcp://127.0.0.1:7", true), ("tcp://[::1]:7", "tcp://[0:0::1]:7", true),
    ("tcp://[fe80::1%eth0]:7", "tcp://[fe80::1%eth1]:7", false), ("tcp://*:0", "tcp://*:0", false),
    ("tcp://Host:7", "tcp://host:7", true), ("tcp://a:7", "tcp://b:7", false), ("ipc:///run/a", "ipc:///run/a", true),
    ("ipc:///run/a", "ipc:///run/b", false), ("ipc:///run/a", "tcp://*:7", false),
  ])
  func `two that leave each other no room overlap`(one: String, other: String, expected: Bool) throws {
    let (one, other) = (try Endpoint(one, for: .bind), try Endpoint(other, for: .bind))
    #expect(one.overlaps(other) == expected && other.overlaps(one) == expected)
  }

  @Test func `nobody connects to port 0 or to every address`() {
    #expect(throws: Endpoint.Fault.self) { try Endpoint("tcp://127.0.0.1:0", for: .connect) }
    #expect(throws: Endpoint.Fault.self) { try Endpoint("tcp://*:7000", for: .connect) }
  }

  @Test func `a broker on every address is reached by loopback`() throws {
    #expect(try Endpoint("tcp://0.0.0.0:7", for: .bind).fromThisMachine.description == "tcp://127.0.0.1:7")
    #expect(try Endpoint("tcp://*:7", for: .bind).fromThisMachine.description == "tcp://127.0.0.1:7")
    #expect(try Endpoint("tcp://[::]:7", for: .bind).fromThisMachine.description == "tcp://[::1]:7")
    #expect(try Endpoint("tcp://[::1]:7", for: .bind).isLocal)
    #expect(try !Endpoint("tcp://[::]:7", for: .bind).isLocal)
  }

  private static let hasIPv6: Bool = {
    guard let server = try? Socket(.rep) else { return false }
    return (try? server.bind("tcp://[::1]:0")) != nil
  }()

  /// A message arrives.
  private func meets(_ listen: String, _ host: String) throws {
    let server = try Socket(.dealer)
    try server.bind(listen)
    let bound = try server.lastEndpoint
    let port = try #require(bound.split(separator: ":").last)
    // A name's addresses take turns, as for a plugin that tries again; the server has one of them.
    let first = try Socket(.dealer)
    let second = try Socket(.dealer)
    try first.connect("tcp://\(host):\(port)", attempt: 0)
    try second.connect("tcp://\(host):\(port)", attempt: 1)
    try first.send(frames: [[1, 2, 3]])
    try second.send(frames: [[1, 2, 3]])
    var poller = Poller()
    let place = poller.add(server)
    while poller.ready(place).isEmpty { _ = try poller.wait(for: .seconds(1)) }
    let frames = try server.receiveFrames(limit: 4)
    #expect(frames == [[1, 2, 3]])
  }

  @Test(.timeLimit(.minutes(15))) func `a socket listens and connects by i pv 4 and by name`() throws {
    try meets("tcp://127.0.0.1:0", "127.0.0.1")
    try meets("tcp://127.0.0.1:0", "localhost")
    try meets("tcp://localhost:0", "localhost")
  }

  @Test(.enabled(if: hasIPv6, "this machine has no ::1: IPv6 is NOT tested here"), .timeLimit(.minutes(15)))
  func `a socket listens and connects by i pv 6`() throws {
    try meets("tcp://[::1]:0", "[::1]")
    try meets("tcp://[::]:0", "[::1]")
  }

  @Test func `a name that nobody has is named`() throws {
    let socket = try Socket(.rep)
    do throws(ZeroMQError) {
      try socket.bind("tcp://no-such-host.invalid:7000")
      Issue.record("a host that nobody has was bound to")
    } catch {
      #expect(error.description.contains("no-such-host.invalid"))
    }
  }
}
