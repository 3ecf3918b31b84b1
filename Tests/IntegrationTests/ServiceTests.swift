import CasusTestKit
import CasusWire
import Foundation
import Glibc
import TestSupport
import Testing

/// What a real casusd tells its service manager, played by a socket of the test's.
@Suite(.blocking, .timeLimit(.minutes(15))) struct RealService {
  private final class Manager {
    let path: String
    private let descriptor: Int32

    /// - Parameter abstract: a name that is in no file system.
    init(abstract: Bool = false) throws {
      path = (abstract ? "@" : "/tmp/") + "casus-notify-\(UUID().uuidString)"
      descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
      var name = sockaddr_un()
      name.sun_family = sa_family_t(AF_UNIX)
      var bytes = Array(path.utf8)
      if abstract { bytes[0] = 0 }
      withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: bytes) }
      let size = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
      let status = withUnsafePointer(to: &name) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
      }
      guard status == 0 else { throw Failure("no notification socket: \(String(cString: strerror(errno)))") }
    }

    deinit {
      close(descriptor)
      unlink(path)
    }

    /// The next word, or nil when none came within the time.
    func hear(milliseconds: Int32) -> String? {
      var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&item, 1, milliseconds) > 0 else { return nil }
      var buffer = [UInt8](repeating: 0, count: 4096)
      let count = recv(descriptor, &buffer, buffer.count, 0)
      return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
    }

    func hear(_ word: String) throws {
      while true {
        guard let heard = hear(milliseconds: 60_000) else { throw Failure("'\(word)' was not said") }
        if heard.hasPrefix(word) { return }
      }
    }

    /// Forgets what was said so far.
    func drain() { while hear(milliseconds: 0) != nil {} }
  }

  @Test(arguments: [false, true]) func `is told that the broker is ready and that it stops`(abstract: Bool) throws {
    let manager = try Manager(abstract: abstract)
    let broker = try RealBroker { _ in ["NOTIFY_SOCKET": manager.path] }
    let first = try #require(manager.hear(milliseconds: 60_000))
    #expect(first.hasPrefix("READY=1\n") && first.contains(broker.endpoint))
    #expect(try broker.join("a").publish([detection("d")]).accepted == 1)
    broker.process.kill(signal: SIGTERM)
    #expect(manager.hear(milliseconds: 60_000) == "STOPPING=1")
    #expect(broker.process.wait() == .init(code: 0))
  }

  @Test func `is not told of a broker that cannot serve`() throws {
    let manager = try Manager()
    let broker = try RealBroker { _ in ["NOTIFY_SOCKET": manager.path] }
    try manager.hear("READY=1")
    // A second one finds the journal locked, long after it has read its configuration.
    let second = try RealProcess(
      "casusd", ["--config", "casusd.yaml"], folder: broker.folder, environment: ["NOTIFY_SOCKET": manager.path])
    #expect(second.wait().code == 75)
    #expect(manager.hear(milliseconds: 0) == nil)
  }

  @Test func `takes its key from the command line as a credential`() throws {
    let broker = try RealBroker()
    broker.process.kill(signal: SIGTERM)
    _ = broker.process.wait()
    let config = "\(broker.folder)/casusd.yaml"
    let text = try String(contentsOfFile: config, encoding: .utf8)
    try text.replacingOccurrences(of: "key: keys/broker.key\n", with: "")
      .write(toFile: config, atomically: true, encoding: .utf8)
    #expect(try RealProcess("casusd", ["--config", "casusd.yaml"], folder: broker.folder).wait().code == 78)
    let arguments = ["--config", "casusd.yaml", "--key", "keys/broker.key", "--check"]
    #expect(try RealProcess("casusd", arguments, folder: broker.folder).wait().code == 0)
  }

  @Test(.enabled(if: FaultyDisk.library != nil, "there is no C compiler to build the hanging disk with"))
  func `the watchdog is fed only while the disk answers`() throws {
    let manager = try Manager()
    let disk = try FaultyDisk()
    // Fed three times within 0.6 s.
    let broker = try RealBroker { folder in
      disk.environment(folder).merging(["NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "600000"]) { $1 }
    }
    for _ in 0..<3 { try manager.hear("WATCHDOG=1") }
    let client = try broker.join("a")
    disk[.hang] = 1
    try awaitCondition("a call that waits for the disk") { disk[.waiting] != 0 }
    manager.drain()
    // The broker still answers; but nothing that it acknowledged would be on disk.
    try client.send(.ping(Ping()))
    let _: Pong = try client.answer { if case .pong(let pong) = $0 { pong } else { nil } }
    #expect(manager.hear(milliseconds: 1_200) == nil)
    disk[.hang] = 0
    try manager.hear("WATCHDOG=1")
    // A full disk is a state to live with.
    disk[.full] = 1
    manager.drain()
    for _ in 0..<3 { try manager.hear("WATCHDOG=1") }
    #expect(broker.process.exit == nil)
  }

  @Test(
    .enabled(if: system("command -v systemd-analyze >/dev/null 2>&1") == 0, "systemd-analyze is not installed"),
    arguments: ["casusd.service", "casus-plugin@.service"])
  func `the units are hardened to an exposure of at most one point five`(unit: String) {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../deploy/systemd/\(unit)").standardizedFileURL.path
    #expect(system("systemd-analyze security --offline=true --threshold=15 '\(path)' >/dev/null 2>&1") == 0)
  }
}
