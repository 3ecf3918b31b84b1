import CPlatform
import Foundation
import Glibc
import Synchronization

/// A process of the product under test. It is killed with the value, and with this process, whatever happens to it.
final class RealProcess: Sendable {
  struct Ended: Equatable, Sendable {
    var code: Int32?
    var signal: Int32?
  }

  let pid: pid_t
  private let output: Int32
  private let log = Mutex<[UInt8]>([])
  private let ended = Mutex<Ended?>(nil)

  /// The keeper kills what a crashed test process leaves behind.
  private static let keeper: Int32 = {
    var pid: pid_t = 0
    return casus_keeper_start(&pid)
  }()

  /// Where `swift build` puts the programs: beside the test bundle.
  static let programs: String = {
    var folder = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    for candidate in [folder] + Bundle.allBundles.map(\.bundleURL) {
      folder = candidate
      while folder.path != "/" {
        folder.deleteLastPathComponent()
        if FileManager.default.isExecutableFile(atPath: folder.appendingPathComponent("casusd").path) {
          return folder.path
        }
      }
    }
    return URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../.build/debug")
      .standardizedFileURL.path
  }()

  init(_ program: String, _ arguments: [String], folder: String, environment added: [String: String] = [:]) throws {
    var ends: [Int32] = [-1, -1]
    guard casus_pipe(&ends) == 0 else { throw Failure("no pipe") }
    output = ends[0]
    let path = "\(Self.programs)/\(program)"
    let environment = ProcessInfo.processInfo.environment.merging(added) { $1 }.map { "\($0.key)=\($0.value)" }
    let words = ([program] + arguments).map { strdup($0) } + [nil]
    let variables = environment.map { strdup($0) } + [nil]
    defer { for text in words + variables { free(text) } }
    var pid: pid_t = 0
    var stage: Int32 = 0
    let code = path.withCString { path in
      folder.withCString { folder in
        words.withUnsafeBufferPointer { words in
          variables.withUnsafeBufferPointer { variables in
            var request = casus_spawn_request(
              program: path, arguments: words.baseAddress, environment: variables.baseAddress, directory: folder,
              input: nil, output: ends[1], errors: ends[1], death_signal: 0)
            return casus_spawn(&request, &pid, &stage)
          }
        }
      }
    }
    close(ends[1])
    guard code == 0 else { throw Failure("\(path) does not start: \(String(cString: strerror(code)))") }
    self.pid = pid
    _ = casus_keeper_add(Self.keeper, pid)
  }

  deinit {
    _ = kill(signal: SIGKILL)
    _ = wait()
    _ = casus_keeper_remove(Self.keeper, pid)
    close(output)
  }

  @discardableResult
  func kill(signal: Int32) -> Bool { ended.withLock { $0 } == nil && Glibc.kill(pid, signal) == 0 }

  /// How it ended, when it has.
  var exit: Ended? {
    ended.withLock { ended in
      if ended != nil { return ended }
      var status: Int32 = 0
      guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
      ended = status & 0x7f == 0 ? Ended(code: (status >> 8) & 0xff) : Ended(signal: status & 0x7f)
      return ended
    }
  }

  /// Waits for the end; the suite's own time limit bounds it.
  func wait() -> Ended {
    while true {
      if let exit { return exit }
      usleep(2_000)
    }
  }

  /// Everything it has printed so far.
  var printed: String {
    log.withLock { log in
      var buffer = [UInt8](repeating: 0, count: 65_536)
      while true {
        let count = read(output, &buffer, buffer.count)
        guard count > 0 else { break }
        log += buffer[..<count]
      }
      return String(decoding: log, as: UTF8.self)
    }
  }
}

struct Failure: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}
