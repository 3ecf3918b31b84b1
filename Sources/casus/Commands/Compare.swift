import ArgumentParser
import CasusNames
import CasusReplay
import CasusWire
import IJSON

struct Compare: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare two journals or captures, event by event: did a replay come to the same?",
    discussion: """
      Events are known by source and id, and are the same when their bytes are. The bus's own events are left out. Order \
      is told apart: what plugins that run beside each other publish may change places.

      Exit codes: 0 the same events; 1 they differ; 65 a file is damaged; 66 there is none.

      EXAMPLE: casus compare casus-demo/journal fresh/journal --type casus.incident.v1
      """)

  @Argument(help: ArgumentHelp("A journal's folder, or a capture.", valueName: "first")) var first: String
  @Argument(help: ArgumentHelp("Another.", valueName: "second")) var second: String
  @Option(help: ArgumentHelp("Types to compare: * for one word, a last > for the rest.", valueName: "pattern"))
  var type: [String] = []
  @Option(help: ArgumentHelp("Only what this publisher sent, or agency/*.", valueName: "sender")) var sender: [String] =
    []
  @Flag(help: "One JSON object.") var json = false

  func validate() throws {
    try checkPatterns(type)
  }

  func run() async throws {
    var plan = ReplayPlan()
    plan.types = type.compactMap { TypePattern($0) }
    plan.senders = sender
    let report: GoldenReport
    do {
      report = try GoldenComparison.compare(CaptureReader(first), CaptureReader(second), plan)
    } catch {
      throw Failure(error)
    }
    Terminal.write(json ? line(report) : HarmlessText.shown(text(report), keeping: .lines))
    if !report.isSame { throw Failure(.partly) }
  }

  private func text(_ report: GoldenReport) -> String {
    var text = "\(Figure.count(report.same)) the same, \(Figure.count(report.changedCount)) with other bytes, "
    text += "\(Figure.count(report.onlyInFirstCount)) only in \(first), "
    text += "\(Figure.count(report.onlyInSecondCount)) only in \(second)\n"
    for pair in report.changed.prefix(20) {
      text += HarmlessText.shown("changed: \(pair.first) and \(pair.second)") + "\n"
    }
    for item in report.onlyInFirst.prefix(20) { text += HarmlessText.shown("only in \(first): \(item)") + "\n" }
    for item in report.onlyInSecond.prefix(20) { text += HarmlessText.shown("only in \(second): \(item)") + "\n" }
    if let item = report.reordered { text += HarmlessText.shown("note: another order from \(item) on") + "\n" }
    for cut in report.cuts { text += HarmlessText.shown("note: \(cut)") + "\n" }
    return text
  }

  private func line(_ report: GoldenReport) -> String {
    return jsonLine { json in
      json.bool("same", report.isSame)
      json.int("equal", report.same)
      json.int("changed", report.changedCount)
      json.int("only_in_first", report.onlyInFirstCount)
      json.int("only_in_second", report.onlyInSecondCount)
      json.bool("reordered", report.reordered != nil)
    }
  }
}
