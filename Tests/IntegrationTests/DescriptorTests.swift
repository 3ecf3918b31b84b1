import CasusTestKit
import CasusWire
import Foundation
import Glibc
import TestSupport
import Testing

/// A broker that may open few files, and strangers who open connections.
@Suite(.blocking, .timeLimit(.minutes(15)), .serialized) struct RealDescriptors {
  /// The broker's limit, as `ulimit -n` would have set it: on the process itself, whatever it had at its start.
  private func limit(_ broker: RealBroker, to files: String) throws {
    let command = Process()
    command.executableURL = URL(fileURLWithPath: "/usr/bin/prlimit")
    command.arguments = ["--pid", "\(broker.process.pid)", "--nofile=\(files)"]
    try command.run()
    command.waitUntilExit()
    guard command.terminationStatus == 0 else { throw Failure("prlimit ended with \(command.terminationStatus)") }
  }

  /// This process opens more than a shell lets it.
  private func raiseOwnLimit() {
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    var own = rlimit()
    getrlimit(resource, &own)
    own.rlim_cur = min(own.rlim_max, max(own.rlim_cur, 4_096))
    setrlimit(resource, &own)
  }

  private func closed(_ client: RawClient) throws -> [String: Any] {
    let status = try JSONSerialization.jsonObject(with: Data(client.request("status"))) as? [String: Any]
    return try #require((status?["broker"] as? [String: Any])?["closed_connections"] as? [String: Any])
  }

  @Test func `a thousand connections without a key end nothing and are told`() throws {
    raiseOwnLimit()
    let broker = try RealBroker()
    try limit(broker, to: "300:300")
    let honest = try broker.join("a")
    let operatorClient = try broker.join("op")
    var number = 0
    func publish() throws {
      number += 1
      #expect(try honest.publish([detection("d-\(number)")]).accepted == 1)
    }
    try publish()
    // They stay open on this side, and say nothing.
    let strangers = try (0..<1_000).map { _ in try RawTCP(broker.endpoint) }
    try publish()
    try awaitCondition("connections to be closed") {
      let closed = try closed(operatorClient)
      return (closed["no_descriptors"] as? Int ?? 0) + (closed["unproved"] as? Int ?? 0) > 500
    }
    #expect(try closed(operatorClient)["last"] as? String == "127.0.0.1")
    for _ in 0..<20 { try publish() }
    #expect(broker.process.exit == nil)
    try awaitCondition("the log to say so") { broker.process.printed.contains("closed ") }
    for stranger in strangers { stranger.close() }
    // Whoever comes now is let in.
    let late = try broker.join("b")
    #expect(try late.publish([detection("late", source: "//jp.test/b")]).accepted == 1)
  }

  /// libzmq's listener of local sockets ends its process when there is no descriptor for a connection.
  @Test func `a local connection for which there is no descriptor at all ends nothing`() throws {
    let broker = try RealBroker()
    let honest = try broker.join("a")
    #expect(try honest.publish([detection("d-0")]).accepted == 1)
    // Fewer than are open: the next one is refused by the system.
    try limit(broker, to: "8:")
    let local = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(local) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array("\(broker.folder)/bus".utf8)) }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(local, $0, size) }
    }
    #expect(connected == 0)
    // The same thread of libzmq has both: it has seen the connection when these are answered.
    for number in 1...20 { #expect(try honest.publish([detection("d-\(number)")]).accepted == 1) }
    #expect(broker.process.exit == nil, "\(broker.process.printed)")
    try limit(broker, to: "1024:")
    let late = try broker.join("b")
    #expect(try late.publish([detection("late", source: "//jp.test/b")]).accepted == 1)
  }
}
