import ArgumentParser
import CasusEvents
import CasusNames
import CasusPlugin
import CasusWire
import SystemFiles

/// The broker's figures for Prometheus.
struct Metrics: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print the broker's figures and alerts in Prometheus' text format.",
    discussion: """
      For node_exporter's textfile collector, by a timer: --out replaces the file as a whole, so that nobody reads half of \
      it. When no broker answers, the file stays as it is and casus_status_seconds grows old: an alert of \
      deploy/prometheus/casus.rules.yaml tells it. The broker itself opens no port for it.

      EXAMPLE: casus metrics --out /var/lib/prometheus/node-exporter/casus.prom
      """)

  @OptionGroup var link: LinkOptions

  @Option(help: ArgumentHelp("Write there instead, mode 0644.", valueName: "file"))
  var out: String?

  func run() async throws {
    let bytes = try await link.withBus("metrics") { bus in try await bus.request("status", [:]) }
    let text = MetricsText(try StatusView.decode(bytes)).text
    guard let out else { return Terminal.write(text) }
    do throws(SystemError) {
      try Files.replace(out, with: Array(text.utf8), mode: 0o644, sync: false)
    } catch { throw Failure(writing: error) }
  }
}
