import CasusNames
import FoundationEssentials
import Glibc
import SystemFiles

@testable import CasusLaunch

/// A `casus up` in a folder of its own, over a broker that is a shell script: what is tested here is the launching, and
/// a script crashes, hangs and lies on demand.
final class UpHarness {
  let folder: String
  private(set) var pid: Int32 = 0
  private(set) var lines: [String] = []
  private var started: ChildProcess.Started?
  private var buffer = LineBuffer()

  /// Writes what `casusd` writes when it listens, and lives until it is told to end.
  static let broker = """
    #!/bin/bash
    home=$(dirname "$2")
    printf '{"pid":%d,"listen":["tcp://127.0.0.1:5999"],"key":"%040d"}' $$ 7 > "$home/ready.new"
    mv "$home/ready.new" "$home/ready.json"
    trap 'echo broker ends; exit 0' TERM
    while :; do sleep 0.05 & wait $!; done
    """

  /// - Parameters:
  ///   - topology: nil for the real broker alone.
  ///   - openFolder: a folder that is made and may be written by everybody.
  init(
    topology: String?, broker: String = UpHarness.broker, arguments: [String] = [], home: String = "home",
    openFolder: String? = nil
  ) throws {
    var template = Array("/tmp/casus-up-XXXXXX".utf8CString)
    folder = String(cString: mkdtemp(&template))
    if let topology {
      try HomeFiles.write(broker + "\n", to: "\(folder)/broker", mode: 0o755)
      try HomeFiles.write(topology, to: "\(folder)/t.yaml")
    }
    if let openFolder {
      try Files.makeFolder("\(folder)/\(openFolder)")
      chmod("\(folder)/\(openFolder)", 0o777)
    }
    let process = LaunchPlan.Process(
      name: "casus", program: try Self.program("casus"),
      arguments: ["casus", "up"] + (topology == nil ? [] : ["t.yaml"]) + ["--home", home, "--json"] + arguments,
      environment: [:], folder: folder)
    let environment = ["PATH": "/usr/bin:/bin", "FOLDER": folder].merging(Self.sanitizer) { old, _ in old }
    let started = try ChildProcess.start(process, environment: environment, deathSignal: 0)
    self.started = started
    pid = started.pid
  }

  /// What a sanitizer is told, where these tests run under one (Tests/soak/sanitizers): its programs need it too.
  private static let sanitizer = ProcessInfo.processInfo.environment.filter {
    ["ASAN_OPTIONS", "TSAN_OPTIONS", "LD_PRELOAD"].contains($0.key)
  }

  /// Programs stand beside the test bundle.
  static func program(_ name: String) throws -> String {
    let bundle = Files.absolute(CommandLine.arguments[0])
    let path = "\(Files.folder(of: bundle))/\(name)"
    guard Files.isProgram(path) else { throw LaunchError(.noInput, "there is no \(path): build everything first") }
    return path
  }

  /// Reads on until a line has `text` in it; false when the output ends or half a minute has passed.
  func wait(for text: String) -> Bool {
    if lines.contains(where: { $0.contains(text) }) { return true }
    guard let started else { return false }
    let deadline = SystemClock.steady() + 30_000_000_000
    var bytes = [UInt8](repeating: 0, count: 65536)
    while SystemClock.steady() < deadline {
      var polled = pollfd(fd: started.output, events: Int16(POLLIN), revents: 0)
      guard poll(&polled, 1, 1000) > 0 else { continue }
      let count = Glibc.read(started.output, &bytes, bytes.count)
      if count <= 0 { return false }
      let new = buffer.add(bytes[..<count]).map { String(decoding: $0, as: UTF8.self) }
      lines += new
      if new.contains(where: { $0.contains(text) }) { return true }
    }
    return false
  }

  /// The process id in the last line that says that `name` was started.
  func pid(of name: String) -> Int32? {
    let start = "{\"name\":\"\(name)\",\"event\":\"started\""
    guard let line = lines.last(where: { $0.hasPrefix(start) }),
      let place = line.firstRange(of: "process ")
    else { return nil }
    return Int32(line[place.upperBound...].prefix { $0.isNumber })
  }

  func signal(_ number: Int32) { kill(pid, number) }

  /// Waits for the end and gives the exit; nil when it does not end within half a minute.
  func end() -> Exit? {
    _ = wait(for: "a text that never comes, so that all output is read")
    return Self.until { ChildProcess.reap(self.pid) }
  }

