internal import Glibc

/// Hosts' names to addresses, by the system's resolver (getaddrinfo(3): /etc/hosts, DNS).
public enum HostLookup {
  public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    public var name: String
    public var reason: String
    public var description: String { "cannot find the address of \(name): \(reason)" }
  }

  public struct Address: Hashable, Sendable {
    public var text: String
    public var isIPv6: Bool
  }

  /// The addresses of a name, the one first that the system prefers; never empty. Blocks, for seconds where a name server does
  /// not answer.
  public static func addresses(of name: String) throws(Failure) -> [Address] {
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(name, nil, &hints, &list)
    guard code == 0 else { throw Failure(name: name, reason: String(cString: gai_strerror(code))) }
    defer { freeaddrinfo(list) }
    var found: [Address] = []
    var next = list
    while let entry = next {
      var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
      let info = entry.pointee
      if getnameinfo(info.ai_addr, info.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0 {
        let address = Address(
          text: String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self),
          isIPv6: info.ai_family == AF_INET6)
        if !found.contains(address) { found.append(address) }
      }
      next = info.ai_next
    }
    guard !found.isEmpty else { throw Failure(name: name, reason: "it has none") }
    return found
  }
}
