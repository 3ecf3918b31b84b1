import ArgumentParser
import CasusNames
import Glibc

/// Becomes `casus-bench`, a program of its own: what only measures is not in the command that everybody installs.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure a broker of its own on this machine (by the program casus-bench beside casus).",
    usage: "casus bench [--help] [<options of casus-bench> ...]",
    discussion: "EXAMPLE: casus bench --publishers 4 --subscribers 4 --size 512 --duration 10",
    helpNames: [])

  @Argument(parsing: .captureForPassthrough) var arguments: [String] = []

  func run() throws {
    let program = "\(Environment.ownFolder)/casus-bench"
    var words: [UnsafeMutablePointer<CChar>?] = (["casus-bench"] + arguments).map { strdup($0) }
    words.append(nil)
    execv(program, words)
    guard errno == ENOENT else {
      throw Failure(.failed, "cannot start \(program): \(String(cString: strerror(errno)))")
    }
    throw Failure(
      .noInput,
      "the program that measures is not here: \(program) is built by deploy/build-tools in a checkout of Casus")
  }
}
