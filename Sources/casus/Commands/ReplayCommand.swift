import ArgumentParser
import CasusEvents
import CasusNames
import CasusPlugin
import CasusReplay
import CasusWire
import IJSON

struct ReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Play a capture or a journal into a broker, every event marked replayed.",
    discussion: """
      The broker gets the same events in the same order; the bus's own are left out, since a broker speaks of its own \
      plugins. It must have been started for it (casus up --accept-replay), which a broker that serves anything live is not. \
      Replayed events, and what rests on them, never are evidence in a live case. With --inputs only what came from outside is played \
      (detections and effects), and analyzers work the rest out anew; what they make of it can differ where the order in \
      which they heard each other does.

      To see that analyzers come to the same, byte for byte: replay into a broker alone, end it, and start the analyzers \
      over the same home. They read the same inputs in the same order, and the broker knows every one of their events.

      Exit codes: 0 all accepted; 1 some refused; 77 all refused, for want of a right; 65 the file is damaged; 66 there is none.

      EXAMPLE: casus replay casus-demo/journal --home again --rate max
      """)

  @OptionGroup var link: LinkOptions
  @Argument(help: ArgumentHelp("A capture, or a journal's folder.", valueName: "file")) var file: String
  @Option(
    help: ArgumentHelp("max, a factor of the original speed (2x), or events a second (500/s).", valueName: "rate"))
  var rate = "1x"
  @Option(help: ArgumentHelp("Types to play: * for one word, a last > for the rest.", valueName: "pattern"))
  var type: [String] = []
  @Option(help: ArgumentHelp("Only what this publisher sent, or agency/*.", valueName: "sender")) var sender: [String] =
    []
  @Flag(help: "Play detections and effects only.") var inputs = false
  @Flag(help: "One JSON object.") var json = false

  func validate() throws {
    guard ReplayRate(rate) != nil else {
      throw ValidationError("--rate takes max, a factor as 2x, or events a second as 500/s, not \(rate)")
    }
    try checkPatterns(type)
    if inputs, !type.isEmpty { throw ValidationError("--inputs and --type exclude each other") }
  }

  func run() async throws {
    var plan = ReplayPlan()
    plan.rate = ReplayRate(rate) ?? plan.rate
    plan.senders = sender
    let outside = [EventType.detection, .effect].map(\.rawValue)
    plan.types = (inputs ? outside : type).compactMap { TypePattern($0) }
    let report: ReplayReport
    do {
      // A missing file is told before a missing broker.
      _ = try CaptureReader(file)
      report = try await link.withBus("replay") { bus in
        var progress = Progress("played")
        let result = try await plan.run(CaptureReader(file)) { events in
          let outcomes = try await bus.publish(encoded: events, replay: true)
          progress.advance(by: UInt64(events.count))
          return outcomes
        }
        progress.finish()
        return result
      }
    } catch let error as CaptureError {
      throw Failure(error)
    }
    Terminal.write(json ? line(report) : HarmlessText.shown(text(report), keeping: .lines))
    if !report.refused.isEmpty {
      throw Failure(ExitStatus(.init(accepted: report.accepted + report.duplicates, refusals: report.refusals)))
    }
  }

  private func text(_ report: ReplayReport) -> String {
    var text = "\(Figure.count(report.accepted)) accepted, \(Figure.count(report.duplicates)) known already, "
    text += "\(Figure.count(report.refused.values.reduce(0, +))) refused, \(Figure.count(report.skipped)) left out\n"
    for example in report.examples {
      text += HarmlessText.shown("refused \(example.sequence): \(example.refusal)") + "\n"
    }
    for cut in report.cuts { text += HarmlessText.shown("note: \(cut)") + "\n" }
    return text
  }

  private func line(_ report: ReplayReport) -> String {
    return jsonLine { json in
      json.string("file", file)
      json.int("played", report.played)
      json.int("accepted", report.accepted)
      json.int("duplicates", report.duplicates)
      json.int("skipped", report.skipped)
      json.object("refused") { json in
        for (name, count) in report.refused.sorted(by: { $0.key < $1.key }) {
          json.name(dynamic: name)
          json.int(count)
        }
      }
      json.array("cuts") { json in for cut in report.cuts { json.string("\(cut)") } }
    }
  }
}
