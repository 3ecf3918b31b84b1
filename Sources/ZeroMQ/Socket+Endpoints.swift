import CZeroMQ
import Glibc
public import SystemFiles

// Where sockets listen and connect to. libzmq wants an IPv6 option for IPv6 addresses, knows host names for connecting only,
// and then takes one address alone; here every form of `Endpoint` works for both.
extension Socket {
  /// Listens on `endpoint`: `tcp://127.0.0.1:0`, `tcp://[::1]:7000`, `tcp://localhost:7000`, `ipc:///run/casus/bus`,
  /// `inproc://name`. `lastEndpoint` then tells address and port. A host's name is looked up, which blocks, and its first
  /// address is taken.
  public func bind(_ endpoint: String) throws(ZeroMQError) {
    checkOwner()
    let address = try address(of: endpoint, for: .bind, attempt: 0)
    guard zmq_bind(raw, address) == 0 else { throw .last("zmq_bind", address) }
  }

  /// Begins to connect, and goes on by itself in the background; an unreachable peer is no error here. A host's name is looked
  /// up, which blocks.
  ///
  /// - Parameter attempt: how often it was tried before: the addresses of a name take turns.
  public func connect(_ endpoint: String, attempt: Int = 0) throws(ZeroMQError) {
    checkOwner()
    let address = try address(of: endpoint, for: .connect, attempt: attempt)
    guard zmq_connect(raw, address) == 0 else { throw .last("zmq_connect", address) }
  }

  private func address(of text: String, for use: Endpoint.Use, attempt: Int) throws(ZeroMQError) -> String {
    // What is no endpoint of ours is libzmq's to judge: inproc, and an address of its own making.
    guard text.hasPrefix("tcp://"), let endpoint = try? Endpoint(text, for: use) else { return text }
    let found: [Endpoint]
    do throws(HostLookup.Failure) {
      found = try endpoint.lookedUp()
    } catch {
      throw ZeroMQError(.addressNotAvailable, "getaddrinfo", error.description)
    }
    let chosen = found[attempt % found.count]
    if case .ipv6 = chosen.place {
      try set(ZMQ_IPV6, 1 as Int32, "ZMQ_IPV6")
    } else {
      try set(ZMQ_IPV6, 0 as Int32, "ZMQ_IPV6")
    }
    return chosen.description
  }
}

extension Endpoint {
  /// With a name looked up: an endpoint for each of its addresses, never none. Others are their own. Blocks.
  public func lookedUp() throws(HostLookup.Failure) -> [Endpoint] {
    // An interface's name is libzmq's to bind to.
    guard case .name(let name, let port) = place, if_nametoindex(name) == 0 else { return [self] }
    return try HostLookup.addresses(of: name).map { address in
      Endpoint(address.isIPv6 ? .ipv6(address.text, port: port) : .ipv4(address.text, port: port))
    }
  }
}
