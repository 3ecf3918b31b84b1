import ArgumentParser
import CasusNames
import CasusPlugin

/// For what watches a broker: one line, and an exit code.
struct Health: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say in one line whether anybody has to look at the broker.",
    discussion: """
      Exit code 0 when nobody has to; 1 when there are alerts, and the line begins with the gravest kind; 69 when no broker \
      answers; 77 without the role observer or operator. What each alert means and what to do about it: docs/reference/alerts.md, and --advice. With --json one \
      object: state (healthy, warning, critical; not-critical with --critical where there are warnings), the broker's name, and the alerts with code, severity, subject, text and advice.

      EXAMPLE: casus health --home casus-home
      EXAMPLE: casus health --critical --json
      """)

  @OptionGroup var link: LinkOptions

  @Flag(help: "Look at critical alerts only.")
  var critical = false

  @Flag(help: "One JSON object.")
  var json = false

  @Flag(help: "A line for each alert and one for what to do about it.")
  var advice = false

  func validate() throws {
    if json, advice { throw ValidationError("--json has the advice in it; leave --advice out") }
  }

  func run() async throws {
    let bytes = try await link.withBus("health") { bus in try await bus.request("status", [:]) }
    let view = try HealthView(StatusView.decode(bytes), criticalOnly: critical)
    if json {
      Terminal.write(line: view.json)
    } else {
      Terminal.write((advice ? view.advised : view.line) + "\n")
    }
    if !view.alerts.isEmpty { throw Failure(.partly) }
  }
}
