import CasusTestKit
import Foundation
import Glibc
import TestSupport
import Testing
import ZeroMQ

/// Commands that go on until somebody ends them, or until the broker is gone.
@Suite(.blocking, .timeLimit(.minutes(15))) struct RealWatch {
  private let broker: RealBroker

  init() throws { broker = try RealBroker() }

  private func start(_ arguments: [String], as name: String, printing: Int32? = nil) throws -> RealProcess {
    let address = [
      "--broker", broker.endpoint, "--broker-key", broker.key.z85, "--key-file", "keys/\(name).key", "--as",
      "jp.test/\(name)",
    ]
    return try RealProcess("casus", arguments + address, folder: broker.folder, printing: printing)
  }

  @Test func `a screen is emptied and drawn again`() throws {
    let screen = try Screen()
    let process = try start(["status", "--watch"], as: "op", printing: screen.process)
    try awaitCondition("two pictures") {
      screen.read().components(separatedBy: "\u{1b}[H\u{1b}[Jbroker test").count > 2
    }
    #expect(!screen.read().contains("u001b"))
    process.kill(signal: SIGINT)
    #expect(process.wait() == .init(code: 0))
  }

  @Test(arguments: [
    ["--count", "2", "--from", "earliest", "--type", "casus.detection.v1"],
    ["--count", "1", "--type", "casus.effect.v1"],
  ])
  func `who asks for so many events is told that the broker is gone`(arguments: [String]) throws {
    let client = try broker.join("a")
    try client.publish([detection("d1")])
    let process = try start(["tail"] + arguments, as: "b")
    let `operator` = try broker.join("op")
    try awaitCondition("its subscription") {
      let all = try `operator`.status()["subscriptions"] as? [[String: Any]]
      return all?.contains { $0["plugin"] as? String == "jp.test/b" } == true
    }
    broker.process.kill(signal: SIGKILL)
    #expect(process.wait().code == 69, "\(process.printed)")
  }
}

/// A terminal that nobody sits at.
private final class Screen {
  private let master: Int32
  /// What a process writes to.
  let process: Int32
  private var shown = ""

  /// TIOCSPTLCK and TIOCGPTN, which Swift does not see.
  private static let (unlock, getNumber): (UInt, UInt) = (0x4004_5431, 0x8004_5430)

  init() throws {
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var (number, lock): (Int32, Int32) = (0, 0)
    guard master >= 0, ioctl(master, Self.unlock, &lock) == 0, ioctl(master, Self.getNumber, &number) == 0 else {
      throw Failure("no terminal: \(String(cString: strerror(errno)))")
    }
    process = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard process >= 0 else { throw Failure("no terminal \(number): \(String(cString: strerror(errno)))") }
    _ = fcntl(master, F_SETFL, O_NONBLOCK)
  }

  deinit {
    close(process)
    close(master)
  }

  /// Everything so far.
  func read() -> String {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case let count = Glibc.read(master, &buffer, buffer.count), count > 0 {
      shown += String(decoding: buffer[..<count], as: UTF8.self)
    }
    return shown
  }
}
