import CPlatform
import FoundationEssentials
import Glibc
import Synchronization

/// A process under test. It is killed with the value, and with this process, whatever happens to it.
package final class TestProcess: Sendable {
  package struct Ended: Equatable, Sendable {
    package var code: Int32?
    package var signal: Int32?

    package init(code: Int32? = nil, signal: Int32? = nil) {
      self.code = code
      self.signal = signal
    }
  }

  package let pid: Int32
  /// What it prints goes to a file without a name: a pipe that nobody reads would stop it.
  private let output: Int32
  private let ended = Mutex<Ended?>(nil)

  /// The keeper kills what a crashed test process leaves behind.
  private static let keeper: Int32 = {
    var pid: pid_t = 0
    return casus_keeper_start(&pid)
  }()

  /// - Parameters:
  ///   - program: a path, or a name that `Programs` knows where to find.
  ///   - printing: where it prints to, instead of what `printed` reads.
  package init(
    _ program: String, _ arguments: [String], folder: String, environment added: [String: String] = [:],
    printing: Int32? = nil
  ) throws {
    let path = program.contains("/") ? program : try Programs.path(of: program)
    var name = Array("\(FileManager.default.temporaryDirectory.path)/casus-printed-XXXXXX".utf8CString)
    let file = mkstemp(&name)
    guard file >= 0 else {
      throw TestKitError(.noBroker, "no file for its output: \(String(cString: strerror(errno)))")
    }
    unlink(name)
    // Every descriptor of the two writes at the end; another child started meanwhile gets none of them.
    _ = fcntl(file, F_SETFL, O_APPEND)
    _ = fcntl(file, F_SETFD, FD_CLOEXEC)
    // What a command keeps for a person is that of the test, not of whoever runs it.
    let own = ["XDG_CACHE_HOME": "\(folder)/cache"].merging(added) { $1 }
    let environment = ProcessInfo.processInfo.environment.merging(own) { $1 }.map { "\($0.key)=\($0.value)" }
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
      throw TestKitError(.noBroker, "\(path) does not start: \(String(cString: strerror(code)))")
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
  package func kill(signal: Int32) -> Bool { ended.withLock { $0 } == nil && Glibc.kill(pid, signal) == 0 }

  /// How it ended, when it has.
  package var exit: Ended? {
    ended.withLock { ended in
      if ended != nil { return ended }
      var status: Int32 = 0
      guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
      ended = status & 0x7f == 0 ? Ended(code: (status >> 8) & 0xff) : Ended(signal: status & 0x7f)
      return ended
    }
  }

  /// Waits for the end. What has none within two minutes is ended with SIGABRT, and that is what this returns then.
  package func wait() -> Ended {
    let deadline = ContinuousClock.now + .seconds(120)
    while true {
      if let exit { return exit }
      if ContinuousClock.now < deadline {
        usleep(2_000)
      } else {
        kill(signal: SIGABRT)
        usleep(100_000)
        kill(signal: SIGKILL)
      }
    }
  }

  /// Everything it has printed so far.
  package var printed: String {
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
