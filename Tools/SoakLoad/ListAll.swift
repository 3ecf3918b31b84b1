import ArgumentParser
import CasusEvents
import CasusJournal
import Glibc

/// Prints every event of a journal, one a line, as its publisher sent it.
struct ListAll: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Print the events of a folder's journal; exit code 1 when it is not sound.")

  @Argument var folder: String
  @Option(help: "Only from this publisher.") var sender: String?

  func run() throws {
    var lines: [UInt8] = []
    let verification = try verifyJournal("\(folder)/journal", envelopes: false) { stamp, event in
      guard sender == nil || sender == stamp.sender else { return }
      lines += event
      lines.append(UInt8(ascii: "\n"))
    }
    var done = 0
    while done < lines.count {
      let count = lines[done...].withUnsafeBytes { write(1, $0.baseAddress, $0.count) }
      guard count > 0 else { throw Trouble("the output was closed") }
      done += count
    }
    if !verification.isSound { throw ExitCode.failure }
  }
}