  /// What casus up wrote to standard error so far.
  func errors() -> String {
    guard let started else { return "" }
    var bytes = [UInt8](repeating: 0, count: 65536)
    let count = read(started.errors, &bytes, bytes.count)
    return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : ""
  }

  /// Whether a process lives; a zombie does not.
  static func isAlive(_ pid: Int32) -> Bool {
    guard let text = try? Files.text("/proc/\(pid)/stat"), let end = text.lastIndex(of: ")") else { return false }
    return text[end...].dropFirst(2).first.map { $0 != "Z" && $0 != "X" } ?? false
  }

  /// Processes whose environment names this harness's folder.
  func survivors() -> [Int32] {
    HomeFiles.names(in: "/proc").compactMap { Int32($0) }.filter { pid in
      guard Self.isAlive(pid), let text = try? Files.text("/proc/\(pid)/environ") else { return false }
      return text.contains("FOLDER=\(folder)")
    }
  }

  /// Waits until none is left: a killed process takes a moment to be gone.
  func isGone() -> Bool { Self.until { survivors().isEmpty ? true : nil } ?? false }

  struct Output {
    var exit: Exit?
    var text: String
    var errors: String
    var lines: [String] { text.split(separator: "\n").map(String.init) }
  }

  /// Runs `casus` with its home here and reads everything it writes.
  func casus(_ arguments: String...) throws -> Output { try Self.casus(arguments, in: folder) }
  func casus(_ arguments: [String]) throws -> Output { try Self.casus(arguments, in: folder) }

  static func casus(
    _ arguments: [String], in folder: String, environment: [String: String] = [:]
  ) throws -> Output {
    try run(program("casus"), arguments, in: folder, environment: environment)
  }

  /// Runs any program likewise.
  static func run(
    _ program: String, _ arguments: [String], in folder: String, environment: [String: String] = [:]
  ) throws -> Output {
    let process = LaunchPlan.Process(
      name: "casus", program: program, arguments: [program] + arguments, environment: [:], folder: folder)
    let started = try ChildProcess.start(
      process,
      environment: ["PATH": "/usr/bin:/bin", "CASUS_HOME": "\(folder)/home"].merging(sanitizer) { old, _ in old }
        .merging(environment) { _, new in new },
      deathSignal: 0)
    defer {
      close(started.output)
      close(started.errors)
    }
    var texts: [Int32: [UInt8]] = [started.output: [], started.errors: []]
    var open: Set = [started.output, started.errors]
    var bytes = [UInt8](repeating: 0, count: 65536)
    let deadline = SystemClock.steady() + 60_000_000_000
    while !open.isEmpty, SystemClock.steady() < deadline {
      var polled = open.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      guard poll(&polled, nfds_t(polled.count), 1000) > 0 else { continue }
      for item in polled where item.revents != 0 {
        let count = Glibc.read(item.fd, &bytes, bytes.count)
        if count > 0 { texts[item.fd]? += bytes[..<count] } else { open.remove(item.fd) }
      }
    }
    if !open.isEmpty { kill(started.pid, SIGKILL) }
    let exit = until { ChildProcess.reap(started.pid) }
    func text(_ descriptor: Int32) -> String { String(decoding: texts[descriptor] ?? [], as: UTF8.self) }
    return Output(exit: exit, text: text(started.output), errors: text(started.errors))
  }

  /// Writes a file into the harness's folder.
  func write(_ text: String, to name: String) throws -> String {
    let path = "\(folder)/\(name)"
    try HomeFiles.write(text, to: path)
    return path
  }

  static func until<T>(_ body: () -> T?) -> T? {
    let deadline = SystemClock.steady() + 30_000_000_000
    while SystemClock.steady() < deadline {
      if let value = body() { return value }
      usleep(5000)
    }
    return nil
  }

  deinit {
    if ChildProcess.reap(pid) == nil {
      kill(pid, SIGTERM)
      if Self.until({ ChildProcess.reap(self.pid) }) == nil { kill(pid, SIGKILL) }
    }
    if let started {
      close(started.output)
      close(started.errors)
    }
    HomeFiles.removeTree(folder)
  }
}

extension HomeFiles {
  static func removeTree(_ path: String) {
    if Files.isFolder(path) {
      for name in names(in: path) where name != "." && name != ".." { removeTree("\(path)/\(name)") }
      rmdir(path)
    } else {
      Files.remove(path)
    }
  }
}
