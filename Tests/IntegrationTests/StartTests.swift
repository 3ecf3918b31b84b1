import CPlatform
import CasusTestKit
import CasusWire
import Foundation
import Glibc
import TestSupport
import Testing

@Suite(.blocking, .timeLimit(.minutes(15))) struct RealStart {
  private func refusal(_ change: (String) throws -> Void) throws -> (code: Int32?, text: String) {
    let broker = try RealBroker()
    broker.process.kill(signal: SIGTERM)
    #expect(broker.process.wait() == .init(code: 0))
    try change(broker.folder)
    let process = try RealProcess("casusd", ["--config", "casusd.yaml"], folder: broker.folder)
    let end = process.wait()
    return (end.code, process.printed)
  }

  private func edit(_ folder: String, _ old: String, _ new: String) throws {
    let path = "\(folder)/casusd.yaml"
    let text = try String(contentsOfFile: path, encoding: .utf8).replacingOccurrences(of: old, with: new)
    try text.write(toFile: path, atomically: true, encoding: .utf8)
  }

  /// Packages could bring it, too; what is loaded tells of them all.
  @Test
  func `carries nothing of Foundation but its essentials, which an idle broker would pay with 9 MB`() throws {
    let broker = try RealBroker()
    let maps = try withExtendedLifetime(broker) {
      try String(contentsOfFile: "/proc/\(broker.process.pid)/maps", encoding: .utf8)
    }
    #expect(maps.contains("casusd"))
    for library in ["libFoundation.so", "libFoundationInternationalization", "lib_FoundationICU"] {
      #expect(!maps.contains(library), "casusd loads \(library)")
    }
  }

  @Test func `a missing key and an open key are refused`() throws {
    let missing = try refusal { try FileManager.default.removeItem(atPath: "\($0)/keys/broker.key") }
    #expect(missing.code == 66)
    let open = try refusal { chmod("\($0)/keys/broker.key", 0o644) }
    #expect(open.code == 77)
    #expect(open.text.contains("broker.key"))
  }

  @Test func `a bad configuration is said with file and line`() throws {
    let unknown = try refusal { try edit($0, "name: test", "nmae: test") }
    #expect(unknown.code == 78)
    #expect(
      unknown.text.contains(
        "casusd.yaml:1:1: there is no setting \"nmae\" in the broker's configuration (did you mean \"name\"?)"))
    #expect(try refusal { try edit($0, "listen: [", "listen: ") }.code == 78)
    #expect(try refusal { try edit($0, "tcp://", "udp://") }.code == 78)
    let registry = try refusal {
      try "agency: JP".write(toFile: "\($0)/registry/jp.test.yaml", atomically: true, encoding: .utf8)
    }
    #expect(registry.code == 78)
    #expect(registry.text.contains("registry/jp.test.yaml:1:"))
  }

  @Test func `a missing file has its own exit code`() throws {
    #expect(try refusal { try FileManager.default.removeItem(atPath: "\($0)/casusd.yaml") }.code == 66)
    #expect(try refusal { try FileManager.default.removeItem(atPath: "\($0)/registry") }.code == 66)
  }

  @Test func `an endpoint in use is said`() throws {
    let other = try RealBroker()
    let result = try refusal { try edit($0, "tcp://127.0.0.1:0", other.endpoint) }
    #expect(result.code == 75)
    #expect(result.text.contains(other.endpoint))
  }

  @Test func `two brokers do not share a journal`() throws {
    let broker = try RealBroker()
    let second = try RealProcess("casusd", ["--config", "casusd.yaml"], folder: broker.folder)
    #expect(second.wait().code == 75)
    #expect(try broker.join("a").publish([detection("x")]).accepted == 1)
  }

  @Test func `damage before the end refuses to start`() throws {
    let broker = try RealBroker()
    let client = try broker.join("a")
    for number in 0..<50 { try client.publish([detection("d\(number)")]) }
    broker.process.kill(signal: SIGKILL)
    _ = broker.process.wait()
    let journal = "\(broker.folder)/journal"
    let name = try #require(
      FileManager.default.contentsOfDirectory(atPath: journal).first { $0.hasSuffix(".mcap") })
    var bytes = try #require(FileManager.default.contents(atPath: "\(journal)/\(name)"))
    bytes[bytes.count / 2] ^= 0x10
    try bytes.write(to: URL(fileURLWithPath: "\(journal)/\(name)"))
    let process = try RealProcess("casusd", ["--config", "casusd.yaml"], folder: broker.folder)
    #expect(process.wait().code == 65)
    #expect(process.printed.contains(name) && process.printed.contains("casus journal repair "))
  }

  @Test func `a broker stopped by SIGTERM has everything on disk`() throws {
    let broker = try RealBroker()
    let client = try broker.join("a")
    try client.publish([detection("x")])
    broker.process.kill(signal: SIGTERM)
    #expect(broker.process.wait() == .init(code: 0))
    #expect(!FileManager.default.fileExists(atPath: "\(broker.folder)/ready.json"))
    try broker.restart()
    let reader = try broker.join("op")
    try reader.subscribe(["casus.detection.v1"])
    try reader.wait { !$0.events.isEmpty }
    #expect(reader.events.map(\.id) == ["x"])
  }

  @Test func `a log that nobody reads does not stop the broker`() throws {
    let broker = try RealBroker()
    broker.process.kill(signal: SIGTERM)
    #expect(broker.process.wait() == .init(code: 0))
    // A pipe whose reader has stopped, and that is full.
    var ends: [Int32] = [-1, -1]
    try #require(casus_pipe(&ends) == 0 && fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0)
    defer { for end in ends { close(end) } }
    let filling = [UInt8](repeating: 0x2e, count: 4096)
    while write(ends[1], filling, filling.count) > 0 {}
    #expect(fcntl(ends[1], F_SETFL, 0) == 0)
    try broker.restart(printing: ends[1])
    #expect(try broker.join("a").publish([detection("x")]).accepted == 1)
    var text: [UInt8] = []
    func read() {
      var buffer = [UInt8](repeating: 0, count: 65_536)
      while case let count = Glibc.read(ends[0], &buffer, buffer.count), count > 0 { text += buffer[..<count] }
    }
    read()
    #expect(!text.contains(0x0a), "a full pipe took a line")
    broker.process.kill(signal: SIGTERM)
    #expect(broker.process.wait() == .init(code: 0))
    read()
    let lines = String(decoding: text.drop { $0 == 0x2e }, as: UTF8.self).split(separator: "\n")
    #expect(lines.first?.hasSuffix("lines of this log are missing: nobody read it") == true, "\(lines)")
    #expect(lines.last == "INFO stopped", "\(lines)")
  }

  @Test func `a limit of open files that is too low for the journal is refused with the number`() throws {
    let broker = try RealBroker()
    broker.process.kill(signal: SIGTERM)
    _ = broker.process.wait()
    let process = try RealProcess(
      "/bin/sh", ["-c", "ulimit -n 60 && exec '\(RealProcess.programs)/casusd' --config casusd.yaml"],
      folder: broker.folder)
    #expect(process.wait().code == 78)
    let says = "the limit of open files is 60, and a journal of 0 segments needs 96"
    #expect(process.printed.contains(says), "\(process.printed)")
  }

  @Test func `a shells limit of open files is not the brokers`() throws {
    let broker = try RealBroker()
    broker.process.kill(signal: SIGTERM)
    _ = broker.process.wait()
    let second = try RealProcess(
      "/bin/sh", ["-c", "ulimit -S -n 256 && exec '\(RealProcess.programs)/casusd' --config casusd.yaml"],
      folder: broker.folder)
    try awaitCondition("the broker") { FileManager.default.fileExists(atPath: "\(broker.folder)/ready.json") }
    let limits = try String(contentsOfFile: "/proc/\(second.pid)/limits", encoding: .utf8)
    let words = try #require(limits.split(separator: "\n").first { $0.hasPrefix("Max open files") }).split(
      separator: " ")
    let hard = words[4] == "unlimited" ? Int.max : Int(words[4]) ?? 0
    #expect(Int(words[3]) == min(hard, 65_536), "\(words)")
  }
}
