import ArgumentParser
import CasusEvents
import CasusNames
import CasusPlugin
import CasusReplay
import IJSON

struct CaptureCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "capture", abstract: "Write a stretch of the journal to a file, for replay or for another tool.",
    discussion: """
      The file is MCAP, as the journal is: topics are event types, messages are the events' own bytes. Ends with the last \
      event that the journal has now, unless --follow.

      EXAMPLE: casus capture -o incident.mcap --from 2026-03-16T00:00:00Z --type 'casus.*.v1'
      """)

  @OptionGroup var link: LinkOptions
  @Option(name: [.short, .customLong("output")], help: ArgumentHelp("The file to write.", valueName: "file"))
  var output: String
  @Option(help: ArgumentHelp("Types to keep: * for one word, a last > for the rest.", valueName: "pattern"))
  var type: [String] = [">"]
  @Option(help: ArgumentHelp("Only from this publisher, or agency/*.", valueName: "sender")) var sender: [String] = []
  @Option(help: ArgumentHelp("earliest, a sequence or a time (RFC 3339).", valueName: "start"))
  var from = StartArgument(.earliest)
  @Option(help: ArgumentHelp("The last sequence to keep.", valueName: "sequence")) var to: UInt64?
  @Flag(help: "Go on with what comes, until Ctrl-C.") var follow = false
  @Flag(help: "One JSON object.") var json = false

  func validate() throws {
    try checkPatterns(type)
    if follow, to != nil { throw ValidationError("--follow and --to exclude each other") }
    if let to, case .sequence(let first) = from.start, first > to {
      throw ValidationError("--from \(first) lies behind --to \(to)")
    }
  }

  func run() async throws {
    let end: Subscription.End = to.map { .sequence($0) } ?? (follow ? .never : .last)
    let report = try await link.withBus("capture", waits: follow) { bus in
      let status = try StatusView.decode(try await bus.request("status", [:]))
      let description = CaptureDescription(
        broker: status.broker.name, program: "casus \(Casus.version)",
        notes: ["types": type.joined(separator: " ")])
      let work = Task {
        try await Capture.run(
          to: output, description, Subscription(types: type, senders: sender, from: from.start, until: end), on: bus)
      }
      // Ctrl-C ends a capture that follows; the file is closed as it should be.
      let interrupt = Interrupt { work.cancel() }
      defer { interrupt.cancel() }
      do {
        return try await work.value
      } catch let error as CaptureError {
        throw Failure(error)
      }
    }
    if json {
      Terminal.line { json in
        json.string("file", output)
        json.int("events", report.events)
        json.string("first", String(report.first))
        json.string("last", String(report.last))
      }
    } else {
      let range = report.events == 0 ? "" : ", \(report.first) to \(report.last)"
      Terminal.write("\(output): \(Figure.count(report.events)) events\(range)\n")
    }
  }
}

extension Failure {
  init(_ error: CaptureError) {
    let code: ExitStatus =
      switch error.code {
      case .io: .noInput
      case .cannotCreate: .cannotCreate
      case .write: .disk
      case .usage: .usage
      default: .damaged
      }
    self.init(code, "\(error)")
  }
}
