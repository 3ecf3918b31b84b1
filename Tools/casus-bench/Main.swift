import ArgumentParser
import CasusBench
import CasusNames
import Glibc

/// What `casus bench` becomes. The processes of a measurement are this program too.
@main
struct Main {
  static func main() {
    let arguments = CommandLine.arguments.dropFirst()
    do {
      if arguments.first == "bench-worker", arguments.count == 2 {
        try BenchWorker.run(arguments[2])
      } else {
        var bench = try Bench.parseAsRoot()
        try bench.run()
      }
    } catch let failure as Failure {
      if !failure.message.isEmpty { complain("casus bench: \(failure.message)\n") }
      exit(failure.code.rawValue)
    } catch {
      let code = Bench.exitCode(for: error)
      let text = Bench.fullMessage(for: error)
      if code == .success { print(text) } else { complain("\(text)\n") }
      exit(code.rawValue)
    }
  }
}

/// The end of a measurement: an exit code, as `--help` tells them, and a line for people (may be empty).
struct Failure: Error {
  var code: ExitStatus
  var message = ""

  static func partly(_ message: String = "") -> Failure { Failure(code: .partly, message: message) }
  static func damaged(_ message: String) -> Failure { Failure(code: .damaged, message: message) }
  static func noInput(_ message: String) -> Failure { Failure(code: .noInput, message: message) }
  static func fault(_ message: String) -> Failure { Failure(code: .failed, message: message) }
}

func complain(_ text: String) {
  // What cannot be told on standard error cannot be told.
  _ = text.withCString { write(2, $0, strlen($0)) }
}

/// How many events were acknowledged, on a terminal only.
struct Counter {
  private let isShown = isatty(2) == 1

  func show(_ events: UInt64) { if isShown { complain("\r\u{1b}[Kacknowledged \(events)") } }
  func clear() { if isShown { complain("\r\u{1b}[K") } }
}
