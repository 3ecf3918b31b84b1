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
  /// What it prints goes to a file without a name: a pipe that nobody reads would stop it.
  private let output: Int32
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

  /// - Parameter printing: where it prints to, instead of what `printed` reads.
  init(
    _ program: String, _ arguments: [String], folder: String, environment added: [String: String] = [:],
    printing: Int32? = nil
  ) throws {
    var name = Array("\(NSTemporaryDirectory())/casus-printed-XXXXXX".utf8CString)
    let file = mkstemp(&name)
    guard file >= 0 else { throw Failure("no file for its output: \(String(cString: strerror(errno)))") }
    unlink(name)
    // Every descriptor of the two writes at the end; another child started meanwhile gets none of them.
    _ = fcntl(file, F_SETFL, O_APPEND)
    _ = fcntl(file, F_SETFD, FD_CLOEXEC)
    let path = program.hasPrefix("/") ? program : "\(Self.programs)/\(program)"
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
              input: nil, output: printing ?? file, errors: printing ?? file, death_signal: 0)
            return casus_spawn(&request, &pid, &stage)
          }
        }
      }
    }
    guard code == 0 else {
      close(file)
      throw Failure("\(path) does not start: \(String(cString: strerror(code)))")
    }
    self.pid = pid
    output = file
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

  /// Waits for the end. What has none within the time is ended with SIGABRT, and that is what this returns then.
  func wait() -> Ended {
    let deadline = Deadline("the end of a process")
    while true {
      if let exit { return exit }
      do {
        try deadline.pause(microseconds: 2_000)
      } catch {
        kill(signal: SIGABRT)
        usleep(100_000)
        kill(signal: SIGKILL)
      }
    }
  }

  /// Everything it has printed so far.
  var printed: String {
    var text: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = pread(output, &buffer, buffer.count, off_t(text.count))
      guard count > 0 else { break }
      text += buffer[..<count]
    }
    return String(decoding: text, as: UTF8.self)
  }
}

/// An end for what would otherwise be waited for without one: a test that runs on a thread of its own is not ended by its
/// suite's time limit. It only has to be far away.
struct Deadline {
  private let what: String
  private let end: Date

  init(_ what: String, seconds: Double = 120) {
    self.what = what
    end = Date().addingTimeInterval(seconds)
  }

  func check() throws {
    guard Date() < end else { throw Failure("waited in vain for \(what)") }
  }

  func pause(microseconds: UInt32) throws {
    try check()
    usleep(microseconds)
  }
}

/// Looks every few milliseconds whether it is so; throws when it never is.
func awaitCondition(_ what: String, _ isSo: () throws -> Bool) throws {
  let deadline = Deadline(what)
  while try !isSo() { try deadline.pause(microseconds: 5_000) }
}

struct Failure: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}
